//! Why an event can't be read.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// Why an event can't be read.
///
/// `Display` says which event, which member, what was expected, what was found and where:
///
/// ```
/// use huaweicloud_cts::event::CtsEvent;
///
/// let error = CtsEvent::from_slice(br#"{"cts": "createServer"}"#).unwrap_err();
/// assert_eq!(error.to_string(), "CTS event: cts should be an object, but is a string (line 1 column 9)");
/// ```
///
/// What a member holds is never printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: EventErrorKind,
    event: &'static str,
    member: Option<Cow<'static, str>>,
    problem: String,
    place: Option<(usize, usize)>,
}

/// The kinds of [`EventError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventErrorKind {
    /// The input is not JSON.
    NotJson,
    /// It is JSON, but not such an event: the member that makes it one is missing or of another type.
    NotSuchAnEvent,
    /// A member can't be decoded: it is not base64, or what was encoded is not what it should be.
    Undecodable,
}

impl EventError {
    pub(super) fn new(
        kind: EventErrorKind,
        event: &'static str,
        member: Option<Cow<'static, str>>,
        problem: impl Into<String>,
    ) -> Self {
        Self(Box::new(Inner { kind, event, member, problem: problem.into(), place: None }))
    }

    pub(super) fn undecodable(event: &'static str, member: &'static str, problem: impl Into<String>) -> Self {
        Self::new(EventErrorKind::Undecodable, event, Some(member.into()), problem)
    }

    pub(super) fn at(mut self, place: Option<(usize, usize)>) -> Self {
        self.0.place = place;
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> EventErrorKind {
        self.0.kind
    }

    /// The member that is at fault: `cts`, `Records[0]`, `lts.data`.
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        self.0.member.as_deref()
    }

    /// The line of the input, from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.0.place.map(|(line, _)| line)
    }

    /// The column, in bytes from 1.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.0.place.map(|(_, column)| column)
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { event, member, problem, place, .. } = &*self.0;
        write!(f, "{event}: ")?;
        if let Some(member) = member {
            write!(f, "{member} ")?;
        }
        f.write_str(problem)?;
        match place {
            Some((line, column)) => write!(f, " (line {line} column {column})"),
            None => Ok(()),
        }
    }
}

impl StdError for EventError {}
