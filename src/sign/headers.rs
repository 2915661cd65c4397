//! The headers of a request, as its signature sees them.

use http::HeaderMap;
use http::header::HeaderValue;

use super::SignError;

/// What stands for the hash of a body that is not signed.
pub(super) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// A header that is signed.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    pub(super) name: &'a str,
    /// Without white space around it.
    pub(super) value: &'a [u8],
}

impl Header<'_> {
    pub(super) const NONE: Self = Self { name: "", value: b"" };
}

/// What the headers of a request say that matters for its signature.
#[derive(Default)]
pub(super) struct Given<'a> {
    pub(super) has_host: bool,
    /// The content type says that the body is not JSON, so that it is not hashed.
    pub(super) is_payload_unsigned: bool,
    /// What stands for the hash of the body.
    pub(super) hash: Option<&'a [u8]>,
    /// A value has white space around it, which is lost on the way.
    pub(super) has_padding: bool,
    /// How many headers are signed.
    pub(super) count: usize,
}

impl<'a> Given<'a> {
    /// Looks at each header once, which is less than a lookup of each that matters, and puts those
    /// that are signed into `places`: all but the ones that signing sets itself, and what stands
    /// for the hash of the body.
    pub(super) fn read(
        headers: &'a HeaderMap,
        has_token: bool,
        places: &mut [Header<'a>],
    ) -> Result<Self, SignError> {
        let mut given = Self::default();
        let mut places = places.iter_mut();
        let mut has_type = false;
        for (name, sent) in headers {
            let value = trimmed(sent.as_bytes());
            given.has_padding |= value.len() < sent.len();
            let name = name.as_str();
            match name {
                "x-sdk-date" => continue,
                "x-security-token" if has_token => continue,
                "x-sdk-content-sha256" => {
                    if given.hash.replace(value).is_some() {
                        return Err(SignError::RepeatedHash);
                    }
                    continue;
                }
                "host" => given.has_host = true,
                "content-type" => {
                    given.is_payload_unsigned |= !has_type && is_payload_unsigned(sent);
                    has_type = true;
                }
                _ if !is_signed(name) => continue,
                _ => {}
            }
            if let Some(place) = places.next() {
                *place = Header { name, value };
                given.count += 1;
            }
        }
        Ok(given)
    }
}

/// Adds headers to the first `count` of `places`, and returns all of them, sorted by name. The
/// values of a repeated header keep their order.
pub(super) fn sorted<'p, 'a>(
    places: &'p mut [Header<'a>],
    mut count: usize,
    added: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> &'p [Header<'a>] {
    for (name, value) in added {
        if let Some(place) = places.get_mut(count) {
            *place = Header { name, value };
            count += 1;
        }
    }
    let headers = places.get_mut(..count).unwrap_or_default();
    headers.sort_by_key(|header| header.name);
    headers
}

/// Names with `_` are dropped by gateways, and a signature does not sign itself.
pub(super) fn is_signed(name: &str) -> bool {
    name != "authorization" && !name.as_bytes().contains(&b'_')
}

/// Returns the value of a header without the white space around it.
pub(super) fn trimmed(value: &[u8]) -> &[u8] {
    // Nearly all values start and end with a visible ASCII character, and then there is nothing to
    // look for.
    if value.first().is_some_and(u8::is_ascii_graphic)
        && value.last().is_some_and(u8::is_ascii_graphic)
    {
        return value;
    }
    match std::str::from_utf8(value) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => value.trim_ascii(),
    }
}

/// Returns `true` if the content type says that the body is not JSON, so that it is not hashed.
/// Letter case and padding count here, though nowhere else: `APPLICATION/JSON` goes unsigned.
fn is_payload_unsigned(content_type: &HeaderValue) -> bool {
    let value = content_type.as_bytes();
    !value.is_empty()
        && !value.starts_with(b"application/json")
        && !value.starts_with(b"application/bson")
}
