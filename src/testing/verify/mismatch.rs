//! Why a signature is refused, without credentials.

use std::fmt;

use sha2::{Digest, Sha256};

use super::canonical::{Canonical, HIDDEN, REDACTED};

/// The reason why the gateway refuses a signature, with its view of the request.
///
/// Neither its messages nor its `Debug` contain a security token, a secret key, or more than the
/// first four characters of an access key.
///
/// Source: the gateway's responses with the code `APIGW.0301`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureMismatch {
    reason: SignatureMismatchReason,
    /// The first characters of the access key, if it is long enough to show them.
    access_key: Option<String>,
    canonical: Option<Box<Canonical>>,
}

impl SignatureMismatch {
    /// Creates a mismatch. An empty `access_key` stands for none.
    pub(super) fn new(reason: SignatureMismatchReason, access_key: &str) -> Self {
        // The start of an access key, by which its owner recognizes it.
        let access_key =
            (access_key.chars().count() >= 12).then(|| access_key.chars().take(4).collect());
        Self { reason, access_key, canonical: None }
    }

    pub(super) fn with_canonical(self, canonical: Canonical) -> Self {
        Self { canonical: Some(Box::new(canonical)), ..self }
    }

    /// Returns what is wrong. Source: the order of the gateway's checks.
    #[must_use]
    pub fn reason(&self) -> &SignatureMismatchReason {
        &self.reason
    }

    /// Returns the gateway's canonical request, if it came to make one: with real newlines, and
    /// with `***` in place of the value of `X-Security-Token`.
    ///
    /// Source: the request as it arrived, written down by the rules of the signing protocol.
    #[must_use]
    pub fn canonical_request(&self) -> Option<&str> {
        self.canonical.as_ref().map(|canonical| canonical.text.as_str())
    }

    /// Returns the `error_msg` that the gateway responds with.
    ///
    /// Source: responses of the real gateway. If the signature does not fit, the message ends with
    /// the gateway's canonical request, with `|` for newlines. Where no real response is known, the
    /// details after the first words are this crate's. Access key and token are shortened.
    #[must_use]
    pub fn gateway_message(&self) -> String {
        let detail = match &self.reason {
            SignatureMismatchReason::NoAuthorization
            | SignatureMismatchReason::UnknownAlgorithm(_) => "x-auth-token not found".to_owned(),
            // A temporary access key without its token does not exist for the gateway.
            SignatureMismatchReason::UnknownAccessKey | SignatureMismatchReason::MissingToken => {
                let key = self.access_key.as_deref().unwrap_or_default();
                format!("Get secretKey failed,ak:{key}{REDACTED},err:ak not exist")
            }
            SignatureMismatchReason::Expired { signed, server } => {
                format!(
                    "calc aksk signature fail:signature expired, signature time:{signed},server time:{server}"
                )
            }
            SignatureMismatchReason::Signature => {
                let request = self.canonical_request().unwrap_or_default().replace('\n', "|");
                format!("verify aksk signature fail, canonicalRequest:{request}")
            }
            reason => format!("verify aksk signature fail, {reason}"),
        };
        format!("Incorrect IAM authentication information: {detail}")
    }

    /// Returns the first line in which `client_canonical_request` differs from the gateway's.
    /// `None` if they are equal, or if the gateway refused the request before it made one.
    ///
    /// Credentials in the client's may be written as `***`.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use huaweicloud_cts::credentials::Credentials;
    /// use huaweicloud_cts::sign::Signer;
    /// use huaweicloud_cts::testing::{Line, verify_signature};
    ///
    /// let (credentials, now) = (Credentials::new("MYACCESSKEY000000001", "secret"), SystemTime::now());
    /// let mut request = http::Request::get("https://cts.example.com/v3/p/quotas").body("")?;
    /// let signature = Signer::new(&credentials).signature(&request, now)?;
    /// Signer::new(&credentials).sign(&mut request, now)?;
    /// *request.method_mut() = http::Method::PUT; // a proxy's mistake
    ///
    /// let mismatch = verify_signature(&request, &[credentials], now).unwrap_err();
    /// let differing = mismatch.differing_line(&signature.canonical_request()).unwrap();
    /// assert_eq!((differing.line, differing.gateway.as_deref()), (Line::Method, Some("PUT")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Source: the layout of the canonical request.
    #[must_use]
    pub fn differing_line(&self, client_canonical_request: &str) -> Option<DifferingLine> {
        let own = self.canonical.as_ref()?;
        // The gateway's has no credentials any more: those are compared by their hashes.
        let same = |client: &(Line, &str), gateway: &(Line, &str)| match client {
            (Line::Header(name), value)
                if client.0 == gateway.0 && HIDDEN.contains(&name.as_str()) =>
            {
                *value == REDACTED || own.hidden.contains(&Sha256::digest(value).into())
            }
            _ => client == gateway,
        };
        let (mut clients, mut gateways) =
            (lines(client_canonical_request).into_iter(), lines(&own.text).into_iter());
        let (client, gateway) = loop {
            match (clients.next(), gateways.next()) {
                (None, None) => return None,
                (Some(client), Some(gateway)) if same(&client, &gateway) => {}
                // The headers of both are sorted, so the other side lacks the smaller name.
                (Some(client), Some(gateway)) if is_before(&client.0, &gateway.0) => {
                    break (Some(client), None);
                }
                (Some(client), Some(gateway)) if is_before(&gateway.0, &client.0) => {
                    break (None, Some(gateway));
                }
                different => break different,
            }
        };
        let line = client.as_ref().or(gateway.as_ref())?.0.clone();
        let shown = |(line, text): (Line, &str)| presentable(&line, text);
        Some(DifferingLine { line, client: client.map(shown), gateway: gateway.map(shown) })
    }
}

