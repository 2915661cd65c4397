//! What a function responds with when it failed.

use std::error::Error as StdError;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{Chain, cut};

/// The longest type or message that is sent, in bytes.
const MAX_LENGTH: usize = 32 * 1024;

/// The type of an error that has no type of its own to be named by, such as a string.
const UNNAMED: &str = "HandlerError";

/// The response of a function that failed: a type to tell failures apart by, and a message.
///
/// A handler may return any error. Its diagnostic then has the name of the error's Rust type and
/// the messages of the error and all its sources. To choose both, return a `Diagnostic`:
///
/// ```
/// use huaweicloud_cts::event::CtsEvent;
/// use huaweicloud_cts::function::{Diagnostic, Event};
///
/// async fn handler(event: Event<CtsEvent>) -> Result<(), Diagnostic> {
///     if event.payload.cts.user.name().is_none() {
///         return Err(Diagnostic::new("NoUser", "the trace has no user"));
///     }
///     Ok(())
/// }
/// ```
///
/// These types are the crate's own:
///
/// | type | what happened |
/// |---|---|
/// | `InvalidEvent` | The payload is not what the handler takes. The handler was not called. |
/// | `Panic` | The handler panicked. The message is that of the panic if it is a string. |
/// | `InvalidResponse` | The handler's response can't be written as JSON. |
/// | `FunctionResponseTooLarge` | The handler's response is larger than [`Config::max_response`](super::Config::max_response). |
/// | `HandlerError` | The handler returned an error without a type: a string, or a boxed error. |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Diagnostic {
    /// The type of the failure: `InvalidEvent`.
    pub error_type: String,
    /// What happened, for people.
    pub error_message: String,
}

impl Diagnostic {
    /// Creates a diagnostic of this type, with this message.
    #[must_use]
    pub fn new(error_type: impl Into<String>, error_message: impl Into<String>) -> Self {
        Self { error_type: error_type.into(), error_message: error_message.into() }
    }

    /// Creates the diagnostic of an error that a handler returned.
    pub(super) fn of<E: Into<Box<dyn StdError + Send + Sync>>>(error: E) -> Self {
        match error.into().downcast::<Self>() {
            Ok(own) => *own,
            Err(error) => {
                Self::new(short_name(std::any::type_name::<E>()), Chain(&*error).to_string())
            }
        }
    }

    /// Changes the type and the message with `clean`, and cuts what is too long.
    pub(super) fn cleaned(self, clean: impl Fn(String) -> String) -> Self {
        let clean = |text| cut(clean(text), MAX_LENGTH);
        Self { error_type: clean(self.error_type), error_message: clean(self.error_message) }
    }
}

/// Returns the last part of a type's path; all of it where that part is only `Error`.
fn short_name(path: &str) -> &str {
    let path = path.split('<').next().unwrap_or_default().trim_start_matches('&');
    match path.rsplit("::").next().unwrap_or_default() {
        "Box" | "String" | "str" | "Cow" | "" => UNNAMED,
        "Error" => path,
        name => name,
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.error_message)
    }
}

impl StdError for Diagnostic {}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the table is locked")]
    struct Locked<T: fmt::Debug>(#[source] std::io::Error, T);

    #[test]
    fn an_error_is_named_by_its_type_and_told_with_its_sources() {
        let locked = Locked(std::io::Error::other("no answer"), 1);
        assert_eq!(
            Diagnostic::of(locked),
            Diagnostic::new("Locked", "the table is locked: no answer")
        );
        let io = Diagnostic::of(std::io::Error::other("broken"));
        assert_eq!(io, Diagnostic::new("std::io::error::Error", "broken"));
        let own = Diagnostic::new("Own", "message");
        assert_eq!(Diagnostic::of(own.clone()), own);
        let boxed: Box<dyn StdError + Send + Sync> = own.clone().into();
        assert_eq!(Diagnostic::of(boxed), own);
        let boxed: Box<dyn StdError + Send + Sync> = "text".into();
        let unnamed = Diagnostic::new("HandlerError", "text");
        for diagnostic in [
            Diagnostic::of(boxed),
            Diagnostic::of("text"),
            Diagnostic::of("text".to_owned()),
            Diagnostic::of(Cow::Borrowed("text")),
        ] {
            assert_eq!(diagnostic, unnamed);
        }
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let long =
            Diagnostic::new("Long", "é".repeat(MAX_LENGTH)).cleaned(|text| format!("x{text}"));
        assert_eq!((&*long.error_type, long.error_message.len()), ("xLong", MAX_LENGTH - 1));
    }
}
