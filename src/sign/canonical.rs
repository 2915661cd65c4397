//! The canonical request: the notation of a request that client and gateway share.

use std::borrow::Cow;
use std::ops::Range;

use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::{Added, X_SDK_CONTENT_SHA256, hex};
use crate::time::SdkDate;

pub(super) const UNSIGNED_PAYLOAD: &[u8] = b"UNSIGNED-PAYLOAD";

/// SHA-256 of nothing, in hexadecimal.
const EMPTY_PAYLOAD: &[u8] = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What is percent-encoded in a path segment or a query: all that is not unreserved in RFC 3986.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A canonical request, and after it the string to sign, which holds its hash: one buffer for all that a signature writes.
/// It is wiped when dropped if a security token is in it.
#[derive(Clone)]
pub(crate) struct Text {
    bytes: Vec<u8>,
    canonical: Range<usize>,
    signed_headers: Range<usize>,
    has_token: bool,
}

impl Text {
    pub(super) fn canonical(&self) -> &[u8] {
        self.part(self.canonical.clone())
    }

    /// The names of the signed headers, as the canonical request has them.
    pub(super) fn signed_headers(&self) -> &[u8] {
        self.part(self.signed_headers.clone())
    }

    pub(super) fn string_to_sign(&self) -> &[u8] {
        self.part(self.canonical.end..self.bytes.len())
    }

    /// Writes the string to sign. `scope` is for derived keys only.
    pub(super) fn write_string_to_sign(&mut self, algorithm: &str, date: SdkDate, scope: Option<&str>) {
        let hash = hex(&Sha256::digest(self.canonical()).into());
        let out = &mut self.bytes;
        out.extend_from_slice(algorithm.as_bytes());
        out.push(b'\n');
        out.extend_from_slice(date.as_bytes());
        out.push(b'\n');
        if let Some(scope) = scope {
            out.extend_from_slice(scope.as_bytes());
            out.push(b'\n');
        }
        out.extend_from_slice(&hash);
    }

    pub(crate) fn to_string_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.canonical())
    }

    fn part(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        if self.has_token {
            self.bytes.zeroize();
        }
    }
}

/// Writes the canonical request of `request` with the headers that signing adds, with room for a string to sign whose scope
/// has this length.
pub(super) fn request<B>(request: &http::Request<B>, added: &Added, body: &[u8], scope: usize) -> Text {
    // On the stack, since no SDK sends more headers than this.
    let mut few = [NO_HEADER; 12];
    let mut many = Vec::new();
    let most = request.headers().len() + Added::MOST;
    let headers = if most <= few.len() {
        few.as_mut_slice()
    } else {
        many.resize(most, NO_HEADER);
        many.as_mut_slice()
    };
    let headers: &[_] = sort_signed_headers(request.headers(), added, headers);

    let length: usize = headers.iter().map(|(name, value)| 2 * name.len() + value.len() + 3).sum();
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    // A byte that is encoded becomes three. Room for that spares growing, which would leave a copy of a token in freed
    // memory.
    let is_plain = is_plain(target);
    let target_length = target.len() * if is_plain { 1 } else { 3 };
    let method = request.method().as_str();
    let given_hash = given_hash(request.headers(), added);
    let variable = method.len() + target_length + length + given_hash.map_or(0, <[u8]>::len) + scope;
    let mut bytes = Vec::with_capacity(variable + HASHES_AND_DATES);
    let out = &mut bytes;

    out.extend_from_slice(method.as_bytes());
    out.make_ascii_uppercase();
    out.push(b'\n');
    if is_plain {
        // Neither a query nor anything to encode.
        out.extend_from_slice(target.as_bytes());
        out.extend_from_slice(if target.ends_with('/') { b"\n\n" } else { b"/\n\n" });
    } else {
        write_path(out, request.uri().path());
        out.push(b'\n');
        write_query(out, request.uri().query().unwrap_or_default());
        out.push(b'\n');
    }
    // HTTP takes a repeated header for one with its values joined by commas, and so is it signed. No SDK repeats one.
    let mut last = "";
    for (name, value) in headers {
        if *name == last {
            // The line break of the last value.
            out.pop();
            out.push(b',');
        } else {
            out.extend_from_slice(name.as_bytes());
            out.push(b':');
        }
        out.extend_from_slice(value);
        out.push(b'\n');
        last = name;
    }
    out.push(b'\n');
    let start = out.len();
    last = "";
    for (name, _) in headers.iter().filter(|(name, _)| std::mem::replace(&mut last, name) != *name) {
        out.extend_from_slice(name.as_bytes());
        out.push(b';');
    }
    // The last semicolon.
    out.pop();
    let names = start..out.len();
    out.push(b'\n');
    write_payload_hash(out, given_hash, added, body);
    Text { canonical: 0..bytes.len(), signed_headers: names, bytes, has_token: added.token.is_some() }
}

/// Room for all else in the texts: a hash of the body, or what stands for it, and of the canonical request, and a date.
const HASHES_AND_DATES: usize = 2 * 64 + 64;

/// Name and value of a header.
type Header<'a> = (&'a str, &'a [u8]);

const NO_HEADER: Header<'static> = ("", b"");

