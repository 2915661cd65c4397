//! Errors for tests of programs that handle them.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::json;

use super::operation::Operation;
use super::response::with_status;
use crate::credentials::CredentialsError;
use crate::error::{ApiError, CallName, Cause, Class, Error, History};
use crate::transport::{TransportError, TransportErrorKind};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A builder of an [`Error`], to test how a program handles one without a service.
///
/// ```
/// use huaweicloud_cts::testing::ErrorBuilder;
/// use huaweicloud_cts::{Error, ErrorCode};
///
/// /// The code under test.
/// fn is_fine(error: &Error) -> bool {
///     error.code() == Some(&ErrorCode::NotificationNameExists)
/// }
///
/// assert!(is_fine(&ErrorBuilder::api(400, "CTS.0400", "The name exists.").build()));
/// assert!(!is_fine(&ErrorBuilder::lost_response().build()));
/// ```
///
/// The error is one of the first attempt of `CreateNotification`, unless you set others. Whether
/// the request [may have been applied](Error::may_have_applied) follows from operation and cause,
/// as for an error of a client.
#[derive(Clone, Debug)]
#[must_use]
pub struct ErrorBuilder {
    operation: &'static str,
    attempts: u32,
    may_have_applied: bool,
    retry_after: Option<Duration>,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Response(Response<Bytes>),
    Transport(TransportErrorKind),
    Credentials(CredentialsError),
    NotFound(String),
}

impl ErrorBuilder {
    fn new(source: Source) -> Self {
        Self {
            operation: "CreateNotification",
            attempts: 1,
            may_have_applied: false,
            retry_after: None,
            source,
        }
    }

    /// Creates the error of a response with this status, code and message.
    ///
    /// ```
    /// use huaweicloud_cts::testing::ErrorBuilder;
    ///
    /// let error = ErrorBuilder::api(403, "CTS.0013", "No permission.").operation("ListQuotas").request_id("4f2").build();
    /// assert_eq!(error.to_string(), "ListQuotas: 403 CTS.0013: No permission. (request id 4f2)");
    /// ```
    ///
    /// # Panics
    ///
    /// If the status is none, such as 42.
    pub fn api<S>(status: S, code: &str, message: &str) -> Self
    where
        S: TryInto<StatusCode, Error: fmt::Debug>,
    {
        let body = json!({"error_code": code, "error_msg": message}).to_string();
        Self::response(with_status(status, body))
    }

    /// Creates the error of a response of any form, such as a proxy's page. Its status should not
    /// be one of success.
    pub fn response(response: Response<Bytes>) -> Self {
        Self::new(Source::Response(response))
    }

    /// Creates the error of a call that the gateway throttles (429), with the time after which it
    /// may be repeated.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use huaweicloud_cts::testing::ErrorBuilder;
    ///
    /// let error = ErrorBuilder::throttled(Duration::from_secs(30)).build();
    /// assert!(error.is_throttled());
    /// assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    /// ```
    pub fn throttled(retry_after: impl Into<Option<Duration>>) -> Self {
        let retry_after = retry_after.into();
        Self { retry_after, ..Self::response(super::response::throttled(retry_after)) }
    }

    /// Creates the error of a request without a complete response. Whether the request may have
    /// been applied depends on the kind.
    pub fn transport(kind: TransportErrorKind) -> Self {
        Self::new(Source::Transport(kind))
    }

    /// Creates the error of a request whose response is lost, because the connection broke: it may
    /// have been applied.
    ///
    /// ```
    /// use huaweicloud_cts::testing::ErrorBuilder;
    ///
    /// assert!(ErrorBuilder::lost_response().build().may_have_applied());
    /// assert!(!ErrorBuilder::lost_response().operation("ListNotifications").build().may_have_applied());
    /// ```
    pub fn lost_response() -> Self {
        Self::transport(TransportErrorKind::Interrupted)
    }

    /// Creates the error of a call without usable credentials.
    ///
    /// ```
    /// use huaweicloud_cts::ErrorKind;
    /// use huaweicloud_cts::credentials::CredentialsError;
    /// use huaweicloud_cts::testing::ErrorBuilder;
    ///
    /// let error = ErrorBuilder::credentials(CredentialsError::not_configured("no variable is set")).build();
    /// assert_eq!((error.kind(), error.attempts()), (ErrorKind::Credentials, 0));
    /// ```
    pub fn credentials(error: CredentialsError) -> Self {
        Self { attempts: 0, ..Self::new(Source::Credentials(error)) }
    }

    /// Creates the error of a notification that the client does not find among those that it lists:
    /// `named "key_logins"`.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(Source::NotFound(what.into()))
    }

    /// Sets the operation, as the API reference names it. A request of one that only reads has
    /// never been applied.
    pub fn operation(mut self, operation: &'static str) -> Self {
        self.operation = operation;
        self
    }

    /// Sets how often the request was sent.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets whether an earlier attempt may have been applied: its response was lost, and then the
    /// last attempt was refused.
    pub fn may_have_applied(mut self, may_have_applied: bool) -> Self {
        self.may_have_applied = may_have_applied;
        self
    }

    /// Sets the id of the request. Only an error of a response has one.
    pub fn request_id(mut self, request_id: &str) -> Self {
        if let (Source::Response(response), Ok(id)) =
            (&mut self.source, HeaderValue::from_str(request_id))
        {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        self
    }

    /// Sets how long the service asks to wait. Only an error of a response has this.
    pub fn retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after = Some(retry_after);
        self
    }

    /// Builds the error.
    #[must_use]
    pub fn build(self) -> Error {
        let Self { operation, attempts, may_have_applied, retry_after, source } = self;
        let writes = Operation::named(operation).is_none_or(Operation::writes);
        let class = if writes { Class::Idempotent } else { Class::Read };
        let cause = match source {
            Source::Response(response) => {
                Cause::Api(ApiError::from_response(&response).waiting(retry_after))
            }
            Source::Transport(kind) => Cause::Transport {
                error: TransportError::new(kind),
                host: "cts.localhost".to_owned(),
            },
            Source::Credentials(error) => Cause::Credentials(error),
            Source::NotFound(what) => Cause::NotFound(what),
        };
        Error::new(
            CallName { operation, actions: "", class },
            History { attempts, may_have_applied },
            cause,
        )
    }
}

impl From<ErrorBuilder> for Error {
    fn from(builder: ErrorBuilder) -> Self {
        builder.build()
    }
}
