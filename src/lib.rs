// The definitions of the README's links for rustdoc, which checks them. They come first, so they
// win over those in the README, which are for GitHub and crates.io.
//! [`ClientBuilder::endpoint`]: ClientBuilder::endpoint
//! [`UpdateNotification::from_current`]: notification::UpdateNotification::from_current
//! [`create_notification`]: CtsClient::create_notification
//! [`list_notifications`]: CtsClient::list_notifications
//! [`list_all_notifications`]: CtsClient::list_all_notifications
//! [`get_notification`]: CtsClient::get_notification
//! [`find_notification`]: CtsClient::find_notification
//! [`update_notification`]: CtsClient::update_notification
//! [`set_status`]: CtsClient::set_status
//! [`delete_notification`]: CtsClient::delete_notification
//! [`delete_notifications`]: CtsClient::delete_notifications
//! [`ensure_tracker`]: CtsClient::ensure_tracker
//! [`tracker`]: mod@tracker
//! [`traces`]: CtsClient::traces
//! [`follow_traces`]: CtsClient::follow_traces
//! [`trace`]: mod@trace
//! [`configuration`]: configuration
//! [`check_topic`]: CtsClient::check_topic
//! [`request`]: CtsClient::request
//! [`list_operations`]: CtsClient::list_operations
//! [`list_quotas`]: CtsClient::list_quotas
//! [`plan`]: CtsClient::plan
//! [`apply`]: CtsClient::apply
//! [`ensure`]: CtsClient::ensure
//! [Who am I]: guide::identity
//! [Credentials and projects]: guide::credentials
//! [Notifications, filters and the catalogue]: guide::notifications
//! [Errors and retries]: guide::errors
//! [Provisioning]: guide::provisioning
//! [Receiving events]: guide::events
//! [Functions]: guide::functions
//! [Recorded operations]: guide::recorded_operations
//! [Testing]: guide::testing
//! [Networks]: guide::networks
//! [The tool]: guide::tool
//! [Signing requests]: guide::signing
//! [Troubleshooting]: guide::troubleshooting
//! [examples]: https://github.com/huaweicloud-cts/huaweicloud-cts-rs/blob/main/examples/README.md
//! [Apache-2.0]: https://github.com/huaweicloud-cts/huaweicloud-cts-rs/blob/main/LICENSE
//!
#![doc = include_str!("../README.md")]
//!
//! # Layout
//!
//! What you name:
//!
//! - [`notification`]: a key event notification, its filter, and its calls
//! - [`tracker`]: what CTS records, and where traces are transferred to; its calls, tags and
//!   buckets
//! - [`catalogue`]: the operations that CTS knows, and quotas
//! - [`configuration`]: what CTS records beyond changes
//! - [`topic`]: whether an SMN topic reaches anyone
//! - [`backtest`]: what notifications would have sent, from recorded operations
//! - [`provision`]: desired state: sets, plans, reports, and validation
//! - [`trace`]: the record of an operation; all of a time as a stream, and those to come
//! - [`event`]: what functions and webhooks receive
//! - `function` (feature `function`): the loop of a function on FunctionGraph
//!
//! How calls are made:
//!
//! - [`client`]: [`CtsClient`], its builder, and options for single calls
//! - [`error`]: [`Error`] and the service's codes
//! - [`credentials`]: credentials and where they come from
//! - [`sign`]: the signature, usable alone
//! - [`transport`]: the HTTP client, and the trait to bring another
//!
//! And:
//!
//! - `testing` (feature `test-util`): a CTS in memory
//! - [`guide`]: the guides
#![cfg_attr(docsrs, feature(doc_cfg))]

// In groups, so that rustfmt keeps the order: rustdoc shows the calls of `CtsClient` in it.
pub mod notification;

pub mod tracker;

pub mod catalogue;

pub mod configuration;

pub mod topic;

pub mod provision;

pub mod backtest;

pub mod client;
pub mod credentials;
pub mod error;
pub mod event;
#[cfg(feature = "function")]
pub mod function;
pub mod sign;
#[cfg(feature = "test-util")]
pub mod testing;
pub mod trace;
pub mod transport;

#[cfg(any(doc, doctest))]
pub mod guide;

mod clock;
mod endpoint;
mod file;
mod id;
mod region;
mod secret;
mod text;
mod time;
mod wire;

#[doc(inline)]
pub use client::{BuildError, CallOptions, ClientBuilder, CtsClient, Pace, RetryPolicy};
#[doc(inline)]
pub use error::{ApiError, Error, ErrorCode, ErrorKind};
pub use region::{CloudDomainError, CloudKind, Region, RegionsFileError};
pub use wire::enums::UnknownValue;

/// The future that the traits of this crate return: boxed, so that they can be used as trait
/// objects.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;
