//! Keeps keys until they run out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::{Credentials, CredentialsError, ProvideCredentials};
use crate::BoxFuture;
use crate::region::Region;

/// How much time is left to keys that are renewed, at most: what the official SDKs do.
const WINDOW: Duration = Duration::from_secs(40 * 60);

/// How long another try waits after the start of one that failed, while the keys still hold.
const PAUSE: Duration = Duration::from_secs(30);

/// How long a caller waits for new keys while the old ones still hold.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps the keys of another provider, and asks it again before they run out.
///
/// - Keys are renewed when less than 40 minutes are left to them, or less than half of the time that they had when they
///   came, whichever is shorter. There is no task in the background: the next call renews them. Keys without an
///   [expiry](Credentials::expiry) are kept for good.
/// - The provider is asked once at a time. Callers that need its answer wait for it, and share it if it is a failure;
///   while the old keys hold, only the caller who asks waits. A caller that is cancelled leaves the work to the next one.
/// - When renewing fails or takes longer than 5 seconds, or its caller is cancelled, the old keys are used as long as they
///   hold, and the next try comes after 30 seconds. Failures are not kept.
/// - Keys that the service [refused](ProvideCredentials::refused) are dropped, and the provider is asked for others.
/// - Keys that have run out by this machine's clock when they come are handed out all the same, for the clock may be wrong;
///   the provider is asked again after 30 seconds.
///
/// [`MetadataCredentials`](super::MetadataCredentials) and [`FederalCredentials`](super::FederalCredentials) do this by
/// themselves; wrap a provider of your own.
#[derive(Debug)]
pub struct CachedCredentials<P> {
    provider: P,
    kept: RwLock<Option<Kept>>,
    /// Held while the provider is asked. In it, how the last load failed, for those who waited for it.
    loading: Mutex<Option<CredentialsError>>,
    /// How many loads have come to their end.
    loads: AtomicU64,
}

#[derive(Debug)]
struct Kept {
    credentials: Credentials,
    /// They are due when less than this is left.
    window: Duration,
    /// They had run out when they came.
    came_expired: bool,
    /// The provider is not asked again before.
    not_before: Option<Instant>,
}

enum State {
    Fresh(Credentials),
    /// To be renewed, but they still hold.
    Due(Credentials),
    None,
}

impl Kept {
    fn new(credentials: Credentials, now: SystemTime, at: Instant) -> Self {
        let left = left(&credentials, now);
        let came_expired = left == Some(Duration::ZERO);
        let window = left.map_or(Duration::ZERO, |left| WINDOW.min(left / 2));
        Self { credentials, window, came_expired, not_before: came_expired.then(|| at + PAUSE) }
    }

    fn state(&self, now: SystemTime, at: Instant) -> State {
        let Some(left) = left(&self.credentials, now) else { return State::Fresh(self.credentials.clone()) };
        let waits = self.not_before.is_some_and(|not_before| at < not_before);
        if left.is_zero() && !(self.came_expired && waits) {
            State::None
        } else if waits || left >= self.window {
            State::Fresh(self.credentials.clone())
        } else {
            State::Due(self.credentials.clone())
        }
    }
}

/// How long the keys hold; `None` for permanent ones.
fn left(credentials: &Credentials, now: SystemTime) -> Option<Duration> {
    credentials.expiry().map(|expiry| expiry.duration_since(now).unwrap_or_default())
}

impl<P> CachedCredentials<P> {
    /// Asks nobody yet.
    #[must_use]
    pub fn new(provider: P) -> Self {
        Self { provider, kept: RwLock::default(), loading: Mutex::default(), loads: AtomicU64::new(0) }
    }

    /// The provider alone. The keys are forgotten.
    pub(super) fn into_inner(self) -> P {
        self.provider
    }

    fn state(&self) -> State {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map_or(State::None, |kept| kept.state(SystemTime::now(), Instant::now()))
    }

    fn keep(&self, credentials: Credentials) {
        let kept = Kept::new(credentials, SystemTime::now(), Instant::now());
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }

    fn pause(&self) {
        if let Some(kept) = self.kept.write().unwrap_or_else(PoisonError::into_inner).as_mut() {
            kept.not_before = Some(Instant::now() + PAUSE);
        }
    }
}

