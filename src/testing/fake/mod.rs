//! The fake service as a test holds it. What it keeps of a noun is put there by the file of that
//! name.

mod iam;
mod notification;
mod record;
mod server;
mod topic;
mod trace;
mod tracker;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use super::clock::Offset;
use super::exchange::{Exchange, Service};
use super::fault::Fault;
use super::gateway::Gateway;
use super::operation::Operation;
use super::request::RecordedRequest;
use super::settings::{DOMAIN_ID, Settings};
use crate::BoxFuture;
use crate::client::{ClientBuilder, CtsClient};
use crate::credentials::Credentials;
use crate::region::CloudKind;
use crate::transport::{Transport, TransportError};

pub use record::FunctionCall;
pub use server::FakeServer;

/// A CTS in memory. Clones share one service.
///
/// It keeps the notifications, trackers and traces of any number of projects, carries out the calls
/// of this crate with the documented statuses and codes, and has a catalogue of operations and
/// quotas. A request whose signature is wrong gets a 401 with the gateway's reason and its
/// canonical request.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use huaweicloud_cts::notification::CreateNotification;
/// use huaweicloud_cts::testing::FakeCts;
///
/// let fake = FakeCts::new().with_notification(&CreateNotification::complete("everything"));
/// let found = fake.client().find_notification("everything").await?;
/// assert!(found.is_some());
/// assert_eq!(fake.requests()[0].operation, Some("ListNotifications"));
/// # Ok::<(), huaweicloud_cts::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Its clock starts with this machine's and then follows tokio's, so that paused time moves it.
/// Signatures are compared with this machine's clock, as clients sign with that.
///
/// What it does where the documents say nothing:
///
/// - Deleting several ids of which one is unknown deletes the others and responds with 404.
/// - Names are unique across both types of notification, and may have any characters.
/// - Any topic with a well-formed URN exists for a notification. SMN knows only those that a test
///   [adds](Self::add_topic).
/// - A notification can name any operation. The catalogue is a sample of the real one, and finds a
///   service in any case.
/// - Notifications of both types count against one quota, `smn_notification`.
/// - An update of a tracker merges, also within its transfer target. On Open Telekom Cloud it
///   ignores the settings of a disabled tracker.
/// - Any bucket of a well-formed name exists for transfers and data trackers, and any KMS key. A
///   bucket that CTS is to create is taken only if a test [added](Self::add_bucket) it, or if CTS
///   has created it before.
/// - A write of CTS itself is recorded with the status of its response, and can be listed at once,
///   while there is an enabled system tracker. The names of the operations are those of the user
///   guide. It names none for tags, whose changes are not recorded, and does not say which call is
///   an `updateNotificationStatus`: each update is an `updateNotification`.
/// - A deletion of several notifications is one trace, with their ids as they were sent and no
///   name. A call that is repeated by the client leaves a trace each time it arrives.
/// - `from` and `to` are compared with `record_time`; one without the other, and a limit that is
///   not from 1 to 200, is refused (`CTS.0300`). Each page of traces that has any has a marker. See
///   [`TracePaging`](super::TracePaging).
/// - Resources of traces are those of which there are traces, in any project.
/// - A missing transfer bucket has the code of a missing bucket to track, `CTS.0211`.
#[derive(Clone)]
pub struct FakeCts {
    gateway: Arc<Mutex<Gateway>>,
}

impl FakeCts {
    /// The id of the project that [`client`](Self::client) works in. It is the one of the
    /// documents' examples.
    pub const PROJECT_ID: &'static str = "24edf66e79d04187acb99a463e610764";

    /// The id of the account, unless [`set_domain_id`](Self::set_domain_id) sets another.
    pub const DOMAIN_ID: &'static str = DOMAIN_ID;

    /// Creates a Huawei Cloud without notifications, which accepts its own
    /// [`credentials`](Self::credentials).
    #[must_use]
    pub fn new() -> Self {
        Self::of(CloudKind::Huawei)
    }

    /// Creates an Open Telekom Cloud: it has no functions (`CTS.0410`), no agency and no catalogue
    /// (`APIGW.0101`), responds with 404 if no notification has the requested name, and adds
    /// `domain_id` to every notification.
    #[must_use]
    pub fn open_telekom_cloud() -> Self {
        Self::of(CloudKind::OpenTelekomCloud)
    }

    fn of(cloud: CloudKind) -> Self {
        let credentials =
            Credentials::new("FAKEACCESSKEY0000001", "not-a-secret-the-fake-accepts-it");
        Self { gateway: Arc::new(Mutex::new(Gateway::new(Settings::new(cloud), credentials))) }
    }

    /// Sets the id of the account. Trackers that exist keep theirs.
    pub fn set_domain_id(&self, id: impl Into<String>) {
        self.lock().settings.domain_id = id.into();
    }

