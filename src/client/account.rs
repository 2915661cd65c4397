//! The account of a client, for the calls below `/v3/{domain_id}`: given, or found out by the first
//! call that needs it.

use http::{Method, StatusCode};
use serde::Deserialize;
use tokio::time::Instant;

use super::CtsClient;
use super::call::Call;
use super::destination::{Account, Destination};
use super::lookup::{Failed, Lookup};
use super::project::iam_trace;
use crate::credentials::iam;
use crate::endpoint::Endpoints;
use crate::error::{CallName, Class, Error};
use crate::wire::open::{items, null_as_default};

const LOOK_UP: CallName =
    CallName { operation: "KeystoneListAuthDomains", actions: "", class: Class::Read };
const LIST_TRACKERS: CallName =
    CallName { operation: "ListTrackers", actions: "cts:tracker:list", class: Class::Read };

/// Where the official SDKs look for the account id.
const VARIABLE: &str = "HUAWEICLOUD_SDK_DOMAIN_ID";

/// How the account is known.
#[derive(Debug)]
pub(super) struct AccountSource {
    given: Option<Account>,
    lookup: Lookup<Account>,
}

impl AccountSource {
    pub(super) fn new(given: Option<Account>) -> Self {
        Self { given, lookup: Lookup::new() }
    }
}

/// The response of CTS to `ListTrackers`, as far as it is about the account.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Trackers {
    #[serde(deserialize_with = "items")]
    trackers: Vec<Tracker>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tracker {
    #[serde(deserialize_with = "null_as_default")]
    domain_id: String,
}

/// The response of IAM to `KeystoneListAuthDomains`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Domains {
    #[serde(deserialize_with = "items")]
    domains: Vec<Domain>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Domain {
    #[serde(deserialize_with = "null_as_default")]
    id: String,
}

impl CtsClient {
    /// Returns the account id, which the API calls `domain_id`.
    ///
    /// It is the one that the builder was given, or that of the credentials, or the value of
    /// `HUAWEICLOUD_SDK_DOMAIN_ID`. Without them the first call that needs it asks CTS for its
    /// trackers, which carry the id, and then IAM (`GET /v3/auth/domains`, which needs no
    /// permission).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Project`](crate::ErrorKind::Project) if neither knows the account: set it with
    /// [`ClientBuilder::domain_id`](crate::ClientBuilder::domain_id).
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new();
    /// let client = fake.client_builder().domain_id("e4b1d1f6b6a94d5c8a7f1c2d3e4f5a6b").build()?;
    /// assert_eq!(client.domain_id().await?, "e4b1d1f6b6a94d5c8a7f1c2d3e4f5a6b");
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn domain_id(&self) -> Result<&str, Error> {
        self.account(LOOK_UP, Instant::now()).await.map(|account| account.id.as_str())
    }

    pub(super) async fn account(
        &self,
        name: CallName,
        started: Instant,
    ) -> Result<&Account, Error> {
        let AccountSource { given, lookup } = &self.inner.account;
        if let Some(known) = given.as_ref().or_else(|| lookup.found()) {
            return Ok(known);
        }
        // On the heap, so that the calls that find it known stay small.
        let ask = Box::pin(self.look_up_account(started));
        lookup.find(name, "account id", self.retry_policy().limit(), started, ask).await
    }

    async fn look_up_account(&self, started: Instant) -> Result<Account, Failed> {
        let left = self.retry_policy().limit().saturating_sub(started.elapsed());
        let credentials = self.credentials(left).await.map_err(Failed::Credentials)?;
        // The account of the environment is another than that of credentials that were assumed.
        let is_assumed = self.inner.credentials.is_assumed();
        let variable = std::env::var(VARIABLE).ok().filter(|id| !id.is_empty() && !is_assumed);
        let given = credentials
            .domain_id()
            .map(|id| (id, "of the credentials"))
            .or(variable.as_deref().map(|id| (id, VARIABLE)));
        if let Some((id, origin)) = given {
            return Account::new(id).map_err(|reason| {
                Failed::Request(format!("the account id ({origin}) is invalid: {reason}"))
            });
        }
        match self.account_of_trackers(started).await {
            Ok(Some(account)) => Ok(account),
            // More requests that are refused alike would lock the access key.
            Err(error) if error.status() == Some(StatusCode::UNAUTHORIZED) => Err(Failed::Lookup {
                reason: format!("the account id can't be looked up: {error}"),
                inner: Some(error),
            }),
            Ok(None) | Err(_) => self.account_of_iam(started).await,
        }
    }

    /// Returns the account that the trackers of the project are in. `None` if there are none.
    async fn account_of_trackers(&self, started: Instant) -> Result<Option<Account>, Error> {
        let project = self.project(LIST_TRACKERS, started).await?;
        let call = Call::new(LIST_TRACKERS, Method::GET, "/trackers");
        let response = self.attempts_at(&call, Destination::Project(project), started).await?;
        let read = |body: &[u8]| {
            serde_json::from_slice::<Trackers>(body).map_err(|error| error.to_string())
        };
        let (response, _) = response.read(read)?;
        Ok(response.trackers.iter().find_map(|tracker| Account::new(&tracker.domain_id).ok()))
    }

    async fn account_of_iam(&self, started: Instant) -> Result<Account, Failed> {
        const GIVE_IT: &str = "set domain_id(…) to do without";
        let refused = |reason: String| Failed::Lookup { reason, inner: None };
        let not_asked = |error: Error| Failed::Lookup {
            reason: format!("the account id can't be looked up: {error}; {GIVE_IT}"),
            inner: Some(error),
        };
        let context = &self.inner.context;
        let endpoint =
            iam::endpoint(context.iam_endpoint(), context.region()).map_err(Failed::Credentials)?;
        let endpoint = endpoint.ok_or_else(|| {
            let unknown = iam::unknown(context.region(), "credentials are");
            refused(format!("the account id can't be looked up: {unknown}, or {GIVE_IT}"))
        })?;
        let iam = Endpoints::new(endpoint, Vec::new());
        let call = Call::new(LOOK_UP, Method::GET, "/v3/auth/domains");
        let response =
            self.attempts_at(&call, Destination::Iam(&iam), started).await.map_err(not_asked)?;
        let trace = iam_trace(&response);
        let read = |body: &[u8]| {
            serde_json::from_slice::<Domains>(body).map_err(|error| error.to_string())
        };
        let (response, _) = response.read(read).map_err(not_asked)?;
        match response.domains.first() {
            Some(domain) => Account::new(&domain.id)
                .map_err(|reason| refused(format!("IAM's account id is invalid: {reason}{trace}"))),
            None => Err(refused(format!(
                "IAM names no account for these credentials: {GIVE_IT}{trace}"
            ))),
        }
    }
}
