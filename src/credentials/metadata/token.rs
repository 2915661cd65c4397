//! The token that requests to the service carry.

use http::{HeaderValue, StatusCode};

/// The result of the request for a token.
pub(super) enum Token {
    Given(HeaderValue),
    Missing(NoToken),
}

/// Why there is no token.
pub(super) enum NoToken {
    /// An earlier request showed that there is none, and the service was not asked.
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

    /// Returns what to add to an error about the credentials.
    pub(super) fn note(&self) -> String {
        match self {
            Self::Given(_) => String::new(),
            Self::Missing(NoToken::Remembered) => " without a token".to_owned(),
            Self::Missing(NoToken::Status(status)) => {
                format!(" without a token (the request for one: status {})", status.as_u16())
            }
            Self::Missing(NoToken::Silence) => {
                " without a token (the request for one got no response)".to_owned()
            }
        }
    }
}