    /// Returns credentials that the service accepts.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.lock().credentials.clone()
    }

    /// Accepts further credentials. Those with a security token are accepted only with it.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::credentials::Credentials;
    /// use huaweicloud_cts::notification::ListNotifications;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new();
    /// let other = Credentials::new("ANOTHERKEY0000000001", "secret");
    /// let client = fake.client_builder().credentials(other.clone()).build()?;
    /// assert!(client.list_notifications(&ListNotifications::smn()).await.is_err());
    ///
    /// fake.accept(&other);
    /// assert!(client.list_notifications(&ListNotifications::smn()).await.is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn accept(&self, credentials: &Credentials) {
        self.lock().accepted.push(credentials.clone());
    }

    /// Returns a client of this service, in process. It works in [`PROJECT_ID`](Self::PROJECT_ID),
    /// and has an endpoint in place of a region. Code under test that asks for
    /// [`CtsClient::region`] needs one that was built with a region:
    ///
    /// ```
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new();
    /// assert_eq!(fake.client().region(), None);
    /// let client = fake.client_builder().region("eu-de").build()?;
    /// assert_eq!(client.region().map(|region| region.id()), Some("eu-de"));
    /// # Ok::<(), huaweicloud_cts::BuildError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Never, because it sets everything that a client needs.
    #[must_use]
    pub fn client(&self) -> CtsClient {
        #[allow(clippy::expect_used, reason = "everything that a client needs is set right here")]
        self.client_builder().build().expect("a client of the fake")
    }

    /// Returns the configuration of [`client`](Self::client), to change before it is built.
    pub fn client_builder(&self) -> ClientBuilder {
        CtsClient::builder()
            .endpoint("http://cts.localhost")
            .iam_endpoint("http://cts.localhost")
            .cloud(self.cloud())
            .project_id(Self::PROJECT_ID)
            .credentials(self.credentials())
            .transport(self.clone())
    }

    /// Scripts what happens to the next requests, one fault for each. Those after them meet none.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(async {
    /// use std::time::Duration;
    ///
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::{FakeCts, Fault};
    ///
    /// let fake = FakeCts::new();
    /// fake.inject([Fault::throttle(Duration::from_secs(2)), Fault::DropAfter]);
    /// let error = fake.client().create_notification(&CreateNotification::complete("a")).await.unwrap_err();
    /// assert_eq!(error.attempts(), 2);
    /// assert!(error.may_have_applied());
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn inject(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().faults.add(faults);
    }

    /// Scripts what happens to the next requests of one operation, whatever is requested between
    /// them. They come before the faults of [`inject`](Self::inject).
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::{FakeCts, Fault};
    ///
    /// let fake = FakeCts::new();
    /// fake.inject_on("CreateNotification", [Fault::DropAfter]);
    /// let client = fake.client();
    /// assert!(client.find_notification("a").await?.is_none()); // lists: nothing happens
    /// let error = client.create_notification(&CreateNotification::complete("a")).await.unwrap_err();
    /// assert!(error.may_have_applied());
    /// assert!(client.find_notification("a").await?.is_some());
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the fake has no operation of this name: no request would ever meet the fault.
    #[allow(clippy::panic, reason = "a mistake in the test, and the test has to hear of it")]
    pub fn inject_on(&self, operation: &str, faults: impl IntoIterator<Item = Fault>) {
        let Some(found) = Operation::named(operation) else {
            let names: Vec<_> = Operation::names().collect();
            panic!("there is no operation {operation:?}, only {}", names.join(", "));
        };
        self.lock().faults.add_to(found.name, faults);
    }

    /// Returns the number of scripted faults that no request has met yet.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        self.lock().faults.len()
    }

    /// Sets the service's clock ahead of this machine's.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use std::time::Duration;
    ///
    /// use huaweicloud_cts::notification::ListNotifications;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new();
    /// fake.set_clock_ahead(Duration::from_secs(3_600));
    /// fake.client().list_notifications(&ListNotifications::smn()).await?;
    /// // The service refuses the first signature. The client corrects its clock and repeats the call.
    /// let statuses: Vec<u16> = fake.requests().iter().map(|request| request.status.as_u16()).collect();
    /// assert_eq!(statuses, [401, 200]);
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_clock_ahead(&self, by: Duration) {
        self.lock().clock.set_offset(Offset::Ahead(by));
    }

    /// Sets the service's clock behind this machine's.
    pub fn set_clock_behind(&self, by: Duration) {
        self.lock().clock.set_offset(Offset::Behind(by));
    }

    /// Returns the requests so far, refused ones included. A request that a fault kept from
    /// arriving is not among them.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new();
    /// fake.client().create_notification(&CreateNotification::complete("a")).await?;
    /// let created = fake.requests().into_iter().find(|request| request.operation == Some("CreateNotification"));
    /// assert_eq!(created.unwrap().status.as_u16(), 201);
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.lock().requests.clone()
    }

    /// Removes everything that projects have, the recorded requests and the scripted faults. The
    /// accepted credentials, IAM's projects, the quotas and the clock stay.
    ///
    /// ```
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new().with_notification(&CreateNotification::complete("everything"));
    /// fake.clear();
    /// assert!(fake.notifications(FakeCts::PROJECT_ID).is_empty());
    /// ```
    pub fn clear(&self) {
        let mut gateway = self.lock();
        gateway.account.projects.clear();
        gateway.requests.clear();
        gateway.faults.clear();
    }

    fn cloud(&self) -> CloudKind {
        self.lock().settings.cloud
    }

    fn lock(&self) -> MutexGuard<'_, Gateway> {
        // A test that panicked while it held the lock has failed already.
        self.gateway.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for FakeCts {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FakeCts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gateway = self.lock();
        f.debug_struct("FakeCts")
            .field("cloud", &gateway.settings.cloud)
            .field("projects", &gateway.account.projects.len())
            .field("requests", &gateway.requests.len())
            .finish_non_exhaustive()
    }
}

impl Service for FakeCts {
    async fn exchange(&self, request: Request<Bytes>) -> Exchange {
        let fault = self.lock().next_fault(&request);
        fault.meet(|instead| std::future::ready(self.lock().respond(&request, instead))).await
    }
}

impl Transport for FakeCts {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move { self.exchange(request).await.into_result() })
    }
}
