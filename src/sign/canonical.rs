//! The canonical request: how client and gateway write one request the same way.

use std::borrow::Cow;
use std::ops::Range;

use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::{Added, X_SDK_CONTENT_SHA256, hex_into};

pub(super) const UNSIGNED_PAYLOAD: &[u8] = b"UNSIGNED-PAYLOAD";

/// SHA-256 of nothing, in hexadecimal.
const EMPTY_PAYLOAD: &[u8] = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What is percent-encoded in a path segment or a query: all that is not unreserved in RFC 3986.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A canonical request. It is wiped when dropped if a security token is in it.
#[derive(Clone)]
pub(crate) struct Text {
    pub(super) bytes: Vec<u8>,
    has_token: bool,
}

impl Text {
    pub(crate) fn to_string_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        if self.has_token {
            self.bytes.zeroize();
        }
    }
}

/// Writes the canonical request of `request` with the headers that signing adds. Returns it, and where in it the list
/// of signed headers stands.
pub(super) fn request<B>(request: &http::Request<B>, added: &Added, body: &[u8]) -> (Text, Range<usize>) {
    let headers = signed_headers(request.headers(), added);
    let length: usize = headers.iter().map(|(name, value)| 2 * name.len() + value.len() + 3).sum();
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    // A byte that is encoded becomes three. Room for that spares growing, which would leave a copy of a token in freed
    // memory.
    let target = target.len() * if target.bytes().all(is_plain) { 1 } else { 3 };
    let mut text = Text { bytes: Vec::with_capacity(length + target + 128), has_token: added.token.is_some() };
    let out = &mut text.bytes;

    out.extend_from_slice(request.method().as_str().as_bytes());
    out.make_ascii_uppercase();
    out.push(b'\n');
    write_path(out, request.uri().path());
    out.push(b'\n');
    write_query(out, request.uri().query().unwrap_or_default());
    out.push(b'\n');
    // HTTP takes a repeated header for one with its values joined by commas, and so is it signed. No SDK repeats one.
    let same_name = |(a, _): &(&str, &[u8]), (b, _): &(&str, &[u8])| a == b;
    for group in headers.chunk_by(same_name) {
        for (i, (name, value)) in group.iter().enumerate() {
            out.extend_from_slice(if i == 0 { name.as_bytes() } else { b"," });
            if i == 0 {
                out.push(b':');
            }
            out.extend_from_slice(value);
        }
        out.push(b'\n');
    }
    out.push(b'\n');
    let start = out.len();
    for (name, _) in headers.chunk_by(same_name).filter_map(<[_]>::first) {
        if out.len() > start {
            out.push(b';');
        }
        out.extend_from_slice(name.as_bytes());
    }
    let names = start..out.len();
    out.push(b'\n');
    write_payload_hash(out, request.headers(), added, body);
    (text, names)
}

/// Name and value of every signed header, sorted by name. The values of a repeated header follow each other.
fn signed_headers<'a>(headers: &'a HeaderMap, added: &'a Added) -> Vec<(&'a str, &'a [u8])> {
    let mut list = Vec::with_capacity(headers.len() + 4);
    for (name, value) in headers {
        if is_signed(name) && !added.replaces(name) {
            list.push((name.as_str(), trimmed(value.as_bytes())));
        }
    }
    list.extend(added.iter());
    list.sort_by_key(|(name, _)| *name);
    list
}

/// Names with `_` are dropped by gateways, and a signature does not sign itself.
pub(super) fn is_signed(name: &HeaderName) -> bool {
    !name.as_str().contains('_') && *name != AUTHORIZATION
}

/// A header's value without the white space around it.
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

/// Each segment is decoded once and encoded afresh, and a slash is put at the end.
fn write_path(out: &mut Vec<u8>, path: &str) {
    if path.bytes().all(is_plain) {
        out.extend_from_slice(path.as_bytes());
        if !path.ends_with('/') {
            out.push(b'/');
        }
        return;
    }
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

/// What a path has that is neither encoded nor in need of it.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~')
}

/// Pairs sorted by decoded key, then decoded value: in bytes, which for UTF-8 is the order of code points.
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

/// Percent-decoded once. An escape that is none stays as it is; bytes that are no UTF-8 become U+FFFD.
fn decoded(text: &[u8]) -> Cow<'_, str> {
    percent_decode(text).decode_utf8_lossy()
}

fn write_encoded(out: &mut Vec<u8>, text: &str) {
    for piece in percent_encode(text.as_bytes(), ENCODED) {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// Whether the content type says that the body is not JSON, and so is not hashed. Letter case and padding count here,
/// though nowhere else: `APPLICATION/JSON` goes unsigned.
pub(super) fn is_payload_unsigned(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| {
        let value = value.as_bytes();
        !value.is_empty() && !value.starts_with(b"application/json") && !value.starts_with(b"application/bson")
    })
}

fn write_payload_hash(out: &mut Vec<u8>, headers: &HeaderMap, added: &Added, body: &[u8]) {
    if body.is_empty() {
        out.extend_from_slice(EMPTY_PAYLOAD);
    } else if added.unsigned_payload {
        out.extend_from_slice(UNSIGNED_PAYLOAD);
    } else if let Some(preset) =
        headers.get(X_SDK_CONTENT_SHA256).map(|value| trimmed(value.as_bytes())).filter(|value| !value.is_empty())
    {
        out.extend_from_slice(preset);
    } else {
        let mut hash = [0; 64];
        hex_into(&Sha256::digest(body), &mut hash);
        out.extend_from_slice(&hash);
    }
}
