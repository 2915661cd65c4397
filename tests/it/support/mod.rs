//! What several tests share.

pub(crate) mod answers;
pub(crate) mod child;
pub(crate) mod colleague;
#[cfg(feature = "tracing")]
pub(crate) mod everything;
pub(crate) mod files;
pub(crate) mod fixtures;
pub(crate) mod gateway;
#[cfg(feature = "reqwest")]
pub(crate) mod service;
pub(crate) mod snapshot;
pub(crate) mod tables;
