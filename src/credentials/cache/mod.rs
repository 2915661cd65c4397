//! Credentials that are kept until they expire.

mod entry;
mod slot;

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::timeout;

use self::entry::{Entry, State};
pub(super) use self::slot::Key;
use self::slot::Slot;
use super::{Credentials, CredentialsContext, CredentialsError, ProvideCredentials};
use crate::BoxFuture;

/// Implements for a provider that is a cache, in its field `0`, the methods of the trait that the
/// cache has for it. The docs are those of `check`.
macro_rules! by_cache {
    ($(#[$docs:meta])+ check) => {
        $(#[$docs])+
        fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
            self.0.check(context)
        }

        fn refused(&self, credentials: &Credentials) {
            self.0.refused(credentials);
        }

        fn name(&self) -> &str {
            self.0.name()
        }
    };
}
pub(super) use by_cache;

/// How long a caller waits for new credentials while the current ones are still valid.
const PATIENCE: Duration = Duration::from_secs(5);

/// For how many contexts credentials are kept.
const MAX_CONTEXTS: usize = 64;

/// A provider that keeps the credentials of another provider, and renews them before they expire.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// use huaweicloud_cts::credentials::{CachedCredentials, Credentials, CredentialsContext, ProvideCredentials};
///
/// let provider = CachedCredentials::new(Credentials::new("AK", "SK")); // or a provider that asks a vault
/// let credentials = provider.provide(&CredentialsContext::new()).await?;
/// assert_eq!(credentials.access_key(), "AK");
/// # Ok::<(), huaweicloud_cts::credentials::CredentialsError>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// - Credentials are kept for each region and IAM endpoint of a [context](CredentialsContext):
///   clients in two regions get their own credentials from one `CachedCredentials`. The transport
///   makes no difference. Beyond 64 contexts, the oldest is dropped.
/// - Credentials are renewed when less than 40 minutes, or less than half of the lifetime that they
///   had on arrival, are left, whichever is shorter. There is no task in the background: the next
///   call renews them. Credentials without an [expiry](Credentials::expiry) are kept forever.
/// - For a context, the provider is asked once at a time. Callers that need new credentials wait
///   for the result, and share it if it is a failure; while the current credentials are valid, only
///   the caller that asks waits. If that caller is cancelled, the next one asks.
/// - If renewing fails or takes longer than 5 seconds, or its caller is cancelled, the current
///   credentials are used while they are valid, and the next attempt follows after 30 seconds.
///   Failures are not kept.
/// - After the service [refused](ProvideCredentials::refused) the credentials, the next call asks
///   the provider immediately. If it returns the same credentials, or others that are refused too,
///   it is asked every 30 seconds. In between, calls get the credentials at hand, because the
///   service may accept them later.
/// - Credentials that have already expired by this machine's clock when they arrive are used
///   anyway, because the clock may be wrong; the provider is asked again after 30 seconds.
///
/// Clones share the credentials.
///
/// The providers of this crate that send requests do this themselves; wrap your own.
#[derive(Clone, Debug)]
pub struct CachedCredentials<P> {
    provider: P,
    /// Ordered by the first request.
    slots: Arc<RwLock<Vec<Arc<Slot>>>>,
}

impl<P> CachedCredentials<P> {
    /// Wraps a provider. Asks it for nothing yet.
    #[must_use]
    pub fn new(provider: P) -> Self {
        Self { provider, slots: Arc::default() }
    }

    /// Returns the provider, and drops the credentials.
    pub(super) fn into_inner(self) -> P {
        self.provider
    }

    pub(super) fn provider(&self) -> &P {
        &self.provider
    }

    fn slot(&self, key: Key<'_>) -> Arc<Slot> {
        let find = |slots: &[Arc<Slot>]| slots.iter().find(|slot| slot.has(key)).cloned();
        if let Some(slot) = find(&self.slots.read().unwrap_or_else(PoisonError::into_inner)) {
            return slot;
        }
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = find(&slots) {
            return slot;
        }
        if slots.len() >= MAX_CONTEXTS {
            slots.remove(0);
        }
        let slot = Arc::new(Slot::new(key));
        slots.push(Arc::clone(&slot));
        slot
    }

    fn each_entry(&self, mut visit: impl FnMut(&mut Entry)) {
        for slot in self.slots.read().unwrap_or_else(PoisonError::into_inner).iter() {
            if let Some(entry) = slot.entry().as_mut() {
                visit(entry);
            }
        }
    }

    /// Returns `true` if the service has refused the credentials of any context.
    pub(super) fn is_refused(&self) -> bool {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        slots.iter().any(|slot| {
            let entry = slot.entry.read().unwrap_or_else(PoisonError::into_inner);
            entry.as_ref().is_some_and(Entry::is_refused)
        })
    }

    /// Ends the pause after a refusal, because the source of the credentials has changed.
    pub(super) fn end_pause(&self) {
        self.each_entry(Entry::end_pause);
    }
}

impl<P: ProvideCredentials> CachedCredentials<P> {
    /// Returns the credentials for `key`, and asks the provider with `context` if there are none.
    pub(super) async fn get(
        &self,
        key: Key<'_>,
        context: &CredentialsContext,
    ) -> Result<Credentials, CredentialsError> {
        let slot = self.slot(key);
        let loads = slot.loads.load(Ordering::Acquire);
        let mut failure = match slot.state() {
            State::Fresh(credentials) => return Ok(credentials),
            State::Due(credentials) => match slot.loading.try_lock() {
                Ok(failure) => failure,
                Err(_) => return Ok(credentials),
            },
            State::None => {
                let failure = slot.loading.lock().await;
                // While this caller waited, another one may have failed.
                if let Some(shared) =
                    failure.as_ref().filter(|_| slot.loads.load(Ordering::Acquire) != loads)
                {
                    return Err(shared.clone());
                }
                failure
            }
        };
        // Or another one may have succeeded.
        let is_due = match slot.state() {
            State::Fresh(credentials) => return Ok(credentials),
            State::Due(_) => true,
            State::None => false,
        };
        let loaded = if is_due {
            // Before the first await, so that the pause holds even if this caller is cancelled.
            slot.pause();
            self.renewed(&slot, context).await
        } else {
            self.provider.provide(context).await
        };
        slot.loaded(loaded.as_ref().ok());
        slot.loads.fetch_add(1, Ordering::Release);
        *failure = loaded.as_ref().err().cloned();
        match (loaded, slot.state()) {
            (Err(error), State::Fresh(credentials) | State::Due(credentials)) if is_due => {
                #[cfg(feature = "tracing")]
                tracing::warn!(
                    provider = self.provider.name(),
                    error = &error as &(dyn std::error::Error + 'static),
                    "the credentials could not be renewed; the current ones are used while they are valid"
                );
                drop(error);
                Ok(credentials)
            }
            (loaded, _) => loaded,
        }
    }

    /// Returns new credentials if they arrive in time. If the current ones expire meanwhile, waits
    /// for as long as it takes.
    async fn renewed(
        &self,
        slot: &Slot,
        context: &CredentialsContext,
    ) -> Result<Credentials, CredentialsError> {
        let mut asked = self.provider.provide(context);
        match timeout(PATIENCE, &mut asked).await {
            Ok(loaded) => loaded,
            Err(_) if matches!(slot.state(), State::None) => asked.await,
            Err(_) => Err(CredentialsError::failed(
                "renewing the credentials took too long",
                format!("{PATIENCE:?}"),
            )),
        }
    }
}

impl<P: ProvideCredentials> ProvideCredentials for CachedCredentials<P> {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.get(Key::of(context), context))
    }

    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        self.provider.check(context)
    }

    fn refused(&self, credentials: &Credentials) {
        self.each_entry(|entry| entry.note_refusal(credentials));
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
