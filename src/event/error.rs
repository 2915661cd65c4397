//! Errors of reading events.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use crate::text::debug_as_display;

/// An error of reading an event.
///
/// `Display` says which event, which field, what was expected, what was found and where; `Debug`
/// prints the same line.
///
/// ```
/// use huaweicloud_cts::event::CtsEvent;
///
/// let error = CtsEvent::from_slice(br#"{"cts": "createServer"}"#).unwrap_err();
/// assert_eq!(error.to_string(), "CTS event: cts should be an object, but is a string (line 1 column 9)");
/// ```
///
/// The value of a field is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct EventError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: EventErrorKind,
    event: &'static str,
    field: Option<Cow<'static, str>>,
    problem: String,
    position: Option<(usize, usize)>,
}

/// The kind of an [`EventError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventErrorKind {
    /// The input is not JSON.
    NotJson,
    /// The input is JSON, but not such an event: a required field is missing or has another type.
    NotSuchAnEvent,
    /// A field can't be decoded: it is not base64, or the decoded data is invalid.
    Undecodable,
}

impl EventError {
    pub(super) fn new(
        kind: EventErrorKind,
        event: &'static str,
        field: Option<Cow<'static, str>>,
        problem: impl Into<String>,
    ) -> Self {
        Self(Box::new(Inner { kind, event, field, problem: problem.into(), position: None }))
    }

    pub(super) fn undecodable(
        event: &'static str,
        field: &'static str,
        problem: impl Into<String>,
    ) -> Self {
        Self::new(EventErrorKind::Undecodable, event, Some(field.into()), problem)
    }

    pub(super) fn at(mut self, position: Option<(usize, usize)>) -> Self {
        self.0.position = position;
        self
    }

    /// Returns the kind of this error.
    #[must_use]
    pub fn kind(&self) -> EventErrorKind {
        self.0.kind
    }

    /// Returns the field that this error is about: `cts`, `Records[0]`, `lts.data`.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Returns the line of the input, counted from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.0.position.map(|(line, _)| line)
    }

    /// Returns the column in bytes, counted from 1.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.0.position.map(|(_, column)| column)
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { event, field, problem, position, .. } = &*self.0;
        write!(f, "{event}: ")?;
        if let Some(field) = field {
            write!(f, "{field} ")?;
        }
        f.write_str(problem)?;
        match position {
            Some((line, column)) => write!(f, " (line {line} column {column})"),
            None => Ok(()),
        }
    }
}

debug_as_display!(EventError);

impl StdError for EventError {}
