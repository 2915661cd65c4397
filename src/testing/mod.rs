//! Tests without an account: a fake service, errors and reports to handle, a verifier of
//! signatures.
//!
//! [`FakeCts`] is a CTS in memory, which keeps state and verifies every signature. It works in
//! process, as a [`Transport`](crate::transport::Transport), without a socket and with paused time:
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use huaweicloud_cts::ErrorCode;
//! use huaweicloud_cts::notification::CreateNotification;
//! use huaweicloud_cts::testing::FakeCts;
//!
//! let fake = FakeCts::new();
//! let client = fake.client();
//! client.create_notification(&CreateNotification::complete("everything")).await?;
//!
//! let again = client.create_notification(&CreateNotification::complete("everything")).await.unwrap_err();
//! assert_eq!(again.code(), Some(&ErrorCode::NotificationNameExists));
//! assert_eq!(fake.notifications(FakeCts::PROJECT_ID).len(), 1);
//! # Ok::<(), huaweicloud_cts::Error>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! or on a loopback port, for other processes and languages: [`FakeCts::serve`].
//!
//! [`ErrorBuilder`] builds the errors that a program handles, without a service.
//!
//! With wiremock, [`verify_parts`] is a matcher, so that a mock responds only to requests whose
//! signature is correct:
//!
//! ```
//! # #[cfg(feature = "reqwest")]
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use huaweicloud_cts::CtsClient;
//! use huaweicloud_cts::credentials::Credentials;
//! use huaweicloud_cts::notification::ListNotifications;
//! use huaweicloud_cts::testing::verify_parts;
//! use std::time::SystemTime;
//! use wiremock::{Mock, MockServer, Request, ResponseTemplate};
//!
//! let credentials = Credentials::new("AK", "SK");
//! let accepted = [credentials.clone()];
//! let signed = move |request: &Request| {
//!     let Request { method, url, headers, body, .. } = request;
//!     let verified = verify_parts(method, url, headers, body, &accepted, SystemTime::now());
//!     verified.inspect_err(|mismatch| eprintln!("{mismatch}")).is_ok()
//! };
//!
//! let server = MockServer::start().await;
//! let response = ResponseTemplate::new(200).set_body_string(r#"{"notifications":[]}"#);
//! Mock::given(signed).respond_with(response).expect(1).mount(&server).await;
//!
//! let client = CtsClient::builder().endpoint(server.uri()).project_id("p1").credentials(credentials).build()?;
//! assert!(client.list_notifications(&ListNotifications::smn()).await?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// The fake is written from the documents of the service, and not from the client. A request passes
// `gateway.rs`, which finds its operation in the table of `operation.rs`. To add an operation:
//
// 1. Write it as a method of the state that it works on, `fn(&mut self, &Call) -> Reply`, in the
//    file of its noun, next to the errors that it responds with. Such a file imports only `call`,
//    `response` and `settings`, where switches and limits are.
// 2. Give a new noun a field in `account.rs`: of `Project`, or of `Account` if it belongs to no
//    project.
// 3. Add a line to the table.
// 4. Put what tests set and read into `fake/`, in a file with the noun's name, as `impl FakeCts`.
//    `Gateway::seed` stores something as a call would.

mod account;
mod call;
mod catalogue;
mod clock;
mod configuration;
mod error;
mod exchange;
mod fake;
mod fault;
mod gateway;
mod iam;
#[cfg(feature = "function")]
mod invocation;
mod notification;
mod obs;
mod operation;
mod paging;
mod port;
mod report;
mod request;
mod response;
#[cfg(feature = "function")]
mod runtime;
mod settings;
mod topic;
mod trace;
mod tracker;
mod verify;

pub use error::ErrorBuilder;
pub use fake::{FakeCts, FakeServer, FunctionCall};
pub use fault::Fault;
#[cfg(feature = "function")]
pub use invocation::FakeInvocation;
pub use paging::{TracePaging, TraceTies};
pub use request::RecordedRequest;
#[cfg(feature = "function")]
pub use runtime::{FakeRuntime, FakeRuntimeServer, FunctionResponse};
pub use verify::{
    DifferingLine, Line, SignatureMismatch, SignatureMismatchReason, verify_parts, verify_signature,
};