/// Puts the signed headers into `places`, sorted by name, and returns those that are taken. The values of a repeated header
/// follow each other.
fn sort_signed_headers<'a, 'p>(
    headers: &'a HeaderMap,
    added: &'a Added,
    places: &'p mut [Header<'a>],
) -> &'p [Header<'a>] {
    let given = headers.iter().filter(|(name, _)| is_signed(name) && !added.replaces(name));
    let given = given.map(|(name, value)| (name.as_str(), trimmed(value.as_bytes())));
    let mut count = 0;
    for (place, header) in places.iter_mut().zip(given.chain(added.iter())) {
        *place = header;
        count += 1;
    }
    let taken = places.get_mut(..count).unwrap_or_default();
    taken.sort_by_key(|(name, _)| *name);
    taken
}

/// Names with `_` are dropped by gateways, and a signature does not sign itself.
pub(super) fn is_signed(name: &HeaderName) -> bool {
    !name.as_str().bytes().any(|byte| byte == b'_') && *name != AUTHORIZATION
}

/// Returns the value of a header without the white space around it.
pub(super) fn trimmed(value: &[u8]) -> &[u8] {
    // Nearly all values start and end with a visible ASCII character, and then there is nothing to look for.
    if value.first().is_some_and(u8::is_ascii_graphic) && value.last().is_some_and(u8::is_ascii_graphic) {
        return value;
    }
    match std::str::from_utf8(value) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => value.trim_ascii(),
    }
}

/// Writes the path: each segment is decoded once and encoded again, and a slash is added at the end.
fn write_path(out: &mut Vec<u8>, path: &str) {
    let path = decoded(path.as_bytes());
    for (i, segment) in path.split('/').enumerate() {
        if i > 0 {
            out.push(b'/');
        }
        write_encoded(out, segment);
    }
    if out.last() != Some(&b'/') {
        out.push(b'/');
    }
}

/// Returns `true` if there is only what a path has that is neither encoded nor in need of it: letters, digits and `/-_.~`.
fn is_plain(path: &str) -> bool {
    // In pieces and without a branch, so that the compiler looks at sixteen bytes at a time.
    let (pieces, rest) = path.as_bytes().as_chunks::<16>();
    let plain = |byte: u8| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let from_dash_to_nine = byte.wrapping_sub(b'-') < 13;
        u8::from(letter) | u8::from(from_dash_to_nine) | u8::from(byte == b'_') | u8::from(byte == b'~')
    };
    pieces.iter().all(|piece| piece.iter().fold(1, |all, byte| all & plain(*byte)) == 1)
        && rest.iter().all(|byte| plain(*byte) == 1)
}

/// Writes the pairs, sorted by decoded key, then decoded value: by bytes, which for UTF-8 is the order of code points.
fn write_query(out: &mut Vec<u8>, query: &str) {
    let mut pairs: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(key.as_bytes()), decoded(value.as_bytes()))
        })
        .collect();
    pairs.sort();
    for (i, (key, value)) in pairs.iter().enumerate() {
        if i > 0 {
            out.push(b'&');
        }
        write_encoded(out, key);
        out.push(b'=');
        write_encoded(out, value);
    }
}

/// Decodes percent-encoding once. An invalid escape is kept; invalid UTF-8 becomes U+FFFD.
fn decoded(text: &[u8]) -> Cow<'_, str> {
    percent_decode(text).decode_utf8_lossy()
}

fn write_encoded(out: &mut Vec<u8>, text: &str) {
    for piece in percent_encode(text.as_bytes(), ENCODED) {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// Returns `true` if the content type says that the body is not JSON, so that it is not hashed. Letter case and padding
/// count here, though nowhere else: `APPLICATION/JSON` goes unsigned.
pub(super) fn is_payload_unsigned(content_type: &HeaderValue) -> bool {
    let value = content_type.as_bytes();
    !value.is_empty() && !value.starts_with(b"application/json") && !value.starts_with(b"application/bson")
}

/// Returns what the request says that stands for the hash of its body.
fn given_hash<'a>(headers: &'a HeaderMap, added: &Added) -> Option<&'a [u8]> {
    let value = added.has_hash.then(|| headers.get(X_SDK_CONTENT_SHA256)).flatten()?;
    Some(trimmed(value.as_bytes())).filter(|value| !value.is_empty())
}

fn write_payload_hash(out: &mut Vec<u8>, given: Option<&[u8]>, added: &Added, body: &[u8]) {
    if body.is_empty() {
        out.extend_from_slice(EMPTY_PAYLOAD);
    } else if added.unsigned_payload {
        out.extend_from_slice(UNSIGNED_PAYLOAD);
    } else if let Some(given) = given {
        out.extend_from_slice(given);
    } else {
        out.extend_from_slice(&hex(&Sha256::digest(body).into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_that_is_encoded_is_found_wherever_it_stands() {
        for byte in 0_u8..128 {
            let is_unreserved = byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
            for before in [0, 15, 16, 31, 40] {
                let path = format!("{}{}{}", "a".repeat(before), char::from(byte), "b".repeat(40 - before));
                assert_eq!(is_plain(&path), is_unreserved, "{path:?}");
            }
        }
        assert!(is_plain("") && !is_plain("é"));
    }
}
