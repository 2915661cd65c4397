//! Keeps credentials until they run out.

mod kept;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use self::kept::{Kept, State};
use super::{Credentials, CredentialsContext, CredentialsError, ProvideCredentials};
use crate::BoxFuture;
use crate::endpoint::without_secrets;
use crate::region::Region;

/// How long a caller waits for new credentials while the old ones still hold.
const PATIENCE: Duration = Duration::from_secs(5);

/// For how many places credentials are kept.
const MAX_PLACES: usize = 64;

/// Keeps the credentials of another provider, and asks it again before they run out.
///
/// - They are kept for each place, which is what the [context](CredentialsContext) says of region and IAM: clients in two
///   regions get credentials of their own from one `CachedCredentials`. The transport makes no difference. Of more than 64
///   places the first is forgotten.
/// - Credentials are renewed when less than 40 minutes are left to them, or less than half of the time that they had when
///   they came, whichever is shorter. There is no task in the background: the next call renews them. Credentials without an
///   [expiry](Credentials::expiry) are kept for good.
/// - The provider is asked once at a time for a place. Callers that need its answer wait for it, and share it if it is a
///   failure; while the old credentials hold, only the caller who asks waits. A caller that is cancelled leaves the work to
///   the next one.
/// - When renewing fails or takes longer than 5 seconds, or its caller is cancelled, the old credentials are used as long as
///   they hold, and the next try comes after 30 seconds. Failures are not kept.
/// - When the service [refused](ProvideCredentials::refused) the credentials, the next call asks the provider at once. If it
///   gives the same again, or other ones that are refused as well, it is asked every 30 seconds; in between, calls get what
///   is there, for the service may change its mind.
/// - Credentials that have already expired by this machine's clock when they arrive are used anyway, because the clock may be
///   wrong; the provider is asked again after 30 seconds.
///
/// [`MetadataCredentials`](super::MetadataCredentials) and [`FederatedCredentials`](super::FederatedCredentials) do this by
/// themselves; wrap a provider of your own.
#[derive(Debug)]
pub struct CachedCredentials<P> {
    provider: P,
    /// In the order in which they were first asked for.
    places: RwLock<Vec<Arc<Place>>>,
}

/// What decides which credentials a provider gives.
#[derive(Clone, Copy, Default)]
pub(super) struct Key<'k> {
    region: Option<&'k Region>,
    iam_endpoint: Option<&'k str>,
}

impl<'k> Key<'k> {
    pub(super) fn of(context: &'k CredentialsContext) -> Self {
        Self { region: context.region(), iam_endpoint: context.iam_endpoint() }
    }
}

/// What is kept for one key.
#[derive(Default)]
struct Place {
    region: Option<Region>,
    iam_endpoint: Option<String>,
    kept: RwLock<Option<Kept>>,
    /// Held while the provider is asked. In it, how the last load failed, for those who waited for it.
    loading: Mutex<Option<CredentialsError>>,
    /// How many loads have come to their end.
    loads: AtomicU64,
}

impl Place {
    fn new(key: Key<'_>) -> Self {
        let iam_endpoint = key.iam_endpoint.map(str::to_owned);
        Self { region: key.region.cloned(), iam_endpoint, ..Self::default() }
    }

    fn has(&self, key: Key<'_>) -> bool {
        self.region.as_ref() == key.region && self.iam_endpoint.as_deref() == key.iam_endpoint
    }

    fn state(&self) -> State {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map_or(State::None, |kept| kept.state(SystemTime::now(), Instant::now()))
    }

    fn kept(&self) -> RwLockWriteGuard<'_, Option<Kept>> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a load has come to its end.
    fn loaded(&self, loaded: Option<&Credentials>) {
        let (now, at) = (SystemTime::now(), Instant::now());
        let mut kept = self.kept();
        if let Some(kept) = kept.as_mut() {
            kept.asked(at);
        }
        if let Some(credentials) = loaded {
            *kept = Some(Kept::new(credentials.clone(), now, at).following(kept.as_ref()));
        }
    }

