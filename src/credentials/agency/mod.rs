//! Agencies: acting in another account.

mod account;
mod assume;
mod call;
mod exchange;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub use self::account::AgencyAccount;
use self::assume::Assume;
use self::call::{Call, Iam, Sts};
use super::cache::{Key, by_cache};
use super::http::Http;
use super::own::Own;
use super::scope::Scope;
use super::{
    CachedCredentials, Credentials, CredentialsContext, CredentialsDescription, CredentialsError,
    DefaultCredentials, ProvideCredentials,
};
use crate::BoxFuture;
use crate::region::Region;
use crate::transport::{Route, Transport};

/// How long the credentials are valid unless set.
const HOUR: Duration = Duration::from_secs(3600);

const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Temporary credentials of an agency, with which one identity acts in many accounts.
///
/// An *agency* is what an account creates to let another account, or a service, act in it. There
/// are two APIs to assume one, and you choose which:
///
/// | | [`iam`](Self::iam) | [`sts`](Self::sts) |
/// |---|---|---|
/// | API call | `POST /v3.0/OS-CREDENTIAL/securitytokens` of IAM | `POST /v5/agencies/assume` of STS |
/// | clouds | Huawei Cloud, Open Telekom Cloud | 12 regions of Huawei Cloud |
/// | the caller needs | the role Agent Operator, or a policy with `iam:agencies:assume` | `sts:agencies:assume` |
/// | valid for | 15 minutes to 24 hours | 15 minutes to 12 hours, and at most what the agency allows |
/// | extras | session, policy | session, policy, external id, source identity, tags |
///
/// The identity that assumes the agency is [`DefaultCredentials`] unless [`source`](Self::source)
/// sets another provider. A second `AssumeAgency` as the source makes a chain. The call is signed
/// with its credentials, and repeated with the time of the service if this machine's clock is
/// wrong. The credentials of the agency are [cached](CachedCredentials) and renewed before they
/// expire.
///
/// Settings that can't be right are an error when a client is built. A call without a response, or
/// with status 429 or 5xx, is tried three times; no refusal is tried again. The error names the
/// agency, the start of the access key that assumed it, the host, the status, the id of the trace
/// and what to do. An error of the source is passed on, with the agency that it was for.
///
/// The project id belongs to the account of the agency. That of the source and
/// `HUAWEICLOUD_SDK_PROJECT_ID` are not used: the client looks the project up by its region, or
/// uses the one that you set.
///
/// ```no_run
/// use huaweicloud_cts::CtsClient;
/// use huaweicloud_cts::credentials::{AgencyAccount, AssumeAgency, EnvCredentials};
///
/// # #[cfg(any(feature = "rustls", feature = "native-tls"))] {
/// let auditor = AssumeAgency::iam("auditor", AgencyAccount::name("customer-1")).source(EnvCredentials::new());
/// let client = CtsClient::builder().region("eu-de").credentials(auditor).build()?;
/// # }
/// # Ok::<(), huaweicloud_cts::BuildError>(())
/// ```
///
/// A chain through STS, in which each further hop is valid for an hour at most:
///
/// ```
/// use huaweicloud_cts::credentials::AssumeAgency;
///
/// let hub = AssumeAgency::sts("iam::d78cbac186b744899480f25bd022f468:agency:hub", "ci");
/// let spoke = AssumeAgency::sts("iam::4a1c0e8c8a3b4f6e9d2b7c5f0e1d3a2b:agency:audit", "ci").source(hub);
/// ```
///
/// Source: Huawei Cloud's IAM and STS API references, December 2025 and September 2026.
#[derive(Clone, Debug)]
pub struct AssumeAgency(CachedCredentials<Assume>);

impl AssumeAgency {
    /// Creates a provider that assumes an agency of an account through IAM. Sends nothing yet.
    pub fn iam(agency: impl Into<String>, account: AgencyAccount) -> Self {
        Self::new(Call::Iam(Iam { agency: agency.into(), account, session: None, policy: None }))
    }

    /// Creates a provider that assumes an agency through STS, by its URN,
    /// `iam::<account id>:agency:<name>`. Sends nothing yet.
    ///
    /// The session names the caller in the traces of the account: 2 to 128 letters, digits and
    /// `_+=,.@-`.
    pub fn sts(agency_urn: impl Into<String>, session: impl Into<String>) -> Self {
        Self::new(Call::Sts(Sts::new(agency_urn.into(), session.into())))
    }

    fn new(call: Call) -> Self {
        Self(CachedCredentials::new(Assume {
            source: Arc::new(DefaultCredentials::new()),
            call,
            duration: HOUR,
            misused: None,
            own: Own::default(),
            scope: Scope::default(),
            http: Http::new(CONNECT_LIMIT, Route::System),
        }))
    }

    /// Sets the identity that assumes the agency.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::{AgencyAccount, AssumeAgency, ProfileCredentials};
    ///
    /// let provider = AssumeAgency::iam("auditor", AgencyAccount::id("d78cbac186b744899480f25bd022f468"))
    ///     .source(ProfileCredentials::new());
    /// ```
    #[must_use]
    pub fn source(self, source: impl ProvideCredentials + 'static) -> Self {
        self.with(|assume| assume.source = Arc::new(source))
    }

