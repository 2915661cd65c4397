#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
pub mod catalogue;
pub mod client;
pub mod credentials;
mod endpoint;
pub mod error;
pub mod event;
mod loose;
pub mod notification;
mod open_struct;
pub mod provision;
mod region;
pub mod sign;
mod string_enum;
mod string_newtype;
#[cfg(feature = "test-util")]
pub mod testing;
mod text;
mod time;
pub mod trace;
pub mod transport;
mod wire;

pub use client::{BuildError, CallOptions, ClientBuilder, CtsClient, Pace, RetryPolicy};
pub use error::{ApiError, Error, ErrorCode, ErrorKind};
pub use region::{CloudDomainError, Region, RegionsFileError};
pub use string_enum::UnknownValue;

/// The future that the traits of this crate return: boxed, so that they can be used as trait objects.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;
