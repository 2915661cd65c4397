//! Makes a call: its project, its attempts, its response.

use tokio::time::Instant;

use super::call::Call;
use super::destination::Destination;
use super::{CtsClient, observe};
use crate::error::Error;

impl CtsClient {
    /// Makes a call in the client's project, and reads the answer of success with `read`, which says what is wrong with one
    /// that it can't read.
    pub(crate) async fn call<T>(
        &self,
        call: Call,
        read: impl FnOnce(&[u8]) -> Result<T, String> + Send,
    ) -> Result<T, Error> {
        let started = Instant::now();
        let made = async {
            let project = self.project(call.name, started).await?;
            let answer = self.attempts_at(&call, Destination::Project(project), started).await?;
            answer.read(read)
        };
        let (value, success) = observe::call(call.name, made).await?;
        self.report(call.name, &success);
        Ok(value)
    }
}
