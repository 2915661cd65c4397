//! The access keys of many clients: which of them the service accepts, told before many requests are sent with one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::super::run::not_made;
use crate::credentials::CredentialsError;
use crate::error::{Cause, Error, ErrorCode};

/// How many places in a row may refuse a key before it is used no more. The service locks a key after five.
const REFUSALS: u32 = 2;

/// How many places at most try a key at once while nothing is known of it. With [`REFUSALS`] fewer than five requests.
const TRIALS: u32 = 3;

#[derive(Default)]
pub(super) struct Keys(Mutex<HashMap<String, Arc<Key>>>);

pub(super) struct Key {
    state: Mutex<State>,
    /// The turns to try a key of which nothing is known; closed as soon as it has been accepted.
    trials: Semaphore,
}

struct State {
    /// How many refusals there were since the key was last accepted.
    refusals: u32,
    /// How many turns there are to try it.
    trials: u32,
}

impl Keys {
    pub(super) fn of(&self, access_key: String) -> Arc<Key> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let state = Mutex::new(State { refusals: 0, trials: 1 });
            Arc::new(Key { state, trials: Semaphore::new(1) })
        };
        Arc::clone(keys.entry(access_key).or_insert_with(new))
    }
}

impl Key {
    /// Waits until the key may be used. What is returned is held until it is known whether the key is accepted.
    ///
    /// The error: it was refused too often.
    pub(super) async fn turn(&self) -> Result<Option<SemaphorePermit<'_>>, Error> {
        let turn = self.trials.acquire().await.ok();
        let refusals = self.state().refusals;
        if refusals < REFUSALS {
            return Ok(turn);
        }
        let message =
            format!("not tried, since the same access key was refused in {refusals} places: correct it first");
        Err(not_made(Cause::Credentials(CredentialsError::invalid(message))))
    }

    /// Takes in how the first call in a place ended.
    pub(super) fn learn(&self, error: Option<&Error>) {
        let mut state = self.state();
        match error.map(says_of_key) {
            None | Some(Some(true)) => {
                state.refusals = 0;
                self.trials.close();
            }
            Some(Some(false)) => state.refusals += 1,
            // A place that can't be reached must not hold up all the others.
            Some(None) if state.trials < TRIALS => {
                state.trials += 1;
                self.trials.add_permits(1);
            }
            Some(None) => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the service accepts the key, by an error; `None`: the error does not tell.
fn says_of_key(error: &Error) -> Option<bool> {
    let gateway = error.code().map(ErrorCode::gateway_number);
    match (error.status()?, gateway) {
        (StatusCode::UNAUTHORIZED, _) | (_, Some(Some(301 | 303 | 305 | 307))) => Some(false),
        // The service itself refused the call, so the key passed the gateway.
        (_, Some(None)) => Some(true),
        _ => None,
    }
}
