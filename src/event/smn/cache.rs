//! The cache of certificates.
//!
//! A sender that knows a topic can post messages that name any certificate of SMN's hosts. Such
//! messages can cause a few fetches, but not one each, and they can't evict a certificate that
//! genuine messages use.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use url::Url;

use super::certificate::Certificate;
use super::error::{SmnError, SmnErrorKind};

/// How many certificates are kept.
const SIZE: usize = 32;

/// How long a certificate is kept before it is fetched again.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a cached certificate is not fetched again, even if messages do not match it.
const RENEWAL: Duration = Duration::from_secs(5 * 60);

/// How long a failure is remembered where no certificate is kept.
const FAILURE: Duration = Duration::from_secs(15);

/// The limit of fetches within [`STRANGERS_TIME`] of certificates that have signed no message yet.
const STRANGERS: usize = 8;
const STRANGERS_TIME: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Certificates(Mutex<Known>);

#[derive(Default)]
struct Known {
    slots: HashMap<Url, Slot>,
    /// When strangers were fetched.
    strangers: VecDeque<Instant>,
}

struct Slot {
    /// Locked during a fetch, so that calls meanwhile wait for it.
    content: Arc<tokio::sync::Mutex<Content>>,
    used: Instant,
    /// Whether a message was signed by it.
    is_proven: bool,
}

#[derive(Default)]
struct Content(Option<Fetched>);

struct Fetched {
    result: Result<Arc<Certificate>, SmnError>,
    /// When the result was fetched.
    since: Instant,
    /// When a fetch was last tried.
    tried: Instant,
}

impl Certificates {
    /// Returns the certificate at `url`, fetched if it is not kept. If there is another one by now,
    /// `unfit` is not returned again.
    ///
    /// One that is kept is replaced only by one that was fetched and is valid.
    pub(super) async fn get<F>(
        &self,
        url: &Url,
        unfit: Option<&Arc<Certificate>>,
        now: SystemTime,
        fetch: impl FnOnce() -> F + Send,
    ) -> Result<Arc<Certificate>, SmnError>
    where
        F: Future<Output = Result<Certificate, SmnError>> + Send,
    {
        let content = self.lock().content(url)?;
        let mut content = content.lock().await;
        if let Some(result) = content.settled(unfit) {
            return result.clone();
        }
        match &mut content.0 {
            // Noted before the fetch: it counts even if no call waits for its end.
            Some(kept) if kept.result.is_ok() => kept.tried = Instant::now(),
            _ => self.lock().admit_stranger()?,
        }
        let fetched = fetch()
            .await
            .and_then(|fetched| fetched.check_validity(now).map(|()| Arc::new(fetched)));
        content.settle(fetched)
    }

    /// Notes that a message was signed by the certificate at `url`.
    pub(super) fn bears_out(&self, url: &Url) {
        let mut known = self.lock();
        let Some(slot) = known.slots.get_mut(url) else { return };
        slot.used = Instant::now();
        if !slot.is_proven {
            slot.is_proven = true;
            known.strangers.pop_back();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn content(&mut self, url: &Url) -> Result<Arc<tokio::sync::Mutex<Content>>, SmnError> {
        if let Some(slot) = self.slots.get(url) {
            return Ok(Arc::clone(&slot.content));
        }
        if self.slots.len() >= SIZE {
            // A slot in use is kept, since calls wait for its fetch. Strangers are evicted first.
            let unused =
                self.slots.iter().filter(|(_, slot)| Arc::strong_count(&slot.content) == 1);
            let oldest = unused
                .min_by_key(|(_, slot)| (slot.is_proven, slot.used))
                .map(|(url, _)| url.clone());
            self.slots.remove(&oldest.ok_or_else(too_many)?);
        }
        let content = Arc::default();
        let slot = Slot { content: Arc::clone(&content), used: Instant::now(), is_proven: false };
        self.slots.insert(url.clone(), slot);
        Ok(content)
    }

    fn admit_stranger(&mut self) -> Result<(), SmnError> {
        while self.strangers.front().is_some_and(|fetched| fetched.elapsed() >= STRANGERS_TIME) {
            self.strangers.pop_front();
        }
        if self.strangers.len() >= STRANGERS {
            return Err(too_many());
        }
        self.strangers.push_back(Instant::now());
        Ok(())
    }
}

impl Content {
    /// Returns the cached result, unless a fetch is due.
    fn settled(
        &self,
        unfit: Option<&Arc<Certificate>>,
    ) -> Option<&Result<Arc<Certificate>, SmnError>> {
        let Fetched { result, since, tried } = self.0.as_ref()?;
        let is_due = match result {
            Err(_) => tried.elapsed() >= FAILURE,
            Ok(kept) => {
                let is_unfit = unfit.is_some_and(|unfit| Arc::ptr_eq(unfit, kept));
                (is_unfit || since.elapsed() >= LIFETIME) && tried.elapsed() >= RENEWAL
            }
        };
        (!is_due).then_some(result)
    }

    fn settle(
        &mut self,
        fetched: Result<Arc<Certificate>, SmnError>,
    ) -> Result<Arc<Certificate>, SmnError> {
        let now = Instant::now();
        match &mut self.0 {
            Some(Fetched { result: Ok(kept), tried, .. }) if fetched.is_err() => {
                *tried = now;
                Ok(Arc::clone(kept))
            }
            content => {
                *content = Some(Fetched { result: fetched.clone(), since: now, tried: now });
                fetched
            }
        }
    }
}

fn too_many() -> SmnError {
    SmnError::new(
        SmnErrorKind::Fetch,
        "too many messages name certificates that signed none of them; this one was not fetched",
    )
}