    /// Sets how long the credentials are valid, in whole seconds: one hour unless set. It is always
    /// sent, because the default of IAM is 15 minutes. In a chain through STS, every hop but the
    /// first is valid for an hour at most.
    ///
    /// ```
    /// use std::time::Duration;
    /// use huaweicloud_cts::credentials::{AgencyAccount, AssumeAgency};
    ///
    /// let provider = AssumeAgency::iam("auditor", AgencyAccount::name("customer-1")).duration(Duration::from_secs(12 * 3600));
    /// ```
    #[must_use]
    pub fn duration(self, duration: Duration) -> Self {
        self.with(|assume| assume.duration = duration)
    }

    /// Names the session of an agency that is assumed through IAM: 5 to 64 letters, digits, `-` and
    /// `_`, a letter first. Through STS it replaces the one that [`sts`](Self::sts) was given.
    #[must_use]
    pub fn session(self, session: impl Into<String>) -> Self {
        self.with(|assume| match &mut assume.call {
            Call::Iam(iam) => iam.session = Some(session.into()),
            Call::Sts(sts) => sts.session = session.into(),
        })
    }

    /// Restricts the credentials to what both the agency and this policy allow. IAM expects a
    /// policy of version 1.1, which only OBS obeys, and STS one of version 5.0.
    #[must_use]
    pub fn policy(self, policy: Value) -> Self {
        self.with(|assume| match &mut assume.call {
            Call::Iam(iam) => iam.policy = Some(policy),
            Call::Sts(sts) => sts.policy = Some(policy),
        })
    }

    /// Sets the external id that the trust policy of the agency requires. STS only: through IAM it
    /// is an error of [`check`](ProvideCredentials::check), and so of building a client.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::AssumeAgency;
    ///
    /// let provider = AssumeAgency::sts("iam::d78cbac186b744899480f25bd022f468:agency:audit", "ci")
    ///     .external_id("contract-4711")
    ///     .tag("team", "security");
    /// ```
    #[must_use]
    pub fn external_id(self, id: impl Into<String>) -> Self {
        self.with_sts("external_id", |sts| sts.external_id = Some(id.into()))
    }

    /// Sets the source identity, which stays the same along a chain. STS only; the caller needs
    /// `sts::setSourceIdentity`.
    #[must_use]
    pub fn source_identity(self, identity: impl Into<String>) -> Self {
        self.with_sts("source_identity", |sts| sts.source_identity = Some(identity.into()))
    }

    /// Adds a tag to the session. STS only; the caller needs `sts::tagSession`.
    #[must_use]
    pub fn tag(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.with_sts("tag", |sts| sts.tags.push((key.into(), value.into())))
    }

    /// Sets the endpoint of IAM or STS. By default, it is that of the [`region`](Self::region). If
    /// no region is set either, it is the client's
    /// [`iam_endpoint`](crate::ClientBuilder::iam_endpoint), that of `HUAWEICLOUD_SDK_IAM_ENDPOINT`
    /// or `HUAWEICLOUD_SDK_STS_ENDPOINT`, or that of the client's region. A region without STS is
    /// an error, because the request is not sent to another region.
    #[must_use]
    pub fn endpoint(self, endpoint: impl Into<String>) -> Self {
        self.with(|assume| assume.own.endpoint = Some(endpoint.into()))
    }

    /// Sets the region whose IAM or STS is used. It takes precedence over the environment. By
    /// default, it is the region of the client.
    #[must_use]
    pub fn region(self, region: impl Into<Region>) -> Self {
        self.with(|assume| assume.own.region = Some(region.into()))
    }

    /// Sets the [project](Credentials::project_id) of the agency's account that the credentials are
    /// for.
    #[must_use]
    pub fn project_id(self, id: impl Into<String>) -> Self {
        self.with(|assume| assume.scope.project_id = Some(id.into()))
    }

    /// Sets the transport, in place of the client's.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        self.with(|assume| assume.http.transport = Some(Arc::new(transport)))
    }

    fn with_sts(self, setter: &'static str, change: impl FnOnce(&mut Sts)) -> Self {
        self.with(|assume| match &mut assume.call {
            Call::Sts(sts) => change(sts),
            Call::Iam(_) => assume.misused = Some(setter),
        })
    }

    fn with(self, change: impl FnOnce(&mut Assume)) -> Self {
        let mut assume = self.0.into_inner();
        change(&mut assume);
        Self(CachedCredentials::new(assume))
    }
}

impl ProvideCredentials for AssumeAgency {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.0.get(Key::of(context), context))
    }

    by_cache! {
        /// Checks the settings, that the IAM or STS to ask is known, and the source. Sends no
        /// request.
        check
    }

    fn describe<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, CredentialsDescription> {
        Box::pin(async move {
            let assume = self.0.provider();
            let source = assume.source.describe(context).await;
            if !source.provides() {
                return source.lacked_by(
                    self.name(),
                    format!("there are no credentials to assume {}", assume.call),
                );
            }
            source.then(CredentialsDescription::of(
                self.name(),
                &self.0.get(Key::of(context), context).await,
            ))
        })
    }

    fn is_assumed(&self) -> bool {
        true
    }
}
