//! Request signing, `SDK-HMAC-SHA256`: pure, no I/O, and usable alone for any Huawei Cloud API.
//!
//! ```
//! use huaweicloud_cts::credentials::Credentials;
//! use huaweicloud_cts::sign::Signer;
//! use std::time::SystemTime;
//!
//! let credentials = Credentials::new("AK", "SK");
//! let mut request = http::Request::get("https://iam.myhuaweicloud.com/v3/projects?name=cn-north-4").body("")?;
//! Signer::new(&credentials).sign(&mut request, SystemTime::now())?;
//!
//! let signed = request.headers()["authorization"].to_str()?;
//! assert!(signed.starts_with("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature="));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is signed
//!
//! The method, the path, the query, **every header that the request carries** except those with a
//! `_` in their name (gateways drop them), the body, and the two headers that signing adds: `Host`
//! and `X-Sdk-Date`. That is the official Python SDK's rule. For one request and one date, both
//! compute the same `Authorization`, byte for byte.
//!
//! The URI must be the one that is sent, percent-encoded once. It is not changed: the canonical
//! form, which the gateway computes too, is derived from it. Headers that an HTTP stack adds later
//! (`Content-Length`, `Accept-Encoding`) are not signed and need not be.
//!
//! A body whose `Content-Type` is not JSON (or BSON) is not hashed: the header
//! `X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD` says so. An absent `Content-Type` counts as JSON.

mod canonical;
mod error;
mod headers;
mod signature;

pub(crate) use self::canonical::ENCODED;
pub use self::error::SignError;
pub use self::signature::Signature;

use std::cell::RefCell;
use std::time::SystemTime;

use bytes::Bytes;
use hmac::Mac;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method, Uri};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use self::canonical::Payload;
use self::headers::{Given, Header, UNSIGNED_PAYLOAD};
use self::signature::Added;
use crate::secret::{Credentials, keyed};
use crate::time::SdkDate;

/// `X-Sdk-Date`: when the request was signed. The gateway refuses more than 15 minutes of
/// difference to its own clock.
pub const X_SDK_DATE: HeaderName = HeaderName::from_static("x-sdk-date");
/// `X-Security-Token`: the token of temporary credentials.
pub const X_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");
/// `X-Sdk-Content-Sha256`: stands in for the body's hash.
pub const X_SDK_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-sdk-content-sha256");

const SDK_HMAC_SHA256: &[u8; 15] = b"SDK-HMAC-SHA256";
const V11_HMAC_SHA256: &[u8; 15] = b"V11-HMAC-SHA256";

/// A signer of requests with one set of credentials.
#[derive(Clone, Debug)]
pub struct Signer {
    credentials: Credentials,
    derived: Option<DerivedScope>,
}

/// The region and the service that a derived key is bound to.
#[derive(Clone, Debug)]
struct DerivedScope {
    region: String,
    service: String,
}

impl Signer {
    /// Creates a signer for `SDK-HMAC-SHA256`.
    #[must_use]
    pub fn new(credentials: &Credentials) -> Self {
        Self { credentials: credentials.clone(), derived: None }
    }

