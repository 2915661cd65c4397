//! The signature check of the fake gateway.
//!
//! It is written from the protocol alone and shares no code with the signer of this crate: two
//! implementations that agree are worth more than one that agrees with itself. Both algorithms
//! that the gateway accepts for a secret key are known here, `SDK-HMAC-SHA256` and the derived
//! `V11-HMAC-SHA256`.

mod canonical;
mod date;
mod mismatch;
#[cfg(test)]
mod tests;

use std::time::SystemTime;

use hmac::{Hmac, KeyInit, Mac};
use http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use sha2::{Digest, Sha256};

use self::canonical::{Candidates, TOKEN, joined};
use self::date::{clock_seconds, date_of, seconds_of};
pub use self::mismatch::{DifferingLine, Line, SignatureMismatch, SignatureMismatchReason};
use crate::credentials::Credentials;

const DIRECT: &str = "SDK-HMAC-SHA256";
const DERIVED: &str = "V11-HMAC-SHA256";
const DATE: &str = "x-sdk-date";
/// How far the date of a request may be from the gateway's clock, either way.
const TOLERANCE_SECONDS: u64 = 15 * 60;

/// Verifies the signature of a request in parts, as HTTP mocks keep it. The host is that of the
/// `Host` header.
///
/// # Errors
///
/// As for [`verify_signature`].
pub fn verify_parts(
    method: &http::Method,
    url: &url::Url,
    headers: &HeaderMap,
    body: &[u8],
    accepted: &[Credentials],
    now: SystemTime,
) -> Result<(), SignatureMismatch> {
    let mut request = http::Request::new(body);
    *request.method_mut() = method.clone();
    // Every `Url` parses as a URI. If one did not, the root path would match no signature.
    *request.uri_mut() = url.as_str().parse().unwrap_or_default();
    *request.headers_mut() = headers.clone();
    verify_signature(&request, accepted, now)
}

/// Verifies the signature of a request as the gateway does.
///
/// `accepted` are the credentials that the gateway knows, `now` is its clock. As with the real
/// gateway, any choice of signed headers is fine that includes `X-Sdk-Date`: the official SDKs
/// differ in it.
///
/// ```
/// use std::time::SystemTime;
///
/// use huaweicloud_cts::credentials::Credentials;
/// use huaweicloud_cts::sign::Signer;
/// use huaweicloud_cts::testing::{SignatureMismatchReason, verify_signature};
///
/// let (credentials, now) = (Credentials::new("MYACCESSKEY000000001", "secret"), SystemTime::now());
/// let mut request = http::Request::get("https://cts.eu-de.otc.t-systems.com/v3/p/quotas").body("")?;
/// Signer::new(&credentials).sign(&mut request, now)?;
/// assert!(verify_signature(&request, &[credentials.clone()], now).is_ok());
///
/// *request.uri_mut() = "https://cts.eu-de.otc.t-systems.com/v3/q/quotas".parse()?;
/// let mismatch = verify_signature(&request, &[credentials], now).unwrap_err();
/// assert_eq!(mismatch.reason(), &SignatureMismatchReason::Signature);
/// assert!(mismatch.canonical_request().unwrap().starts_with("GET\n/v3/q/quotas/\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: the signers of the official Python, Java, Go and Node SDKs, and the gateway's responses.
///
/// # Errors
///
/// [`SignatureMismatch`] says what is wrong; see [`SignatureMismatchReason`] for the cases.
pub fn verify_signature<B: AsRef<[u8]>>(
    request: &http::Request<B>,
    accepted: &[Credentials],
    now: SystemTime,
) -> Result<(), SignatureMismatch> {
    // The access key is not known yet.
    let authorization = Authorization::of(request.headers())
        .map_err(|reason| SignatureMismatch::new(reason, ""))?;
    let refused = |reason| SignatureMismatch::new(reason, authorization.access_key);

    let mut keys: Vec<_> =
        accepted.iter().filter(|known| known.access_key() == authorization.access_key).collect();
    if keys.is_empty() {
        return Err(refused(SignatureMismatchReason::UnknownAccessKey));
    }
    let date = checked_date(request.headers(), &authorization, now).map_err(refused)?;

    // A temporary access key needs its token, which must be signed; an empty token is the same as
    // none. A permanent one may come with any token: the header is then like any other.
    let sent_token = joined(request.headers(), TOKEN).filter(|_| authorization.signs(TOKEN));
    keys.retain(|known| match known.session_token() {
        None | Some("") => true,
        Some(token) => sent_token.as_deref() == Some(token.as_bytes()),
    });
    if keys.is_empty() {
        return Err(refused(SignatureMismatchReason::MissingToken));
    }

    let candidates = Candidates::of(request, authorization.names)
        .map_err(|name| refused(SignatureMismatchReason::MissingSignedHeader(name.to_owned())))?;
    let fits = |key: &Credentials| {
        candidates.texts.iter().any(|text| authorization.fits(key.secret_key(), &date, text))
    };
    if keys.into_iter().any(fits) {
        return Ok(());
    }
    Err(refused(SignatureMismatchReason::Signature).with_canonical(candidates.shown))
}

/// The parts of an `Authorization` header.
struct Authorization<'r> {
    access_key: &'r str,
    /// `<YYYYMMDD>/<region>/<service>` of a derived signature.
    scope: Option<&'r str>,
    /// The signed header names as sent: lower case, sorted, joined with `;`.
    names: &'r str,
    signature: Vec<u8>,
}

