//! Makes a call: its destination, its attempts, its response.

use std::time::SystemTime;

use bytes::Bytes;
use tokio::time::Instant;

use super::CtsClient;
use super::call::Call;
use super::destination::{Destination, Scope};
use super::observe::Span;
use super::outcome::{Received, Success};
use crate::error::Error;

impl CtsClient {
    /// Makes a call, and reads the response of success with `read`, which says what is wrong with
    /// one that it can't read.
    // None of these is an `async fn`, which would hold its arguments twice while it waits.
    pub(crate) fn call<T>(
        &self,
        call: Call,
        read: impl FnOnce(&[u8]) -> Result<T, String> + Send,
    ) -> impl Future<Output = Result<T, Error>> + Send {
        self.observed(call, None, |received| received.read(read))
    }

    /// Makes a call, and returns the time of the response as well, by the service's clock, if the
    /// response has one.
    pub(crate) async fn dated_call<T>(
        &self,
        call: Call,
        read: impl FnOnce(&[u8]) -> Result<T, String> + Send,
    ) -> Result<(T, Option<SystemTime>), Error> {
        self.observed(call, None, |received| {
            let (value, success) = received.read(read)?;
            let date = success.date();
            Ok(((value, date), success))
        })
        .await
    }

    /// Makes a call whose time counts from `started`, and returns the response of success as it
    /// came.
    pub(super) fn call_raw(
        &self,
        call: Call,
        started: Instant,
    ) -> impl Future<Output = Result<http::Response<Bytes>, Error>> + Send {
        self.observed(call, Some(started), |received| Ok(received.raw()))
    }

    #[allow(clippy::manual_async_fn, reason = "an async function would hold `call` twice")]
    fn observed<T>(
        &self,
        call: Call,
        started: Option<Instant>,
        read: impl FnOnce(Received) -> Result<(T, Success), Error> + Send,
    ) -> impl Future<Output = Result<T, Error>> + Send {
        async move {
            let started = started.unwrap_or_else(Instant::now);
            let span = Span::of(&call, self);
            // Not in a variable, which would take as much memory again.
            let ended = span
                .around(async {
                    let destination = self.destination(&call, started).await?;
                    read(self.attempts_at(&call, destination, started).await?)
                })
                .await;
            span.end(&ended);
            ended.map(|(value, _)| value)
        }
    }

    async fn destination(&self, call: &Call, started: Instant) -> Result<Destination<'_>, Error> {
        let project = self.project(call.name, started).await?;
        Ok(match call.scope {
            Scope::Project => Destination::Project(project),
            Scope::Account => {
                Destination::Account(project, self.account(call.name, started).await?)
            }
            Scope::Root => Destination::Root(project),
            Scope::Smn => {
                let Some(smn) = self.smn() else {
                    return Err(call.refused(
                        "the endpoint of SMN is not known: call smn_endpoint(\"https://…\")",
                    ));
                };
                Destination::Smn(smn, project)
            }
        })
    }
}