    /// Signs with a key derived for one region and service, `V11-HMAC-SHA256`. A few services
    /// (`IoTDA`) require it; CTS does not.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use huaweicloud_cts::credentials::Credentials;
    /// use huaweicloud_cts::sign::Signer;
    ///
    /// let mut request = http::Request::get("https://iotda.cn-north-4.myhuaweicloud.com/v5/iot/p/devices").body("")?;
    /// Signer::new(&Credentials::new("AK", "SK")).derived("cn-north-4", "iotdm").sign(&mut request, SystemTime::now())?;
    /// assert!(request.headers()["authorization"].to_str()?.starts_with("V11-HMAC-SHA256 Credential=AK/"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn derived(self, region: impl Into<String>, service: impl Into<String>) -> Self {
        Self {
            derived: Some(DerivedScope { region: region.into(), service: service.into() }),
            ..self
        }
    }

    /// Signs a request: sets `Authorization`, `X-Sdk-Date`, `Host` if there is none, and, where
    /// they apply, `X-Security-Token` and `X-Sdk-Content-Sha256`. White space around header values,
    /// which is lost on the way, is removed.
    ///
    /// A request that was signed before is signed again, with the `Host` that it has: remove that
    /// header if the host of the URI has changed since.
    ///
    /// # Errors
    ///
    /// [`SignError`]; the request is then as it was.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use huaweicloud_cts::credentials::Credentials;
    /// use huaweicloud_cts::sign::{Signer, X_SECURITY_TOKEN};
    ///
    /// let temporary = Credentials::new("AK", "SK").security_token("token");
    /// let mut request = http::Request::post("https://iam.example.com/v3/projects").body(r#"{"project": {}}"#)?;
    /// Signer::new(&temporary).sign(&mut request, SystemTime::now())?;
    /// assert_eq!(request.headers()[X_SECURITY_TOKEN], "token");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign<B: AsRef<[u8]>>(
        &self,
        request: &mut http::Request<B>,
        at: SystemTime,
    ) -> Result<(), SignError> {
        self.added(&Message::of(request), at)?.put_on(request.headers_mut());
        Ok(())
    }

    /// Computes the signature of a request without touching it.
    ///
    /// # Errors
    ///
    /// [`SignError::NoKeys`] and [`SignError::Unprintable`] for credentials that can't sign,
    /// [`SignError::NoHost`] for a request with neither a host in its URI nor a `Host` header,
    /// [`SignError::Date`] for a date that four digits of a year can't represent,
    /// [`SignError::RepeatedHash`] for a request with several `X-Sdk-Content-Sha256`.
    pub fn signature<B: AsRef<[u8]>>(
        &self,
        request: &http::Request<B>,
        at: SystemTime,
    ) -> Result<Signature, SignError> {
        self.signature_of(&Message::of(request), at)
    }

    fn added(&self, message: &Message<'_>, at: SystemTime) -> Result<Added, SignError> {
        self.compute(message, at, |_, _| ()).map(|(added, ())| added)
    }

    fn signature_of(&self, message: &Message<'_>, at: SystemTime) -> Result<Signature, SignError> {
        let (added, (canonical, string_to_sign)) =
            self.compute(message, at, |canonical, lines| {
                (
                    Zeroizing::new(canonical.to_vec()),
                    String::from_utf8_lossy(&lines.concat()).into_owned(),
                )
            })?;
        Ok(Signature { canonical, string_to_sign, added })
    }

    /// Returns what a signature adds, and what `keep` makes of the canonical request and the lines
    /// of the string to sign.
    fn compute<T>(
        &self,
        message: &Message<'_>,
        at: SystemTime,
        keep: impl FnOnce(&[u8], &[&[u8]]) -> T,
    ) -> Result<(Added, T), SignError> {
        if self.credentials.access_key().is_empty() || self.credentials.secret_key().is_empty() {
            return Err(SignError::NoKeys);
        }
        let (date, date_value) = date(at).ok_or(SignError::Date)?;
        let token = self.credentials.session_token().map(token).transpose()?;

        // On the stack, since no SDK sends more headers than this.
        let mut few = [Header::NONE; 12];
        let mut many = Vec::new();
        let most = message.headers.len() + Added::MOST;
        let places = if most <= few.len() {
            few.as_mut_slice()
        } else {
            many.resize(most, Header::NONE);
            many.as_mut_slice()
        };
        let Given { has_host, is_payload_unsigned, hash, has_padding, count } =
            Given::read(message.headers, token.is_some(), places)?;
        let host = if has_host { None } else { Some(host(message.uri)?) };
        let hash = if is_payload_unsigned { Some(UNSIGNED_PAYLOAD.as_bytes()) } else { hash };
        let added = [
            Some(("x-sdk-date", date.as_bytes().as_slice())),
            host.as_ref().map(|host| ("host", host.as_bytes())),
            token.as_ref().map(|token| ("x-security-token", token.as_bytes())),
            hash.map(|hash| ("x-sdk-content-sha256", hash)),
        ];
        let headers = headers::sorted(places, count, added.into_iter().flatten());
        let payload = match hash.filter(|hash| !hash.is_empty() && !message.body.is_empty()) {
            Some(given) => Payload::Given(given),
            None => Payload::Signed(message.body),
        };
        let (authorization, kept) =
            canonical::read(message, headers, payload, token.is_some(), |canonical| {
                let scope = self
                    .derived
                    .as_ref()
                    .map(|scope| format!("{}/{}/{}", date.day(), scope.region, scope.service));
                let (algorithm, mut mac) = match &scope {
                    None => (SDK_HMAC_SHA256, self.credentials.signing_key()),
                    Some(scope) => {
                        (V11_HMAC_SHA256, keyed(&*derived_key(&self.credentials, scope)))
                    }
                };
                let scope_line =
                    scope.as_ref().map_or_else(String::new, |scope| format!("{scope}\n"));
                let hash = hex(&Sha256::digest(canonical.text).into());
                let lines = [&first_lines(algorithm, date), scope_line.as_bytes(), &hash];
                for line in lines {
                    mac.update(line);
                }
                let signature = hex(&mac.finalize().into_bytes().into());
                let authorization =
                    self.authorization(canonical.names, scope.as_deref(), &signature)?;
                Ok((authorization, keep(canonical.text, &lines)))
            })?;
        // It borrows from the values that follow.
        drop(many);
        Ok((
            Added {
                authorization,
                date: date_value,
                host,
                token,
                is_payload_unsigned,
                has_padding,
            },
            kept,
        ))
    }

    fn authorization(
        &self,
        signed_headers: &[u8],
        scope: Option<&str>,
        signature: &[u8; 64],
    ) -> Result<HeaderValue, SignError> {
        const SIGNED_HEADERS: &str = ", SignedHeaders=";
        const SIGNATURE: &str = ", Signature=";

        let access_key = self.credentials.access_key();
        let (start, slash, scope) = match scope {
            None => ("SDK-HMAC-SHA256 Access=", "", ""),
            Some(scope) => ("V11-HMAC-SHA256 Credential=", "/", scope),
        };
        let names = start.len() + SIGNED_HEADERS.len() + SIGNATURE.len();
        let values =
            access_key.len() + slash.len() + scope.len() + signed_headers.len() + signature.len();
        // Exactly as much as it takes: then the value of the header keeps this very buffer.
        let mut out = Vec::with_capacity(names + values);
        out.extend_from_slice(start.as_bytes());
        out.extend_from_slice(access_key.as_bytes());
        out.extend_from_slice(slash.as_bytes());
        out.extend_from_slice(scope.as_bytes());
        out.extend_from_slice(SIGNED_HEADERS.as_bytes());
        out.extend_from_slice(signed_headers);
        out.extend_from_slice(SIGNATURE.as_bytes());
        out.extend_from_slice(signature);
        let mut value = HeaderValue::from_maybe_shared(Bytes::from(out))
            .map_err(|_| SignError::Unprintable("access key"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// A request without the type of its body. Whatever is generic over that is compiled in the crate
/// that signs, where the compiler can't inline what is in this one.
struct Message<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl<'a> Message<'a> {
    fn of<B: AsRef<[u8]>>(request: &'a http::Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            body: request.body().as_ref(),
        }
    }
}

/// Returns the date of a signature, also as the value of its header. `None` outside the years that
/// it can represent.
fn date(at: SystemTime) -> Option<(SdkDate, HeaderValue)> {
    thread_local! {
        /// The second of the last signature, and its date. The next one is often of the same
        /// second.
        static LAST: RefCell<Option<(u64, SdkDate, HeaderValue)>> = const { RefCell::new(None) };
    }

    let new = || {
        let date = SdkDate::new(at)?;
        Some((date, HeaderValue::from_bytes(date.as_bytes()).ok()?))
    };
    let Ok(since) = at.duration_since(SystemTime::UNIX_EPOCH) else { return new() };
    let found = LAST.try_with(|last| {
        let mut last = last.borrow_mut();
        match &*last {
            Some((second, date, value)) if *second == since.as_secs() => {
                Some((*date, value.clone()))
            }
            _ => {
                let (date, value) = new()?;
                *last = Some((since.as_secs(), date, value.clone()));
                Some((date, value))
            }
        }
    });
    // A thread that ends has none.
    found.unwrap_or_else(|_| new())
}

/// Returns the lines of a string to sign before the scope and the hash: algorithm and date.
fn first_lines(algorithm: &[u8; 15], date: SdkDate) -> [u8; 33] {
    let mut lines = [b'\n'; 33];
    lines[..15].copy_from_slice(algorithm);
    lines[16..32].copy_from_slice(date.as_bytes());
    lines
}

/// Returns the host that a request goes to, by its URI.
fn host(uri: &Uri) -> Result<HeaderValue, SignError> {
    let authority = uri.authority().ok_or(SignError::NoHost)?.as_str();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    HeaderValue::from_str(host).map_err(|_| SignError::NoHost)
}

fn token(token: &str) -> Result<HeaderValue, SignError> {
    let mut value = HeaderValue::from_str(token.trim())
        .map_err(|_| SignError::Unprintable("security token"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// HKDF with one round: the access key salts, the secret key is expanded; used in its hexadecimal
/// form.
fn derived_key(credentials: &Credentials, info: &str) -> Zeroizing<[u8; 64]> {
    let mut extract = keyed(credentials.access_key().as_bytes());
    extract.update(credentials.secret_key().as_bytes());
    let mut expand = keyed(&extract.finalize().into_bytes());
    expand.update(info.as_bytes());
    expand.update(&[1]);
    let hash: Zeroizing<[u8; 32]> = Zeroizing::new(expand.finalize().into_bytes().into());
    Zeroizing::new(hex(&hash))
}

/// Returns a hash in hexadecimal. Simple enough for the compiler to make vector instructions of it,
/// which `hex` does not allow: three of them are a tenth of what a signature costs.
fn hex(hash: &[u8; 32]) -> [u8; 64] {
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    let mut text = [0; 64];
    for (pair, byte) in text.as_chunks_mut().0.iter_mut().zip(hash) {
        *pair = [digit(byte >> 4), digit(byte & 0xf)];
    }
    text
}
