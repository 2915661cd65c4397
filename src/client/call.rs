//! One call as data.

use std::borrow::Cow;

use bytes::Bytes;
use http::Method;
use percent_encoding::utf8_percent_encode;
use serde::Serialize;

use super::retry::Repeat;
use crate::error::{CallName, Cause, Error, History};
use crate::sign::ENCODED;

/// A call as data.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: CallName,
    pub(super) method: Method,
    /// What follows the project id: `/notifications`.
    pub(super) path: Cow<'static, str>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
    pub(super) repeat: Repeat,
}

impl Call {
    pub(crate) fn new(name: CallName, method: Method, path: impl Into<Cow<'static, str>>) -> Self {
        let repeat = match method {
            Method::GET => Repeat::Read,
            Method::POST => Repeat::Create,
            _ => Repeat::Idempotent,
        };
        Self { name, method, path: path.into(), query: Vec::new(), body: Bytes::new(), repeat }
    }

    /// Repeats the call only if it surely did not arrive. For who reads before the next try.
    pub(crate) fn at_most_once(self) -> Self {
        Self { repeat: Repeat::Create, ..self }
    }

    /// Adds a query parameter; the value is encoded when it is sent.
    pub(crate) fn query(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }

    /// Sends `body` as JSON.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        match serde_json::to_vec(body) {
            Ok(json) => {
                self.body = Bytes::from(json);
                Ok(self)
            }
            Err(error) => Err(self.refused(error.to_string())),
        }
    }

    /// The call can't be right, and is not sent.
    pub(crate) fn refused(&self, reason: impl Into<String>) -> Error {
        Error::new(self.name, History::default(), Cause::Request(reason.into()))
    }
}

/// Encodes a text as one segment of a path.
pub(crate) fn path_segment(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, ENCODED)
}
