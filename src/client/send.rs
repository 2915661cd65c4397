//! Makes a call: its destination, its attempts, its response.

use tokio::time::Instant;

use super::call::Call;
use super::destination::{Destination, Scope};
use super::{CtsClient, observe};
use crate::error::{Cause, Error, History};

impl CtsClient {
    /// Makes a call, and reads the response of success with `read`, which says what is wrong with one that it can't read.
    pub(crate) async fn call<T>(
        &self,
        call: Call,
        read: impl FnOnce(&[u8]) -> Result<T, String> + Send,
    ) -> Result<T, Error> {
        let started = Instant::now();
        let made = async {
            let destination = self.destination(&call, started).await?;
            self.attempts_at(&call, destination, started).await?.read(read)
        };
        let (value, success) = observe::call(call.name, made).await?;
        self.report(call.name, &success);
        Ok(value)
    }

    async fn destination(&self, call: &Call, started: Instant) -> Result<Destination<'_>, Error> {
        let project = self.project(call.name, started).await?;
        Ok(match call.scope {
            Scope::Project => Destination::Project(project),
            Scope::Account => Destination::Account(project, self.account(call.name, started).await?),
            Scope::Root => Destination::Root(project),
            Scope::Smn => match self.smn() {
                Some(smn) => Destination::Smn(smn, project),
                None => {
                    let reason = "the endpoint of SMN is not known: call smn_endpoint(\"https://…\")";
                    return Err(Error::new(call.name, History::default(), Cause::Request(reason.to_owned())));
                }
            },
        })
    }
}