impl<P: ProvideCredentials> CachedCredentials<P> {
    async fn get(&self) -> Result<Credentials, CredentialsError> {
        let loads = self.loads.load(Ordering::Acquire);
        let mut failure = match self.state() {
            State::Fresh(credentials) => return Ok(credentials),
            State::Due(credentials) => match self.loading.try_lock() {
                Ok(failure) => failure,
                Err(_) => return Ok(credentials),
            },
            State::None => self.loading.lock().await,
        };
        // Another caller may have been first.
        let is_due = match (self.state(), &*failure) {
            (State::Fresh(credentials), _) => return Ok(credentials),
            (State::None, Some(failure)) if self.loads.load(Ordering::Acquire) != loads => return Err(failure.clone()),
            (state, _) => matches!(state, State::Due(_)),
        };
        let loaded = if is_due {
            // Before anything is awaited, so that it is noted even if this caller is cancelled.
            self.pause();
            self.renewed().await
        } else {
            self.provider.provide().await
        };
        self.loads.fetch_add(1, Ordering::Release);
        *failure = loaded.as_ref().err().cloned();
        match loaded {
            Ok(credentials) => {
                self.keep(credentials.clone());
                Ok(credentials)
            }
            Err(error) => match self.state() {
                State::Fresh(credentials) | State::Due(credentials) => {
                    #[cfg(feature = "tracing")]
                    tracing::warn!(
                        provider = self.provider.name(),
                        error = &error as &(dyn std::error::Error + 'static),
                        "the keys could not be renewed; the old ones are used as long as they hold"
                    );
                    Ok(credentials)
                }
                State::None => Err(error),
            },
        }
    }

    /// New keys, if they come in time. When the old ones have run out meanwhile, there is no more hurry.
    async fn renewed(&self) -> Result<Credentials, CredentialsError> {
        let mut asked = self.provider.provide();
        match timeout(PATIENCE, &mut asked).await {
            Ok(loaded) => loaded,
            Err(_) if matches!(self.state(), State::None) => asked.await,
            Err(_) => Err(CredentialsError::failed("renewing the keys took too long", format!("{PATIENCE:?}"))),
        }
    }
}

impl<P: ProvideCredentials> ProvideCredentials for CachedCredentials<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(self.get())
    }

    fn check(&self) -> Result<(), CredentialsError> {
        self.provider.check()
    }

    fn place(&self, region: Option<&Region>, iam_endpoint: Option<&str>) {
        self.provider.place(region, iam_endpoint);
    }

    fn refused(&self, credentials: &Credentials) {
        {
            let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            if kept.as_ref().is_some_and(|kept| kept.credentials.are_the_keys_of(credentials)) {
                *kept = None;
            }
        }
        self.provider.refused(credentials);
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

    const MINUTE: Duration = Duration::from_secs(60);

    fn keys(name: &str) -> Credentials {
        Credentials::new(name, "secret")
    }

    #[test]
    fn when_keys_are_due() {
        let (now, at) = (SystemTime::now(), Instant::now());
        let shown = |kept: &Kept, later: Duration| match kept.state(now + later, at + later) {
            State::Fresh(_) => "fresh",
            State::Due(_) => "due",
            State::None => "none",
        };
        for (lifetime, states) in [
            (24 * 60 * MINUTE, [(23 * 60, "fresh"), (24 * 60 - 40, "fresh"), (24 * 60 - 39, "due"), (24 * 60, "none")]),
            (60 * MINUTE, [(20, "fresh"), (30, "fresh"), (31, "due"), (60, "none")]),
            (10 * MINUTE, [(0, "fresh"), (5, "fresh"), (6, "due"), (11, "none")]),
        ] {
            let kept = Kept::new(keys("a").expires_at(now + lifetime), now, at);
            for (minutes, state) in states {
                assert_eq!(shown(&kept, minutes * MINUTE), state, "{lifetime:?} after {minutes} minutes");
            }
        }
        let permanent = Kept::new(keys("a"), now, at);
        assert_eq!(shown(&permanent, 100_000 * MINUTE), "fresh");
        let expired = Kept::new(keys("a").expires_at(now - MINUTE), now, at);
        assert_eq!(shown(&expired, Duration::from_secs(29)), "fresh", "this machine's clock may be ahead");
        assert_eq!(shown(&expired, Duration::from_secs(30)), "none");
        let mut paused = Kept::new(keys("a").expires_at(now + MINUTE), now, at);
        paused.not_before = Some(at + Duration::from_secs(50));
        assert_eq!(shown(&paused, Duration::from_secs(45)), "fresh");
        assert_eq!(shown(&paused, Duration::from_secs(55)), "due");
        paused.not_before = Some(at + 2 * MINUTE);
        assert_eq!(shown(&paused, MINUTE), "none", "a pause does not outlive the keys");
    }

    /// Gives a new key at each call but those that are to fail.
    #[derive(Debug)]
    struct Counting {
        calls: AtomicUsize,
        fails: fn(usize) -> bool,
    }

    impl ProvideCredentials for Counting {
        fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
            let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if (self.fails)(call) {
                    return Err(CredentialsError::failed(format!("call {call} failed"), "on purpose"));
                }
                Ok(keys(&format!("key-{call}")).expires_at(SystemTime::now() + 60 * MINUTE))
            })
        }
    }

    fn cached(fails: fn(usize) -> bool) -> CachedCredentials<Counting> {
        CachedCredentials::new(Counting { calls: AtomicUsize::new(0), fails })
    }

    impl CachedCredentials<Counting> {
        /// Puts the keys in the last part of their time.
        fn make_due(&self) {
            self.kept.write().unwrap().as_mut().unwrap().window = Duration::MAX;
        }

        fn make_expired(&self) {
            let mut kept = self.kept.write().unwrap();
            let kept = kept.as_mut().unwrap();
            kept.credentials = kept.credentials.clone().expires_at(SystemTime::now() - MINUTE);
        }

        async fn key(&self) -> String {
            self.provide().await.unwrap().access_key().to_owned()
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
        fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
            let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
            Box::pin(async move {
                tokio::time::sleep(if call == 1 { Duration::ZERO } else { self.slow }).await;
                Ok(keys(&format!("key-{call}")).expires_at(SystemTime::now() + 60 * MINUTE))
            })
        }
    }

    async fn slow(slow: Duration) -> CachedCredentials<Slow> {
        let cached = CachedCredentials::new(Slow { calls: AtomicUsize::new(0), slow });
        cached.provide().await.unwrap();
        cached.kept.write().unwrap().as_mut().unwrap().window = Duration::MAX;
        cached
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_never_answers_costs_five_seconds_once_in_thirty() {
        let cached = slow(Duration::MAX).await;
        for calls in 2..5 {
            let started = Instant::now();
            for _ in 0..3 {
                assert_eq!(cached.provide().await.unwrap().access_key(), "key-1");
            }
            assert_eq!((started.elapsed(), cached.provider.calls.load(Ordering::Relaxed)), (PATIENCE, calls));
            tokio::time::advance(PAUSE).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_caller_does_not_make_the_next_ones_wait() {
        let cached = slow(Duration::MAX).await;
        let limit = Duration::from_secs(1);
        assert!(timeout(limit, cached.provide()).await.is_err());
        let started = Instant::now();
        for _ in 0..3 {
            assert_eq!(timeout(limit, cached.provide()).await.unwrap().unwrap().access_key(), "key-1");
        }
        assert_eq!((started.elapsed(), cached.provider.calls.load(Ordering::Relaxed)), (Duration::ZERO, 2));
        tokio::time::advance(PAUSE).await;
        assert!(timeout(limit, cached.provide()).await.is_err(), "the next try");
    }

    #[tokio::test(start_paused = true)]
    async fn when_the_old_keys_run_out_meanwhile_the_new_ones_are_waited_for() {
        let cached = slow(Duration::from_secs(20)).await;
        let run_out = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let mut kept = cached.kept.write().unwrap();
            let kept = kept.as_mut().unwrap();
            kept.credentials = kept.credentials.clone().expires_at(SystemTime::now() - MINUTE);
        };
        let (keys, ()) = tokio::join!(cached.provide(), run_out);
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
        tokio::time::advance(PAUSE).await;
        assert_eq!(cached.key().await, "key-1");
        assert_eq!(cached.calls(), 3);
        tokio::time::advance(PAUSE).await;
        assert_eq!(cached.key().await, "key-4");
        cached.make_expired();
        let error = cached.provide().await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (CredentialsErrorKind::Failed, "call 5 failed"));
        assert_eq!(cached.provide().await.unwrap_err().to_string(), "call 6 failed", "nothing holds, nothing waits");
    }
}
