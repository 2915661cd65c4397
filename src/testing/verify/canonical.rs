//! The canonical requests that may have been signed for a request that arrived.

use http::header::{HOST, HeaderMap};
use sha2::{Digest, Sha256};

pub(super) const TOKEN: &str = "x-security-token";
pub(super) const CONTENT_HASH: &str = "x-sdk-content-sha256";
pub(super) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
/// Headers whose values are credentials, which never leave the verifier.
pub(super) const HIDDEN: [&str; 2] = [TOKEN, "x-auth-token"];
pub(super) const REDACTED: &str = "***";

/// Header names with their values.
type Headers<'r> = Vec<(&'r str, Vec<u8>)>;

/// The canonical requests that may have been signed, and the one to show if none of them was.
pub(super) struct Candidates {
    pub(super) texts: Vec<Vec<u8>>,
    pub(super) shown: Canonical,
}

impl Candidates {
    /// Returns the candidates of a request with this list of signed headers. The error is the name
    /// of one that did not arrive.
    pub(super) fn of<'r, B: AsRef<[u8]>>(
        request: &http::Request<B>,
        names: &'r str,
    ) -> Result<Self, &'r str> {
        let headers = signed_headers(request, names)?;
        let paths = path_candidates(request.uri().path());
        let queries = query_candidates(request.uri().query().unwrap_or_default());
        let body = request.body().as_ref();
        let real_hash = hex::encode(Sha256::digest(body));
        let payloads = payload_candidates(&headers, body, &real_hash);

        let method = request.method().as_str().to_ascii_uppercase();
        let written = |path: &str, query: &str, headers: &Headers<'_>, payload: &str| {
            let mut text = format!("{method}\n{path}\n{query}\n").into_bytes();
            for (name, value) in headers {
                text.extend([name.as_bytes(), b":", value, b"\n"].concat());
            }
            text.extend_from_slice(format!("\n{names}\n{payload}").as_bytes());
            text
        };
        let mut texts = Vec::new();
        for path in &paths {
            for query in &queries {
                texts
                    .extend(payloads.iter().map(|payload| written(path, query, &headers, payload)));
            }
        }

        // The first candidates are those of the protocol; the others are concessions to SDKs.
        let ([path, ..], [query, ..]) = (&paths, &queries);
        let payload = payloads.first().copied().unwrap_or(&real_hash);
        let (mut redacted, mut hidden) = (headers.clone(), Vec::new());
        for (_, value) in redacted.iter_mut().filter(|(name, _)| HIDDEN.contains(name)) {
            hidden.push(Sha256::digest(&*value).into());
            *value = REDACTED.into();
        }
        let text = written(path, query, &redacted, payload);
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(Self { texts, shown: Canonical { text, hidden } })
    }
}

/// A canonical request without the credentials in it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Canonical {
    pub(super) text: String,
    /// SHA-256 of the values that were taken out, so that they can still be compared.
    pub(super) hidden: Vec<[u8; 32]>,
}

/// Returns the signed headers with their values, in the order of `SignedHeaders`.
///
/// Node sorts the lines by locale but the names by code unit. They differ only for names with `_`
/// and the like, which no call of an SDK sets itself; such a signature is refused.
fn signed_headers<'r, B>(
    request: &http::Request<B>,
    names: &'r str,
) -> Result<Headers<'r>, &'r str> {
    let value = |name: &str| {
        joined(request.headers(), name).or_else(|| {
            // HTTP/2 has no Host header: the authority is part of the URI.
            let authority = request.uri().authority().filter(|_| name == HOST.as_str())?;
            authority.as_str().rsplit('@').next().map(|host| host.as_bytes().to_vec())
        })
    };
    names.split(';').map(|name| Ok((name, value(name).ok_or(name)?))).collect()
}