impl<'r> Authorization<'r> {
    fn of(headers: &'r HeaderMap) -> Result<Self, SignatureMismatchReason> {
        use SignatureMismatchReason::{MalformedAuthorization, NoAuthorization, UnknownAlgorithm};

        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().ok_or(NoAuthorization)?;
        if values.next().is_some() {
            return Err(MalformedAuthorization("there is more than one Authorization header"));
        }
        let value = std::str::from_utf8(value.as_bytes())
            .map_err(|_| MalformedAuthorization("the Authorization header is not UTF-8"))?;
        let (algorithm, rest) =
            value.split_once(' ').ok_or(MalformedAuthorization("the algorithm stands alone"))?;
        let credential = match algorithm {
            DIRECT => "Access=",
            DERIVED => "Credential=",
            // Repeated only if it looks like the name of an algorithm: it may be a secret.
            name if name.len() <= 24
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') =>
            {
                return Err(UnknownAlgorithm(name.to_owned()));
            }
            _ => return Err(MalformedAuthorization("it does not begin with an algorithm")),
        };
        let (key, rest) = rest
            .strip_prefix(credential)
            .and_then(|rest| rest.split_once(", SignedHeaders="))
            .ok_or(MalformedAuthorization(
                "the access key or SignedHeaders is not where it belongs",
            ))?;
        let (names, signature) = rest
            .split_once(", Signature=")
            .ok_or(MalformedAuthorization("Signature is not where it belongs"))?;

        let (access_key, scope) =
            if algorithm == DERIVED { split_scope(key)? } else { (key, None) };
        if access_key.is_empty() {
            return Err(MalformedAuthorization("the access key is empty"));
        }
        check_names(names)?;
        let lower_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        let signature = Some(signature)
            .filter(|digits| digits.len() == 64 && digits.bytes().all(lower_hex))
            .and_then(|digits| hex::decode(digits).ok())
            .ok_or(MalformedAuthorization("the signature is not 64 lower-case hex digits"))?;
        Ok(Self { access_key, scope, names, signature })
    }

    fn signs(&self, name: &str) -> bool {
        self.names.split(';').any(|signed| signed == name)
    }

    /// Returns `true` if the signature is that of `canonical`, compared in constant time.
    fn fits(&self, secret_key: &str, date: &str, canonical: &[u8]) -> bool {
        let hash = hex::encode(Sha256::digest(canonical));
        let mac = match self.scope {
            None => keyed(secret_key.as_bytes(), &format!("{DIRECT}\n{date}\n{hash}")),
            Some(scope) => derived_key(self.access_key, secret_key, scope).and_then(|key| {
                keyed(key.as_bytes(), &format!("{DERIVED}\n{date}\n{scope}\n{hash}"))
            }),
        };
        mac.is_some_and(|mac| mac.verify_slice(&self.signature).is_ok())
    }
}

/// Splits `<AK>/<YYYYMMDD>/<region>/<service>` into the access key and the rest.
fn split_scope(credential: &str) -> Result<(&str, Option<&str>), SignatureMismatchReason> {
    let three = |scope: &str| scope.split('/').count() == 3 && !scope.split('/').any(str::is_empty);
    match credential.split_once('/') {
        Some((access_key, scope)) if three(scope) => Ok((access_key, Some(scope))),
        _ => Err(SignatureMismatchReason::MalformedAuthorization(
            "Credential is not <access key>/<date>/<region>/<service>",
        )),
    }
}

/// Checks that the names of signed headers are in lower case and sorted. Sorted means not
/// descending: Python lists a name twice if its caller set it in two spellings.
fn check_names(names: &str) -> Result<(), SignatureMismatchReason> {
    let malformed = |what| Err(SignatureMismatchReason::MalformedAuthorization(what));
    let mut before = "";
    for name in names.split(';') {
        if HeaderName::from_lowercase(name.as_bytes()).is_err() {
            return malformed("SignedHeaders has something other than header names in lower case");
        }
        if name < before {
            return malformed("SignedHeaders is not sorted");
        }
        if name == AUTHORIZATION.as_str() {
            return malformed("Authorization cannot sign itself");
        }
        before = name;
    }
    Ok(())
}

fn keyed(key: &[u8], message: &str) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).ok()?;
    mac.update(message.as_bytes());
    Some(mac)
}

/// Derives a key: HKDF with the access key as salt, one block long, in hex digits.
fn derived_key(access_key: &str, secret_key: &str, scope: &str) -> Option<String> {
    let extracted = keyed(access_key.as_bytes(), secret_key)?.finalize().into_bytes();
    let mut expand = keyed(&extracted, scope)?;
    expand.update(&[1]);
    Some(hex::encode(expand.finalize().into_bytes()))
}

/// Returns the value of `X-Sdk-Date` if it is signed, a date, and near the gateway's clock.
fn checked_date(
    headers: &HeaderMap,
    authorization: &Authorization<'_>,
    now: SystemTime,
) -> Result<String, SignatureMismatchReason> {
    let sent = joined(headers, DATE).ok_or(SignatureMismatchReason::MissingDate)?;
    if !authorization.signs(DATE) {
        return Err(SignatureMismatchReason::DateNotSigned);
    }
    let sent = String::from_utf8_lossy(&sent).into_owned();
    let Some(signed) = seconds_of(&sent) else {
        return Err(SignatureMismatchReason::InvalidDate(sent.chars().take(32).collect()));
    };
    let server = clock_seconds(now);
    if signed.abs_diff(server) > TOLERANCE_SECONDS {
        return Err(SignatureMismatchReason::Expired { signed: sent, server: date_of(server) });
    }
    let scope_date = authorization.scope.and_then(|scope| scope.split('/').next());
    if scope_date.is_some_and(|day| !sent.starts_with(&format!("{day}T"))) {
        return Err(SignatureMismatchReason::MalformedAuthorization(
            "the date in Credential is not the day of X-Sdk-Date",
        ));
    }
    Ok(sent)
}
