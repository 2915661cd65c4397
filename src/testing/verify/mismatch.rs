//! Why a signature is refused, in words that hold no credentials.

use std::fmt;

use sha2::{Digest, Sha256};

use super::canonical::{Canonical, HIDDEN, REDACTED};

/// Why the gateway refuses a signature.
///
/// Neither its texts nor its `Debug` hold a security token, a secret key, or more than the first
/// four characters of an access key.
///
/// Source: the gateway's answers with code `APIGW.0301`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureMismatch {
    reason: MismatchReason,
    /// The first characters of the access key, if it is long enough to show them.
    access_key: Option<String>,
    canonical: Option<Box<Canonical>>,
}

impl SignatureMismatch {
    /// An empty `access_key` stands for none.
    pub(super) fn new(reason: MismatchReason, access_key: &str) -> Self {
        // The beginning of a key, by which its owner knows it again.
        let access_key = (access_key.chars().count() >= 12).then(|| access_key.chars().take(4).collect());
        Self { reason, access_key, canonical: None }
    }

    pub(super) fn with_canonical(self, canonical: Canonical) -> Self {
        Self { canonical: Some(Box::new(canonical)), ..self }
    }

    /// What is wrong. Source: the order of the gateway's checks.
    #[must_use]
    pub fn reason(&self) -> &MismatchReason {
        &self.reason
    }

    /// The gateway's own canonical request, when it got that far: with real newlines, and with
    /// `***` for the value of `X-Security-Token`.
    ///
    /// Source: the request as it arrived, written down by the rules of the signing protocol.
    #[must_use]
    pub fn canonical_request(&self) -> Option<&str> {
        self.canonical.as_ref().map(|canonical| canonical.text.as_str())
    }

    /// The text that the gateway answers with as `error_msg`.
    ///
    /// Source: answers of the real gateway. After a signature that does not fit comes the
    /// gateway's canonical request with `|` for newlines. The details behind the first words are
    /// this crate's where no real answer is known; access key and token are shortened, too.
    #[must_use]
    pub fn gateway_message(&self) -> String {
        let detail = match &self.reason {
            MismatchReason::NoAuthorization | MismatchReason::UnknownAlgorithm(_) => {
                "x-auth-token not found".to_owned()
            }
            // A temporary key without its token does not exist for the gateway.
            MismatchReason::UnknownAccessKey | MismatchReason::MissingToken => {
                let key = self.access_key.as_deref().unwrap_or_default();
                format!("Get secretKey failed,ak:{key}{REDACTED},err:ak not exist")
            }
            MismatchReason::Expired { signed, server } => {
                format!("calc aksk signature fail:signature expired, signature time:{signed},server time:{server}")
            }
            MismatchReason::Signature => {
                let request = self.canonical_request().unwrap_or_default().replace('\n', "|");
                format!("verify aksk signature fail, canonicalRequest:{request}")
            }
            reason => format!("verify aksk signature fail, {reason}"),
        };
        format!("Incorrect IAM authentication information: {detail}")
    }

    /// Names the first line in which `client_canonical_request` differs from the gateway's.
    ///
    /// `None` if no line does, or if the gateway refused before it had a canonical request. A
    /// credential in the client's text may be written as `***`.
    ///
    /// Source: the layout of the canonical request.
    #[must_use]
    pub fn differing_line(&self, client_canonical_request: &str) -> Option<DifferingLine> {
        let own = self.canonical.as_ref()?;
        // The gateway's text has no credentials any more: those are compared by their hashes.
        let same = |client: &(Line, &str), gateway: &(Line, &str)| match client {
            (Line::Header(name), value) if client.0 == gateway.0 && HIDDEN.contains(&name.as_str()) => {
                *value == REDACTED || own.hidden.contains(&Sha256::digest(value).into())
            }
            _ => client == gateway,
        };
        let (mut clients, mut gateways) = (lines(client_canonical_request).into_iter(), lines(&own.text).into_iter());
        let (client, gateway) = loop {
            match (clients.next(), gateways.next()) {
                (None, None) => return None,
                (Some(client), Some(gateway)) if same(&client, &gateway) => {}
                // Both have their headers sorted, so the smaller name is the one that the other side lacks.
                (Some(client), Some(gateway)) if is_before(&client.0, &gateway.0) => break (Some(client), None),
                (Some(client), Some(gateway)) if is_before(&gateway.0, &client.0) => break (None, Some(gateway)),
                different => break different,
            }
        };
        let line = client.as_ref().or(gateway.as_ref())?.0.clone();
        let shown = |(line, text): (Line, &str)| presentable(&line, text);
        Some(DifferingLine { line, client: client.map(shown), gateway: gateway.map(shown) })
    }
}

/// A canonical request cut into its lines; of the headers without their names.
fn lines(text: &str) -> Vec<(Line, &str)> {
    let mut rest = text.split('\n');
    let mut lines: Vec<_> = [Line::Method, Line::Path, Line::Query].into_iter().zip(rest.by_ref()).collect();
    lines.extend(rest.by_ref().take_while(|line| !line.is_empty()).map(|line| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        (Line::Header(name.to_owned()), value)
    }));
    lines.extend([Line::SignedHeaders, Line::Payload].into_iter().zip(rest));
    lines
}

/// Whether `one` is a header that comes before `other`, which is another header or one of the last lines.
fn is_before(one: &Line, other: &Line) -> bool {
    match (one, other) {
        (Line::Header(one), Line::Header(other)) => one < other,
        (one, _) => matches!(one, Line::Header(_)),
    }
}

/// The text of a line for a message: no value of a credential, whatever the caller handed in.
fn presentable(line: &Line, text: &str) -> String {
    let name = if let Line::Header(name) = line { name.to_ascii_lowercase() } else { String::new() };
    let lower = text.to_ascii_lowercase();
    let secret = HIDDEN.iter().any(|hidden| name.contains(hidden) || lower.contains(&format!("{hidden}:")));
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

/// What the gateway found wrong with a signature. Source: its checks, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MismatchReason {
    /// There is no `Authorization` header.
    NoAuthorization,
    /// The `Authorization` header is not laid out as its algorithm demands; the text says where.
    MalformedAuthorization(&'static str),
    /// The `Authorization` header names this algorithm, which the gateway does not know.
    UnknownAlgorithm(String),
    /// No known credentials have this access key.
    UnknownAccessKey,
    /// There is no `X-Sdk-Date` header.
    MissingDate,
    /// `X-Sdk-Date` is not among the signed headers.
    DateNotSigned,
    /// `X-Sdk-Date` holds this, which is no `YYYYMMDDTHHMMSSZ` or no day of the calendar.
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
    /// The access key is temporary, but `X-Security-Token` is absent, unsigned or another one.
    MissingToken,
    /// The signature is not that of the request as it arrived.
    Signature,
}

impl fmt::Display for MismatchReason {
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
                "its access key is temporary, and the X-Security-Token that belongs to it is not there or not signed",
            ),
            Self::Signature => f.write_str("its signature does not fit what arrived: another secret key, or a change on the way (see canonical_request)"),
        }
    }
}

/// The first line in which two canonical requests differ. Source: the layout of the canonical
/// request. Of a header only the value is given; the value of a security token is `***`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DifferingLine {
    /// Which line it is.
    pub line: Line,
    /// What the client has there; `None` if it has no such line.
    pub client: Option<String>,
    /// What the gateway has there; `None` if it has no such line.
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
