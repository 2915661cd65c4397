//! How a command ends.

use std::fmt::{self, Display};
use std::io;
use std::process::ExitCode;

use huaweicloud_cts::transport::TransportErrorKind;
use huaweicloud_cts::{BuildError, Error, ErrorKind};
use serde_json::json;

use crate::args::Output;
use crate::layout::hanging_note;
use crate::screen::{self, ERROR, HINT};

/// The exit codes, as the help shows them.
pub(crate) const HELP: &str = "\
Exit codes:
    0  done, or nothing to change
    1  failure
    2  changes, drift, or a threshold, of the commands that say so
    3  not confirmed
    4  not found
    5  not authenticated, or not allowed
    6  done in part
   64  wrong usage
  130  interrupted";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Changes = 2,
    Refused = 3,
    NotFound = 4,
    Denied = 5,
    Partial = 6,
    Usage = 64,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error that ends the command.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
    error: Option<Error>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, error: None }
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Exit::NotFound, message)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the file that the error is about.
    pub(crate) fn at(path: impl Display, error: impl Display) -> Self {
        Self::failed(format!("{path}: {error}"))
    }

    /// Prints the error, and returns its exit code.
    pub(crate) fn report(&self, output: Output) -> ExitCode {
        if self.message.is_empty() {
            return self.exit.into();
        }
        if output.is_for_programs() {
            let error = json!({ "error": {
                "message": self.message,
                "hint": self.hint,
                "code": self.error.as_ref().and_then(Error::code).map(huaweicloud_cts::ErrorCode::as_str),
                "status": self.error.as_ref().and_then(Error::status).map(|status| status.as_u16()),
                "request_id": self.error.as_ref().and_then(Error::request_id),
                "exit": self.exit as u8,
            } });
            screen::note(error);
        } else {
            screen::note(hanging_note(&format!("{ERROR}error:{ERROR:#} {self}"), 0));
            if let Some(hint) = &self.hint {
                let hint = screen::clean(hint);
                screen::note(hanging_note(&format!("{HINT}hint:{HINT:#} {hint}"), 0));
            }
        }
        self.exit.into()
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Lines are the tool's own or those of a parser; everything else that a terminal would obey
        // is not.
        f.write_str(&screen::clean_lines(&self.message))
    }
}

/// Returns the exit code for an error of the service.
pub(crate) fn of_error(error: &Error) -> Exit {
    let status = error.status().map(|status| status.as_u16());
    match (error.kind(), status) {
        _ if error.is_not_found() => Exit::NotFound,
        (ErrorKind::Credentials, _) | (_, Some(401 | 403)) => Exit::Denied,
        _ => Exit::Failed,
    }
}

/// Returns what to do about an error, if there is more to say than in its message.
pub(crate) fn hint(error: &Error) -> Option<&'static str> {
    if error.kind() == ErrorKind::Placeholder {
        return Some("give --region, and --project-id if IAM can't be asked for it");
    }
    let by_transport = error.transport().map(|error| match error.kind() {
        TransportErrorKind::Dns => {
            "check the region and the endpoint, and whether this network has DNS"
        }
        TransportErrorKind::Tls => "if a proxy opens TLS, trust its authority with --ca-file",
        TransportErrorKind::ProxyAuthentication => {
            "put user and password of the proxy into HTTPS_PROXY"
        }
        _ => "check the network, HTTPS_PROXY and NO_PROXY",
    });
    by_transport.or_else(|| match error.status()?.as_u16() {
        401 => Some("check the access key and its secret; do not try again many times, because that locks the key"),
        403 => Some("grant the missing permission in IAM: `CTS ReadOnlyAccess`, or `CTS FullAccess` to write"),
        _ => None,
    })
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let hint = hint(&error).map(str::to_owned);
        Self { exit: of_error(&error), message: error.to_string(), hint, error: Some(error) }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::NoProjectId => Self::usage("the project is not known").hint(
                "give --project-id, set HUAWEICLOUD_SDK_PROJECT_ID, or give --region, so that IAM can be asked for it",
            ),
            BuildError::NoEndpoint => Self::usage("the region is not known")
                .hint("give --region or --endpoint, or set CTS_REGION; without an account, start with `cts fake`"),
            BuildError::Credentials(error) => Self::new(Exit::Denied, error.to_string()),
            error => Self::failed(error.to_string()),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // The reader has seen enough.
            io::ErrorKind::BrokenPipe => Self::new(Exit::Done, ""),
            _ => Self::failed(error.to_string()),
        }
    }
}
