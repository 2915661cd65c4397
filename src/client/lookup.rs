//! Something that the client finds out once, at the first call that needs it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::credentials::CredentialsError;
use crate::error::{CallName, Cause, Error, ErrorKind, History};

/// A value that is looked up by the first call that needs it. Calls at the same time wait for it,
/// and share a failure that would be the same for each of them: a hundred refused lookups would
/// lock the access key. A call that fails for a reason of its own leaves the turn to the next.
#[derive(Debug)]
pub(super) struct Lookup<T> {
    found: OnceLock<T>,
    /// How many lookups there were.
    rounds: AtomicU64,
    /// Held by the call that looks up. Inside: how the last lookup failed, if that holds for all
    /// who waited for it.
    turn: Mutex<Option<Failed>>,
}

/// Why a lookup failed.
#[derive(Clone, Debug)]
pub(super) enum Failed {
    Request(String),
    Credentials(CredentialsError),
    Lookup { reason: String, inner: Option<Error> },
}

impl From<Failed> for Cause {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Request(reason) => Self::Request(reason),
            Failed::Credentials(error) => Self::Credentials(error),
            Failed::Lookup { reason, inner } => Self::Project { reason, inner },
        }
    }
}

impl Failed {
    /// Returns `true` if another call would fail in the same way: the service responded, and would
    /// respond the same again. What depends on the caller, such as its time limit or its number of
    /// attempts, and what may pass, is for the caller alone.
    fn is_final(&self) -> bool {
        match self {
            Self::Lookup { inner: Some(error), .. } => {
                matches!(error.kind(), ErrorKind::Api | ErrorKind::Decode) && !error.is_retryable()
            }
            Self::Lookup { inner: None, .. } => true,
            Self::Request(_) | Self::Credentials(_) => false,
        }
    }
}

impl<T: Send + Sync> Lookup<T> {
    pub(super) fn new() -> Self {
        Self { found: OnceLock::new(), rounds: AtomicU64::new(0), turn: Mutex::new(None) }
    }

    pub(super) fn found(&self) -> Option<&T> {
        self.found.get()
    }

    /// Returns the value, asking for it unless it is known. `what` names it in the error of a call
    /// whose time limit, counted from `started`, passes while it waits for another.
    pub(super) async fn find(
        &self,
        name: CallName,
        what: &str,
        limit: Duration,
        started: Instant,
        ask: impl Future<Output = Result<T, Failed>> + Send,
    ) -> Result<&T, Error> {
        if let Some(found) = self.found() {
            return Ok(found);
        }
        let failed = |failed: Failed| Error::new(name, History::default(), failed.into());
        let round = self.rounds.load(Ordering::Acquire);
        let Ok(mut turn) = timeout(limit.saturating_sub(started.elapsed()), self.turn.lock()).await
        else {
            let reason = format!(
                "the time limit of the call passed while another call looked the {what} up"
            );
            return Err(failed(Failed::Lookup { reason, inner: None }));
        };
        if let Some(found) = self.found() {
            return Ok(found);
        }
        if let Some(shared) = turn.as_ref().filter(|_| self.rounds.load(Ordering::Acquire) > round)
        {
            return Err(failed(shared.clone()));
        }
        let asked = ask.await;
        self.rounds.fetch_add(1, Ordering::Release);
        match asked {
            Ok(value) => Ok(self.found.get_or_init(|| value)),
            Err(reason) => {
                *turn = Some(reason.clone()).filter(Failed::is_final);
                Err(failed(reason))
            }
        }
    }
}
