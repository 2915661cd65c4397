//! The access keys of many clients, and which of them the service accepts: known before many
//! requests are sent with one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::super::run::not_sent;
use crate::credentials::CredentialsError;
use crate::error::{CallName, Cause, Error, ErrorCode};

/// The number of targets in a row that may refuse a key before it is not used any more. The service
/// locks a key after five.
const REFUSALS: u32 = 2;

/// The maximum number of targets that try a key at the same time while nothing is known about it.
/// With [`REFUSALS`], fewer than five requests.
const TRIALS: u32 = 3;

#[derive(Default)]
pub(super) struct AccessKeys(Mutex<HashMap<String, Arc<AccessKey>>>);

pub(super) struct AccessKey {
    state: Mutex<State>,
    /// The turns to try a key about which nothing is known; closed as soon as the key is accepted.
    trials: Semaphore,
}

struct State {
    /// The number of refusals since the key was last accepted.
    refusals: u32,
    /// The number of turns to try it.
    trials: u32,
}

impl AccessKeys {
    pub(super) fn get(&self, access_key: &str) -> Arc<AccessKey> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let state = Mutex::new(State { refusals: 0, trials: 1 });
            Arc::new(AccessKey { state, trials: Semaphore::new(1) })
        };
        Arc::clone(keys.entry(access_key.to_owned()).or_insert_with(new))
    }
}

impl AccessKey {
    /// Waits until the key may be used. The permit is held until it is known whether the key is
    /// accepted. Returns an error if it was refused too often.
    pub(super) async fn turn(
        &self,
        caller: CallName,
    ) -> Result<Option<SemaphorePermit<'_>>, Error> {
        let turn = self.trials.acquire().await.ok();
        let refusals = self.state().refusals;
        if refusals < REFUSALS {
            return Ok(turn);
        }
        let message = format!(
            "not tried, because {refusals} targets refused the same access key; correct it first"
        );
        Err(not_sent(caller, Cause::Credentials(CredentialsError::invalid(message))))
    }

    /// Records how the first call in a target ended.
    pub(super) fn learn(&self, error: Option<&Error>) {
        self.conclude(error.map_or(Some(true), is_accepted));
    }

    /// Records whether the key was accepted; `None` if that is not known.
    pub(super) fn conclude(&self, accepted: Option<bool>) {
        let mut state = self.state();
        match accepted {
            Some(true) => {
                state.refusals = 0;
                self.trials.close();
            }
            Some(false) => state.refusals += 1,
            // A target that can't be reached must not hold up all the others.
            None if state.trials < TRIALS => {
                state.trials += 1;
                self.trials.add_permits(1);
            }
            None => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether the service accepted the key that a failed call was signed with; `None` if the
/// error does not say.
fn is_accepted(error: &Error) -> Option<bool> {
    let gateway = error.code().map(ErrorCode::gateway_number);
    match (error.status()?, gateway) {
        (StatusCode::UNAUTHORIZED, _) | (_, Some(Some(301 | 303 | 305 | 307))) => Some(false),
        // The service itself refused the call, so the key passed the gateway.
        (_, Some(None)) => Some(true),
        _ => None,
    }
}
