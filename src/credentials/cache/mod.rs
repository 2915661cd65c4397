//! Keeps credentials until they run out.

mod kept;
mod place;

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::timeout;

use self::kept::{Kept, State};
pub(super) use self::place::Key;
use self::place::Place;
use super::{Credentials, CredentialsContext, CredentialsError, ProvideCredentials};
use crate::BoxFuture;

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
mod tests;
