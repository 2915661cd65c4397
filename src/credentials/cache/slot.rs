//! The credentials of one context, and the lock for renewing them.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};
use std::time::SystemTime;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::entry::{self, Entry, State};
use crate::credentials::{Credentials, CredentialsContext, CredentialsError};
use crate::endpoint::without_secrets;
use crate::region::Region;

/// The part of a context that decides which credentials a provider returns.
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

/// The credentials of one key.
#[derive(Default)]
pub(super) struct Slot {
    region: Option<Region>,
    iam_endpoint: Option<String>,
    pub(super) entry: RwLock<Option<Entry>>,
    /// Held while the provider is asked. Contains the failure of the last load, for the callers
    /// that waited for it.
    pub(super) loading: Mutex<Option<CredentialsError>>,
    /// How many loads have ended.
    pub(super) loads: AtomicU64,
}

impl Slot {
    pub(super) fn new(key: Key<'_>) -> Self {
        let iam_endpoint = key.iam_endpoint.map(str::to_owned);
        Self { region: key.region.cloned(), iam_endpoint, ..Self::default() }
    }

    pub(super) fn has(&self, key: Key<'_>) -> bool {
        self.region.as_ref() == key.region && self.iam_endpoint.as_deref() == key.iam_endpoint
    }

    pub(super) fn state(&self) -> State {
        let entry = self.entry.read().unwrap_or_else(PoisonError::into_inner);
        entry.as_ref().map_or(State::None, |entry| entry.state(SystemTime::now(), Instant::now()))
    }

    pub(super) fn entry(&self) -> RwLockWriteGuard<'_, Option<Entry>> {
        self.entry.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the end of a load.
    pub(super) fn loaded(&self, loaded: Option<&Credentials>) {
        let (now, at) = (SystemTime::now(), Instant::now());
        let mut entry = self.entry();
        if let Some(entry) = entry.as_mut() {
            entry.note_response(at);
        }
        if let Some(credentials) = loaded {
            *entry = Some(Entry::new(credentials.clone(), now, at).following(entry.as_ref()));
        }
    }

    pub(super) fn pause(&self) {
        if let Some(entry) = self.entry().as_mut() {
            entry.not_before = Some(Instant::now() + entry::PAUSE);
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("region", &self.region)
            // It may contain a password.
            .field("iam_endpoint", &self.iam_endpoint.as_deref().map(without_secrets))
            .field("entry", &self.entry)
            .finish_non_exhaustive()
    }
}
