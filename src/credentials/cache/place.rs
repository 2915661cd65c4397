//! What is kept for one context.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};
use std::time::SystemTime;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::kept::{self, Kept, State};
use crate::credentials::{Credentials, CredentialsContext, CredentialsError};
use crate::endpoint::without_secrets;
use crate::region::Region;

/// What decides which credentials a provider gives.
#[derive(Clone, Copy, Default)]
pub(in crate::credentials) struct Key<'k> {
    region: Option<&'k Region>,
    iam_endpoint: Option<&'k str>,
}

impl<'k> Key<'k> {
    pub(in crate::credentials) fn of(context: &'k CredentialsContext) -> Self {
        Self { region: context.region(), iam_endpoint: context.iam_endpoint() }
    }
}

/// What is kept for one key.
#[derive(Default)]
pub(super) struct Place {
    region: Option<Region>,
    iam_endpoint: Option<String>,
    pub(super) kept: RwLock<Option<Kept>>,
    /// Held while the provider is asked. In it, how the last load failed, for those who waited for it.
    pub(super) loading: Mutex<Option<CredentialsError>>,
    /// How many loads have come to their end.
    pub(super) loads: AtomicU64,
}

impl Place {
    pub(super) fn new(key: Key<'_>) -> Self {
        let iam_endpoint = key.iam_endpoint.map(str::to_owned);
        Self { region: key.region.cloned(), iam_endpoint, ..Self::default() }
    }

    pub(super) fn has(&self, key: Key<'_>) -> bool {
        self.region.as_ref() == key.region && self.iam_endpoint.as_deref() == key.iam_endpoint
    }

    pub(super) fn state(&self) -> State {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map_or(State::None, |kept| kept.state(SystemTime::now(), Instant::now()))
    }

    pub(super) fn kept(&self) -> RwLockWriteGuard<'_, Option<Kept>> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a load has come to its end.
    pub(super) fn loaded(&self, loaded: Option<&Credentials>) {
        let (now, at) = (SystemTime::now(), Instant::now());
        let mut kept = self.kept();
        if let Some(kept) = kept.as_mut() {
            kept.asked(at);
        }
        if let Some(credentials) = loaded {
            *kept = Some(Kept::new(credentials.clone(), now, at).following(kept.as_ref()));
        }
    }

    pub(super) fn pause(&self) {
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
