//! Guides: one page for each task. The [crate documentation](crate) is the place to start.
//!
//! | guide | subject |
//! |---|---|
//! | [`identity`] | who a program acts as: every source of credentials, the default search, agencies |
//! | [`credentials`] | renewal of credentials; regions, endpoints and the project id |
//! | [`notifications`] | notifications and filters; the operation catalogue; validation |
//! | [`errors`] | what an error tells you; retries, time limits, tracing |
//! | [`provisioning`] | desired state: plan, apply, many projects |
//! | [`events`] | webhooks, files, triggers: reading what a notification sends |
//! | [`functions`] | a function in Rust: running, building, deploying, testing it; events that come twice |
//! | [`recorded_operations`] | traces: all of a window, those to come |
//! | [`testing`] | a CTS in memory for your tests |
//! | [`networks`] | proxies, TLS, other transports; what the crate reads and connects to |
//! | [`tool`] | the tool `cts`: plan and apply from a command line, many projects, scripts |
//! | [`signing`] | signing requests of any Huawei Cloud API |
//! | [`troubleshooting`] | what an error message asks you to do |

// A page's own links to items behind a feature lead to docs.rs. Where the feature is on, the first
// definition wins.

#[doc = include_str!("credentials.md")]
pub mod credentials {}

#[doc = include_str!("errors.md")]
pub mod errors {}

#[cfg_attr(feature = "smn-verify", doc = "[`SmnVerifier`]: crate::event::SmnVerifier")]
#[cfg_attr(feature = "test-util", doc = "[`FakeCts::record`]: crate::testing::FakeCts::record")]
#[doc = include_str!("events.md")]
pub mod events {}

#[cfg_attr(feature = "function", doc = "[`Context`]: crate::function::Context")]
#[cfg_attr(
    feature = "function",
    doc = "[`Context::credentials`]: crate::function::Context::credentials"
)]
#[cfg_attr(
    feature = "function",
    doc = "[`Context::request_id`]: crate::function::Context::request_id"
)]
#[cfg_attr(feature = "function", doc = "[`Event`]: crate::function::Event")]
#[cfg_attr(feature = "function", doc = "[`invoke`]: crate::function::invoke")]
#[cfg_attr(feature = "function", doc = "[`run`]: crate::function::run")]
#[cfg_attr(
    feature = "function",
    doc = "[`Runtime::run_until`]: crate::function::Runtime::run_until"
)]
#[cfg_attr(
    all(feature = "function", feature = "test-util"),
    doc = "[`FakeRuntime`]: crate::testing::FakeRuntime"
)]
#[doc = include_str!("functions.md")]
pub mod functions {}

#[doc = include_str!("identity.md")]
pub mod identity {}

#[cfg_attr(feature = "reqwest", doc = "[`ReqwestTransport`]: crate::transport::ReqwestTransport")]
#[cfg_attr(feature = "reqwest", doc = "[`ClientBuilder::proxy`]: crate::ClientBuilder::proxy")]
#[cfg_attr(
    feature = "reqwest",
    doc = "[`ClientBuilder::root_certificates`]: crate::ClientBuilder::root_certificates"
)]
#[doc = include_str!("networks.md")]
pub mod networks {}

#[doc = include_str!("notifications.md")]
pub mod notifications {}

#[doc = include_str!("provisioning.md")]
pub mod provisioning {}

#[cfg_attr(
    feature = "test-util",
    doc = "[`FakeCts::add_traces`]: crate::testing::FakeCts::add_traces"
)]
#[cfg_attr(feature = "test-util", doc = "[`TracePaging`]: crate::testing::TracePaging")]
#[doc = include_str!("recorded_operations.md")]
pub mod recorded_operations {}

#[doc = include_str!("signing.md")]
pub mod signing {}

#[cfg_attr(feature = "test-util", doc = "[`ErrorBuilder`]: crate::testing::ErrorBuilder")]
#[cfg_attr(
    feature = "test-util",
    doc = "[`ErrorBuilder::credentials`]: crate::testing::ErrorBuilder::credentials"
)]
#[cfg_attr(feature = "test-util", doc = "[`FakeCts`]: crate::testing::FakeCts")]
#[cfg_attr(feature = "test-util", doc = "[`FakeCts::accept`]: crate::testing::FakeCts::accept")]
#[cfg_attr(feature = "test-util", doc = "[`FakeCts::clear`]: crate::testing::FakeCts::clear")]
#[cfg_attr(feature = "test-util", doc = "[`FakeCts::requests`]: crate::testing::FakeCts::requests")]
#[cfg_attr(feature = "test-util", doc = "[`FakeCts::inject`]: crate::testing::FakeCts::inject")]
#[cfg_attr(
    feature = "test-util",
    doc = "[`FakeCts::inject_on`]: crate::testing::FakeCts::inject_on"
)]
#[cfg_attr(feature = "test-util", doc = "[`FakeCts::record`]: crate::testing::FakeCts::record")]
#[cfg_attr(feature = "test-util", doc = "[`FakeCts::serve`]: crate::testing::FakeCts::serve")]
#[cfg_attr(
    feature = "test-util",
    doc = "[`FakeCts::set_notification_quota`]: crate::testing::FakeCts::set_notification_quota"
)]
#[cfg_attr(feature = "test-util", doc = "[`testing`]: crate::testing")]
#[cfg_attr(feature = "test-util", doc = "[`verify_parts`]: crate::testing::verify_parts")]
#[cfg_attr(feature = "test-util", doc = "[`verify_signature`]: crate::testing::verify_signature")]
#[cfg_attr(
    all(feature = "function", feature = "test-util"),
    doc = "[`FakeRuntime`]: crate::testing::FakeRuntime"
)]
#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("tool.md")]
pub mod tool {}

#[doc = include_str!("troubleshooting.md")]
pub mod troubleshooting {}