/// Cuts a canonical request into its lines, those of headers without their names.
fn lines(text: &str) -> Vec<(Line, &str)> {
    let mut rest = text.split('\n');
    let mut lines: Vec<_> =
        [Line::Method, Line::Path, Line::Query].into_iter().zip(rest.by_ref()).collect();
    lines.extend(rest.by_ref().take_while(|line| !line.is_empty()).map(|line| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        (Line::Header(name.to_owned()), value)
    }));
    lines.extend([Line::SignedHeaders, Line::Payload].into_iter().zip(rest));
    lines
}

/// Returns `true` if `one` is a header that comes before `other`, which is another header or one of
/// the last lines.
fn is_before(one: &Line, other: &Line) -> bool {
    match (one, other) {
        (Line::Header(one), Line::Header(other)) => one < other,
        (one, _) => matches!(one, Line::Header(_)),
    }
}

/// Returns a line for a message, without credentials, whatever the caller passed in.
fn presentable(line: &Line, text: &str) -> String {
    let name =
        if let Line::Header(name) = line { name.to_ascii_lowercase() } else { String::new() };
    let lower = text.to_ascii_lowercase();
    let secret =
        HIDDEN.iter().any(|hidden| name.contains(hidden) || lower.contains(&format!("{hidden}:")));
    if secret { REDACTED.to_owned() } else { text.to_owned() }
}

impl fmt::Debug for SignatureMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureMismatch")
            .field("reason", &self.reason)
            .field("access_key_beginning", &self.access_key)
            .field("canonical_request", &self.canonical_request())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for SignatureMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the gateway refuses the request: {}", self.reason)?;
        match &self.access_key {
            Some(beginning) => write!(f, " (access key {beginning}{REDACTED})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for SignatureMismatch {}

/// What is wrong with a signature. Source: the gateway's checks, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureMismatchReason {
    /// There is no `Authorization` header.
    NoAuthorization,
    /// The `Authorization` header does not have the form of its algorithm; the string says where.
    MalformedAuthorization(&'static str),
    /// The `Authorization` header names this algorithm, which the gateway does not know.
    UnknownAlgorithm(String),
    /// No known credentials have this access key.
    UnknownAccessKey,
    /// There is no `X-Sdk-Date` header.
    MissingDate,
    /// `X-Sdk-Date` is not among the signed headers.
    DateNotSigned,
    /// `X-Sdk-Date` has this value, which is not of the form `YYYYMMDDTHHMMSSZ`, or not a day of
    /// the calendar.
    InvalidDate(String),
    /// The date is more than 15 minutes from the gateway's clock. Both as `YYYYMMDDTHHMMSSZ`.
    Expired {
        /// The date of the request.
        signed: String,
        /// The gateway's clock.
        server: String,
    },
    /// This header is among the signed ones, but the request does not have it.
    MissingSignedHeader(String),
    /// The access key is temporary, but `X-Security-Token` is absent, not signed, or another one.
    MissingToken,
    /// The signature is not that of the request that arrived.
    Signature,
}

impl fmt::Display for SignatureMismatchReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAuthorization => f.write_str("it has no Authorization header"),
            Self::MalformedAuthorization(what) => {
                write!(f, "its Authorization header is malformed: {what}")
            }
            Self::UnknownAlgorithm(name) => write!(f, "the algorithm {name} is unknown"),
            Self::UnknownAccessKey => f.write_str("its access key is unknown"),
            Self::MissingDate => f.write_str("it has no X-Sdk-Date header"),
            Self::DateNotSigned => f.write_str("X-Sdk-Date is not among its signed headers"),
            Self::InvalidDate(text) => {
                write!(f, "its X-Sdk-Date {text:?} is not a date of the form YYYYMMDDTHHMMSSZ")
            }
            Self::Expired { signed, server } => {
                write!(f, "it was signed at {signed}, more than 15 minutes from the server's {server}")
            }
            Self::MissingSignedHeader(name) => {
                write!(f, "its signed header {name} did not arrive")
            }
            Self::MissingToken => f.write_str(
                "its access key is temporary, but its X-Security-Token is missing or not signed",
            ),
            Self::Signature => f.write_str("its signature is not that of the request that arrived: the secret key is another one, or the request was changed on its way (see canonical_request)"),
        }
    }
}

/// The first line in which two canonical requests differ. Source: the layout of the canonical
/// request. A header is its value only; that of a security token is `***`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DifferingLine {
    /// Which line it is.
    pub line: Line,
    /// The client's; `None` if it has no such line.
    pub client: Option<String>,
    /// The gateway's; `None` if it has no such line.
    pub gateway: Option<String>,
}

/// A line of the canonical request. Source: the layout of the signing protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Line {
    /// The HTTP method.
    Method,
    /// The canonical path.
    Path,
    /// The canonical query.
    Query,
    /// The signed header of this lower-case name.
    Header(String),
    /// The list of the signed header names.
    SignedHeaders,
    /// The hash of the body, or `UNSIGNED-PAYLOAD`.
    Payload,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("method"),
            Self::Path => f.write_str("path"),
            Self::Query => f.write_str("query"),
            Self::Header(name) => write!(f, "header {name}"),
            Self::SignedHeaders => f.write_str("signed headers"),
            Self::Payload => f.write_str("payload hash"),
        }
    }
}
