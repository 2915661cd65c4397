//! One call as data.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, Method};
use percent_encoding::utf8_percent_encode;
use serde::Serialize;

use super::destination::Scope;
use crate::error::{CallName, Cause, Class, Error, History};
use crate::sign::ENCODED;

/// A call as data.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: CallName,
    pub(super) method: Method,
    /// Where the path begins.
    pub(super) scope: Scope,
    /// What follows there: `/notifications`.
    pub(super) path: Cow<'static, str>,
    pub(super) query: Vec<(Cow<'static, str>, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Call {
    pub(crate) fn new(name: CallName, method: Method, path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name,
            method,
            scope: Scope::Project,
            path: path.into(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// Repeats the call only if it surely did not arrive. For who reads before the next try.
    pub(crate) fn at_most_once(self) -> Self {
        Self { name: CallName { class: Class::Create, ..self.name }, ..self }
    }

    /// Puts the path below the account in place of the project.
    pub(crate) fn of_account(self) -> Self {
        Self { scope: Scope::Account, ..self }
    }

    /// Sends the call to SMN, where the path is below the project too.
    pub(crate) fn of_smn(self) -> Self {
        Self { scope: Scope::Smn, ..self }
    }

    /// Adds a query parameter; the value is encoded when it is sent.
    pub(crate) fn query(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.query.push((key.into(), value.into()));
        self
    }

    /// Sends `body` as JSON.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        match serde_json::to_vec(body) {
            Ok(json) => {
                // Without what the vector has left, which may be as much again while the call
                // waits.
                self.body = Bytes::from(json.into_boxed_slice());
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

/// Encodes a string as one segment of a path.
pub(crate) fn path_segment(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, ENCODED)
}
