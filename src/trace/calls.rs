//! The calls that list one page of traces, and what traces are about.

use std::time::SystemTime;

use http::Method;

use super::{ListTraces, Trace, TraceList};
use crate::client::CtsClient;
use crate::client::call::Call;
use crate::error::{CallName, Class, Error};
use crate::wire::open::open_struct;
use crate::wire::response;

const LIST: CallName =
    CallName { operation: "ListTraces", actions: "cts:trace:list", class: Class::Read };
const RESOURCES: CallName =
    CallName { operation: "ListTraceResources", actions: "", class: Class::Read };
const USERS: CallName = CallName {
    operation: "ListUserResources",
    actions: "cts:trace:listTraceUser",
    class: Class::Read,
};

open_struct! {
    /// The kinds of resources of a service: an item of the response to `ListTraceResources`.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct TraceResource {
        /// The acronym of the service.
        pub service_type: String,
        /// The kinds of its resources.
        pub resource: Vec<String>,
    }
}

open_struct! {
    /// A user with recorded operations: an item of the response to `ListUserResources`.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct UserResource {
        /// The name of the user, as [`TraceQuery::user`](super::TraceQuery::user) takes it.
        pub name: String,
    }
}

impl CtsClient {
    /// Lists one page of traces, latest first. [`traces`](Self::traces) lists all pages.
    ///
    /// Traces are kept for seven days. A management operation can be listed about a minute after
    /// it, one on data five minutes after.
    ///
    /// A page with fewer traces than its limit need not be the last one: go on while
    /// [`TraceList::next`] returns a marker.
    ///
    /// # Errors
    ///
    /// As for any call. [`ErrorCode::GatewayApiNotFound`](crate::ErrorCode::GatewayApiNotFound)
    /// from a cloud without this API. For an id that no trace has, an empty list or a 404: the
    /// documents allow both.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::trace::{ListTraces, TraceQuery};
    ///
    /// let client = FakeCts::new().client();
    /// client.create_notification(&CreateNotification::complete("everything")).await?;
    ///
    /// let page = client.list_traces(&ListTraces::new(TraceQuery::system().service_type("CTS"))).await?;
    /// assert_eq!(page.traces[0].trace_name.as_deref(), Some("createNotification"));
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn list_traces(&self, request: &ListTraces) -> Result<TraceList, Error> {
        self.call(list(request), page).await
    }

    /// Lists a page of traces, with the time of the response by the service's clock.
    pub(super) async fn dated_page(
        &self,
        request: &ListTraces,
    ) -> Result<(TraceList, Option<SystemTime>), Error> {
        self.dated_call(list(request), page).await
    }

    /// Lists services with the kinds of their resources, as traces name them. There is no paging.
    /// Not on Open Telekom Cloud.
    ///
    /// The call needs the account id, which is looked up if it was not given (see
    /// [`domain_id`](Self::domain_id)). Whether the service lists only what has traces is not
    /// documented.
    ///
    /// # Errors
    ///
    /// As for any call, and [`ErrorKind::Project`](crate::ErrorKind::Project) if the account id is
    /// not known.
    pub async fn list_trace_resources(&self) -> Result<Vec<TraceResource>, Error> {
        let call = Call::new(RESOURCES, Method::GET, "/resources").of_account();
        self.call(call, |body| response::list(body, "resources")).await
    }

    /// Lists the users of whom operations were recorded in the last 30 days. There is no paging.
    /// Not on Open Telekom Cloud.
    ///
    /// # Errors
    ///
    /// As for any call.
    pub async fn list_user_resources(&self) -> Result<Vec<UserResource>, Error> {
        let call = Call::new(USERS, Method::GET, "/user-resources");
        self.call(call, |body| response::list(body, "users")).await
    }
}

fn list(request: &ListTraces) -> Call {
    let call = Call::new(LIST, Method::GET, "/traces");
    request.parameters().fold(call, |call, (name, value)| call.query(name, value))
}

/// Reads a page. Traces that are null say nothing, and are skipped.
fn page(body: &[u8]) -> Result<TraceList, String> {
    response::loose_list::<Trace>(body, "traces").map(TraceList::from_fields)
}
