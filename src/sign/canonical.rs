//! The canonical request: the notation of a request that client and gateway share.

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::headers::Header;
use super::{Message, hex};

/// SHA-256 of nothing, in hexadecimal.
const EMPTY_PAYLOAD: &[u8] = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What is percent-encoded in a path segment or a query: all that is not unreserved in RFC 3986.
pub(crate) const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A canonical request.
#[derive(Clone, Copy)]
pub(super) struct Canonical<'t> {
    pub(super) text: &'t [u8],
    /// The names of the signed headers, as the text has them.
    pub(super) names: &'t [u8],
}

/// What stands for the body in a canonical request.
#[derive(Clone, Copy)]
pub(super) enum Payload<'a> {
    /// Its hash.
    Signed(&'a [u8]),
    /// What the request says.
    Given(&'a [u8]),
}

/// Writes the canonical request of a message with these headers, which are sorted, and returns what
/// `read` makes of it. The text is wiped if there is a secret in it.
pub(super) fn read<T>(
    message: &Message<'_>,
    headers: &[Header<'_>],
    payload: Payload<'_>,
    is_secret: bool,
    read: impl FnOnce(Canonical<'_>) -> T,
) -> T {
    // On the stack, where nearly all fit: to get memory and to give it back takes as long as to
    // write.
    let mut few = [0; 640];
    let mut many = Vec::new();
    let hash;
    let payload = match payload {
        Payload::Given(text) => text,
        Payload::Signed([]) => EMPTY_PAYLOAD,
        Payload::Signed(body) => {
            hash = hex(&Sha256::digest(body).into());
            &hash
        }
    };
    let mut bytes = few.as_mut_slice();
    let (mut length, mut names) = write(bytes, message, headers, payload);
    if length > bytes.len() {
        // Never grown, which would leave a copy of a token in freed memory.
        many.resize(length, 0);
        bytes = many.as_mut_slice();
        (length, names) = write(bytes, message, headers, payload);
    }
    let part = |range: Range<usize>| bytes.get(range).unwrap_or_default();
    let result = read(Canonical { text: part(0..length), names: part(names) });
    if is_secret {
        few.zeroize();
        many.zeroize();
    }
    result
}

/// A place to write to. What does not fit is counted only.
struct Page<'b> {
    bytes: &'b mut [u8],
    length: usize,
}

impl Page<'_> {
    #[inline]
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
        }
        self.length += 1;
    }

    #[inline]
    fn extend(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(bytes);
        }
        self.length = end;
    }
}

/// Returns how long the text is, which is written only if there is room for it, and where the names
/// of its headers are.
fn write(
    bytes: &mut [u8],
    message: &Message<'_>,
    headers: &[Header<'_>],
    payload: &[u8],
) -> (usize, Range<usize>) {
    let mut page = Page { bytes, length: 0 };
    for byte in message.method.as_str().bytes() {
        page.push(byte.to_ascii_uppercase());
    }
    page.push(b'\n');
    let target = message.uri.path_and_query().map_or("/", |target| target.as_str());
    if is_plain(target) {
        // Neither a query nor anything to encode.
        page.extend(target.as_bytes());
        page.extend(if target.ends_with('/') { b"\n\n" } else { b"/\n\n" });
    } else {
        write_path(&mut page, message.uri.path());
        page.push(b'\n');
        write_query(&mut page, message.uri.query().unwrap_or_default());
        page.push(b'\n');
    }
    // HTTP takes a repeated header for one with its values joined by commas, and so is it signed.
    // No SDK repeats one.
    let mut last = "";
    for Header { name, value } in headers {
        if *name == last {
            page.push(b',');
        } else {
            if !last.is_empty() {
                page.push(b'\n');
            }
            page.extend(name.as_bytes());
            page.push(b':');
        }
        page.extend(value);
        last = name;
    }
    page.extend(b"\n\n");
    let start = page.length;
    last = "";
    for Header { name, .. } in headers {
        if *name != last {
            if !last.is_empty() {
                page.push(b';');
            }
            page.extend(name.as_bytes());
        }
        last = name;
    }
    let names = start..page.length;
    page.push(b'\n');
    page.extend(payload);
    (page.length, names)
}

/// Writes the path: each segment is decoded once and encoded again, and a slash is added at the
/// end.
fn write_path(page: &mut Page<'_>, path: &str) {
    let path = decoded(path.as_bytes());
    for (i, segment) in path.split('/').enumerate() {
        if i > 0 {
            page.push(b'/');
        }
        write_encoded(page, segment);
    }
    if !path.ends_with('/') {
        page.push(b'/');
    }
}

/// Returns `true` if there is only what a path has that is neither encoded nor in need of it:
/// letters, digits and `/-_.~`.
fn is_plain(path: &str) -> bool {
    // In pieces and without a branch, so that the compiler looks at sixteen bytes at a time.
    let (pieces, rest) = path.as_bytes().as_chunks::<16>();
    let plain = |byte: u8| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let from_dash_to_nine = byte.wrapping_sub(b'-') < 13;
        u8::from(letter)
            | u8::from(from_dash_to_nine)
            | u8::from(byte == b'_')
            | u8::from(byte == b'~')
    };
    pieces.iter().all(|piece| piece.iter().fold(1, |all, byte| all & plain(*byte)) == 1)
        && rest.iter().all(|byte| plain(*byte) == 1)
}

/// Writes the pairs, sorted by decoded key, then decoded value: by bytes, which for UTF-8 is the
/// order of code points.
fn write_query(page: &mut Page<'_>, query: &str) {
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
            page.push(b'&');
        }
        write_encoded(page, key);
        page.push(b'=');
        write_encoded(page, value);
    }
}

/// Decodes percent-encoding once. An invalid escape is kept; invalid UTF-8 becomes U+FFFD.
fn decoded(text: &[u8]) -> Cow<'_, str> {
    percent_decode(text).decode_utf8_lossy()
}

fn write_encoded(page: &mut Page<'_>, text: &str) {
    for piece in percent_encode(text.as_bytes(), ENCODED) {
        page.extend(piece.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method, Uri};

    use super::*;

    #[test]
    fn a_text_of_any_length_is_written_whole() {
        let (uri, headers) = (Uri::from_static("https://h/a?b"), HeaderMap::new());
        let message = Message { method: &Method::GET, uri: &uri, headers: &headers, body: b"" };
        for length in 0..2_000 {
            let value = "v".repeat(length);
            let headers =
                [Header { name: "x", value: value.as_bytes() }, Header { name: "y", value: b"1" }];
            let (text, names) =
                read(&message, &headers, Payload::Signed(b""), false, |canonical| {
                    (canonical.text.to_vec(), canonical.names.to_vec())
                });
            let expected = format!(
                "GET\n/a/\nb=\nx:{value}\ny:1\n\nx;y\n{}",
                str::from_utf8(EMPTY_PAYLOAD).unwrap()
            );
            assert_eq!(
                (text.as_slice(), names.as_slice()),
                (expected.as_bytes(), b"x;y".as_slice()),
                "{length}"
            );
        }
    }

    #[test]
    fn every_byte_that_is_encoded_is_found_wherever_it_stands() {
        for byte in 0_u8..128 {
            let is_unreserved = byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
            for before in [0, 15, 16, 31, 40] {
                let path = format!(
                    "{}{}{}",
                    "a".repeat(before),
                    char::from(byte),
                    "b".repeat(40 - before)
                );
                assert_eq!(is_plain(&path), is_unreserved, "{path:?}");
            }
        }
        assert!(is_plain("") && !is_plain("é"));
    }
}