/// Returns all values of a header, trimmed and joined with `,`; `None` if there is none.
///
/// HTTP lets a repeated header be joined like this on its way. So a name that is listed once covers
/// all its values, and none can be added. A name that is listed twice has the same value both
/// times. Python, which lists twice and signs its last value both times, sends that one only.
pub(super) fn joined(headers: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    let values: Vec<&[u8]> =
        headers.get_all(name).iter().map(|value| trimmed(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(&b','))
}

/// Trims Unicode white space where the value is UTF-8. Java and Node sign untrimmed values, but
/// their HTTP stacks trim what they send, so a signature over the padding never fits.
fn trimmed(value: &[u8]) -> &[u8] {
    std::str::from_utf8(value).map_or_else(|_| value.trim_ascii(), |text| text.trim().as_bytes())
}

/// Returns the canonical paths: of the decoded path first, as Python makes it; then of the path as
/// it was sent, because Java, Go and Node encode it without decoding it first.
///
/// The second one lets `/a%20b` pass for a signed `/a%2520b`, which is the price of accepting those
/// SDKs. Java also drops empty segments at the end (`/a//`); no API has such a path.
fn path_candidates(wire: &str) -> [String; 2] {
    let canonical = |path: &str| {
        let mut path = path.split('/').map(encoded).collect::<Vec<_>>().join("/");
        if !path.ends_with('/') {
            path.push('/');
        }
        path
    };
    [canonical(&decoded(wire.as_bytes())), canonical(wire)]
}

/// Returns the canonical queries: with `+` as a plus, then with `+` as a space (form encoding),
/// then in Java's order, by encoded key, with the values of a key in the order in which they were
/// sent.
fn query_candidates(wire: &str) -> [String; 3] {
    let pairs = |wire: &str| -> Vec<(String, String)> {
        let pieces = wire.split('&').filter(|piece| !piece.is_empty());
        let split = pieces.map(|piece| piece.split_once('=').unwrap_or((piece, "")));
        split.map(|(key, value)| (decoded(key.as_bytes()), decoded(value.as_bytes()))).collect()
    };
    let written = |pairs: &[(String, String)]| {
        let pieces = pairs.iter().map(|(key, value)| encoded(key) + "=" + &encoded(value));
        pieces.collect::<Vec<_>>().join("&")
    };
    let sorted = |mut pairs: Vec<(String, String)>| {
        pairs.sort(); // byte order of UTF-8 is code point order
        written(&pairs)
    };
    let mut by_encoded_key = pairs(wire);
    by_encoded_key.sort_by_cached_key(|(key, _)| encoded(key));
    [sorted(pairs(wire)), sorted(pairs(&wire.replace('+', "%20"))), written(&by_encoded_key)]
}

/// Returns the last lines of the canonical request: the hash of the body, or what is declared for
/// it. None if the declared hash is not that of the body.
fn payload_candidates<'c>(
    signed: &'c Headers<'_>,
    body: &[u8],
    real_hash: &'c str,
) -> Vec<&'c str> {
    // A header that is not signed may have been added on the way, so it does not count.
    let declared = signed.iter().find(|(name, _)| *name == CONTENT_HASH);
    match declared.map(|(_, value)| std::str::from_utf8(value).unwrap_or_default()) {
        None | Some("") => vec![real_hash],
        // Without a body Python signs the hash of nothing; Java, Go and Node sign the word.
        Some(UNSIGNED_PAYLOAD) if body.is_empty() => vec![real_hash, UNSIGNED_PAYLOAD],
        // For any content type: the client signed that it leaves the body out.
        Some(UNSIGNED_PAYLOAD) => vec![UNSIGNED_PAYLOAD],
        // The value is signed as it is spelled, but it must be true: otherwise a body that was
        // changed on its way would pass.
        Some(text) if text.eq_ignore_ascii_case(real_hash) => vec![text, real_hash],
        Some(_) => Vec::new(),
    }
}

/// Decodes percent escapes once. Invalid ones stay as they are.
fn decoded(text: &[u8]) -> String {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let escape = match tail {
            [high, low, after @ ..] if *first == b'%' => {
                digit(*high).zip(digit(*low)).map(|(high, low)| (high * 16 + low, after))
            }
            _ => None,
        };
        let (byte, after) = escape.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Escapes all bytes except `A-Z a-z 0-9 - _ . ~`.
fn encoded(text: &str) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'A' + half - 10 });
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out
}