    fn pause(&self) {
        if let Some(kept) = self.kept().as_mut() {
            kept.not_before = Some(Instant::now() + kept::PAUSE);
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place")
            .field("region", &self.region)
            // It may have a password in it.
            .field("iam_endpoint", &self.iam_endpoint.as_deref().map(without_secrets))
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

impl<P> CachedCredentials<P> {
    /// Wraps a provider. Requests nothing yet.
    #[must_use]
    pub fn new(provider: P) -> Self {
        Self { provider, places: RwLock::default() }
    }

    /// The provider alone. The credentials are forgotten.
    pub(super) fn into_inner(self) -> P {
        self.provider
    }

    pub(super) fn provider(&self) -> &P {
        &self.provider
    }

    fn place(&self, key: Key<'_>) -> Arc<Place> {
        let find = |places: &[Arc<Place>]| places.iter().find(|place| place.has(key)).cloned();
        if let Some(place) = find(&self.places.read().unwrap_or_else(PoisonError::into_inner)) {
            return place;
        }
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = find(&places) {
            return place;
        }
        if places.len() >= MAX_PLACES {
            places.remove(0);
        }
        let place = Arc::new(Place::new(key));
        places.push(Arc::clone(&place));
        place
    }

    fn each_kept(&self, mut visit: impl FnMut(&mut Kept)) {
        for place in self.places.read().unwrap_or_else(PoisonError::into_inner).iter() {
            if let Some(kept) = place.kept().as_mut() {
                visit(kept);
            }
        }
    }

    /// Returns `true` if the service has refused what is kept for some place.
    pub(super) fn is_refused(&self) -> bool {
        let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
        places.iter().any(|place| {
            let kept = place.kept.read().unwrap_or_else(PoisonError::into_inner);
            kept.as_ref().is_some_and(Kept::is_refused)
        })
    }

    /// Has the provider asked without a pause for what was refused: its source has changed.
    pub(super) fn ask_again(&self) {
        self.each_kept(Kept::ask_again);
    }
}

impl<P: ProvideCredentials> CachedCredentials<P> {
    /// The credentials of `key`, for which `context` stands.
    pub(super) async fn get(
        &self,
        key: Key<'_>,
        context: &CredentialsContext,
    ) -> Result<Credentials, CredentialsError> {
        let place = self.place(key);
        let loads = place.loads.load(Ordering::Acquire);
        let mut failure = match place.state() {
            State::Fresh(credentials) => return Ok(credentials),
            State::Due(credentials) => match place.loading.try_lock() {
                Ok(failure) => failure,
                Err(_) => return Ok(credentials),
            },
            State::None => {
                let failure = place.loading.lock().await;
                // Another caller may have been first, and have failed.
                if let Some(shared) = failure.as_ref().filter(|_| place.loads.load(Ordering::Acquire) != loads) {
                    return Err(shared.clone());
                }
                failure
            }
        };
        // Or have succeeded.
        let is_due = match place.state() {
            State::Fresh(credentials) => return Ok(credentials),
            State::Due(_) => true,
            State::None => false,
        };
        let loaded = if is_due {
            // Before anything is awaited, so that it is noted even if this caller is cancelled.
            place.pause();
            self.renewed(&place, context).await
        } else {
            self.provider.provide(context).await
        };
        place.loaded(loaded.as_ref().ok());
        place.loads.fetch_add(1, Ordering::Release);
        *failure = loaded.as_ref().err().cloned();
        match (loaded, place.state()) {
            (Err(error), State::Fresh(credentials) | State::Due(credentials)) if is_due => {
                #[cfg(feature = "tracing")]
                tracing::warn!(
                    provider = self.provider.name(),
                    error = &error as &(dyn std::error::Error + 'static),
                    "the keys could not be renewed; the old ones are used as long as they hold"
                );
                drop(error);
                Ok(credentials)
            }
            (loaded, _) => loaded,
        }
    }

    /// New credentials, if they come in time. When the old ones have run out meanwhile, there is no more hurry.
    async fn renewed(&self, place: &Place, context: &CredentialsContext) -> Result<Credentials, CredentialsError> {
        let mut asked = self.provider.provide(context);
        match timeout(PATIENCE, &mut asked).await {
            Ok(loaded) => loaded,
            Err(_) if matches!(place.state(), State::None) => asked.await,
            Err(_) => Err(CredentialsError::failed("renewing the keys took too long", format!("{PATIENCE:?}"))),
        }
    }
}

impl<P: ProvideCredentials> ProvideCredentials for CachedCredentials<P> {
    fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.get(Key::of(context), context))
    }

    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        self.provider.check(context)
    }

    fn refused(&self, credentials: &Credentials) {
        self.each_kept(|kept| kept.refuse(credentials));
        self.provider.refused(credentials);
    }

    fn is_assumed(&self) -> bool {
        self.provider.is_assumed()
    }

    fn name(&self) -> &str {
        self.provider.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::CredentialsErrorKind;
    use std::sync::atomic::AtomicUsize;

    impl<P: ProvideCredentials> CachedCredentials<P> {
        async fn ask(&self) -> Result<Credentials, CredentialsError> {
            self.provide(&CredentialsContext::default()).await
        }

        /// Changes what is kept for the one place that there is.
        fn change(&self, change: impl FnOnce(&mut Kept)) {
            change(self.place(Key::default()).kept().as_mut().unwrap());
        }

        /// Puts the keys in the last part of their time.
        fn make_due(&self) {
            self.change(|kept| kept.window = Duration::MAX);
        }

        fn make_expired(&self) {
            self.change(|kept| kept.credentials = kept.credentials.clone().with_expiry(SystemTime::now() - MINUTE));
        }
    }

    const MINUTE: Duration = Duration::from_secs(60);

    fn keys(name: &str) -> Credentials {
        Credentials::new(name, "secret")
    }

    /// Gives a new key at each call but those that are to fail.
    #[derive(Debug)]
    struct Counting {
        calls: AtomicUsize,
        fails: fn(usize) -> bool,
    }

    impl ProvideCredentials for Counting {
        fn provide<'a>(&'a self, _: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if (self.fails)(call) {
                    return Err(CredentialsError::failed(format!("call {call} failed"), "on purpose"));
                }
                Ok(keys(&format!("key-{call}")).with_expiry(SystemTime::now() + 60 * MINUTE))
            })
        }
    }

    fn cached(fails: fn(usize) -> bool) -> CachedCredentials<Counting> {
        CachedCredentials::new(Counting { calls: AtomicUsize::new(0), fails })
    }

    impl CachedCredentials<Counting> {
        async fn key(&self) -> String {
            self.ask().await.unwrap().access_key().to_owned()
        }

        fn calls(&self) -> usize {
            self.provider.calls.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn due_keys_are_renewed_and_only_one_caller_waits() {
        let cached = cached(|_| false);
        assert_eq!((cached.key().await, cached.key().await), ("key-1".to_owned(), "key-1".to_owned()));
        cached.make_due();
        let (renewing, other) = tokio::join!(cached.key(), cached.key());
        assert_eq!((renewing.as_str(), other.as_str()), ("key-2", "key-1"));
        assert_eq!(cached.calls(), 2);
        cached.make_expired();
        let (renewing, other) = tokio::join!(cached.key(), cached.key());
        assert_eq!((renewing.as_str(), other.as_str(), cached.calls()), ("key-3", "key-3", 3));
    }

    /// Gives keys at once, and from then on never answers before `slow` has passed.
    #[derive(Debug)]
    struct Slow {
        calls: AtomicUsize,
        slow: Duration,
    }

    impl ProvideCredentials for Slow {
        fn provide<'a>(&'a self, _: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
            Box::pin(async move {
                tokio::time::sleep(if call == 1 { Duration::ZERO } else { self.slow }).await;
                Ok(keys(&format!("key-{call}")).with_expiry(SystemTime::now() + 60 * MINUTE))
            })
        }
    }

    async fn slow(slow: Duration) -> CachedCredentials<Slow> {
        let cached = CachedCredentials::new(Slow { calls: AtomicUsize::new(0), slow });
        cached.ask().await.unwrap();
        cached.make_due();
        cached
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_never_answers_costs_five_seconds_once_in_thirty() {
        let cached = slow(Duration::MAX).await;
        for calls in 2..5 {
            let started = Instant::now();
            for _ in 0..3 {
                assert_eq!(cached.ask().await.unwrap().access_key(), "key-1");
            }
            assert_eq!((started.elapsed(), cached.provider.calls.load(Ordering::Relaxed)), (PATIENCE, calls));
            tokio::time::advance(kept::PAUSE).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_caller_does_not_make_the_next_ones_wait() {
        let cached = slow(Duration::MAX).await;
        let limit = Duration::from_secs(1);
        assert!(timeout(limit, cached.ask()).await.is_err());
        let started = Instant::now();
        for _ in 0..3 {
            assert_eq!(timeout(limit, cached.ask()).await.unwrap().unwrap().access_key(), "key-1");
        }
        assert_eq!((started.elapsed(), cached.provider.calls.load(Ordering::Relaxed)), (Duration::ZERO, 2));
        tokio::time::advance(kept::PAUSE).await;
        assert!(timeout(limit, cached.ask()).await.is_err(), "the next try");
    }

    #[tokio::test(start_paused = true)]
    async fn when_the_old_keys_run_out_meanwhile_the_new_ones_are_waited_for() {
        let cached = slow(Duration::from_secs(20)).await;
        let run_out = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            cached.make_expired();
        };
        let (keys, ()) = tokio::join!(cached.ask(), run_out);
        assert_eq!(keys.unwrap().access_key(), "key-2");
        assert_eq!(cached.provider.calls.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn keys_that_hold_are_used_when_renewing_fails() {
        let cached = cached(|call| call != 1 && call != 4);
        assert_eq!(cached.key().await, "key-1");
        cached.make_due();
        assert_eq!(cached.key().await, "key-1");
        assert_eq!(cached.key().await, "key-1");
        assert_eq!(cached.calls(), 2, "the next try waits");
        tokio::time::advance(kept::PAUSE).await;
        assert_eq!(cached.key().await, "key-1");
        assert_eq!(cached.calls(), 3);
        tokio::time::advance(kept::PAUSE).await;
        assert_eq!(cached.key().await, "key-4");
        cached.make_expired();
        let error = cached.ask().await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (CredentialsErrorKind::Failed, "call 5 failed"));
        assert_eq!(cached.ask().await.unwrap_err().to_string(), "call 6 failed", "nothing holds, nothing waits");
    }
}
