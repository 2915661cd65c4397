//! The token that the service is asked with.

use http::{HeaderValue, StatusCode};

/// What became of the request for a token.
pub(super) enum Token {
    Given(HeaderValue),
    Missing(NoToken),
}

/// Why there is no token.
pub(super) enum NoToken {
    /// It was seen before that there is none, and the service was not asked.
    Remembered,
    Status(StatusCode),
    Silence,
}

impl Token {
    pub(super) fn header(&self) -> Option<HeaderValue> {
        match self {
            Self::Given(token) => Some(token.clone()),
            Self::Missing(_) => None,
        }
    }

    /// What to add to an error about the keys.
    pub(super) fn note(&self) -> String {
        match self {
            Self::Given(_) => String::new(),
            Self::Missing(NoToken::Remembered) => " without a token".to_owned(),
            Self::Missing(NoToken::Status(status)) => {
                format!(" without a token (the request for one: status {})", status.as_u16())
            }
            Self::Missing(NoToken::Silence) => " without a token (the request for one was not answered)".to_owned(),
        }
    }
}
