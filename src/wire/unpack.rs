//! Undoing compression and byte order marks.
//!
//! Some gateways compress though no request allows it, some announce a compression that they did
//! not do, and some do it unannounced. So a body's first bytes count, not its headers.

use std::borrow::Cow;
use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http::header::CONTENT_ENCODING;

/// How long a body may be once it is unpacked, in bytes.
pub(crate) const MOST: usize = 16 * 1024 * 1024;

const MARK: &[u8] = b"\xef\xbb\xbf";
const GZIP: &[u8] = b"\x1f\x8b\x08";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// Why a body can't be unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packed {
    /// It would be longer than [`MOST`].
    TooLarge,
    /// It is cut off or damaged.
    Damaged,
}

/// Returns a body without gzip or zlib compression and without a byte order mark; the same bytes if
/// it has neither.
pub(crate) fn unpacked(body: &Bytes) -> Result<Bytes, Packed> {
    let plain = undone(body)?.map_or_else(|| body.clone(), Bytes::from);
    Ok(if plain.starts_with(MARK) { plain.slice(MARK.len()..) } else { plain })
}

/// The same of a slice.
pub(crate) fn unpacked_slice(input: &[u8]) -> Result<Cow<'_, [u8]>, Packed> {
    Ok(match undone(input)? {
        Some(plain) if plain.starts_with(MARK) => {
            Cow::Owned(plain.get(MARK.len()..).unwrap_or_default().to_vec())
        }
        Some(plain) => Cow::Owned(plain),
        None => Cow::Borrowed(input.strip_prefix(MARK).unwrap_or(input)),
    })
}

/// A body without its compression, if it has one.
fn undone(body: &[u8]) -> Result<Option<Vec<u8>>, Packed> {
    if body.starts_with(GZIP) {
        return read(MultiGzDecoder::new(body)).map(Some);
    }
    if !is_zlib(body) {
        return Ok(None);
    }
    match read(ZlibDecoder::new(body)) {
        // Two bytes are little evidence: it may be a text.
        Err(Packed::Damaged) => Ok(None),
        plain => plain.map(Some),
    }
}

/// Returns the name of a body's compression, for one that could not be undone.
pub(crate) fn compression(response: &http::Response<Bytes>) -> Option<&str> {
    let body = response.body();
    if body.starts_with(GZIP) {
        return Some("gzip");
    }
    if body.starts_with(ZSTD) {
        return Some("zstd");
    }
    // Where the header says so of a text, the header is wrong.
    let named =
        response.headers().get(CONTENT_ENCODING).and_then(|name| name.to_str().ok()).map(str::trim);
    named.filter(|name| {
        !name.is_empty()
            && !name.eq_ignore_ascii_case("identity")
            && std::str::from_utf8(body).is_err()
    })
}

/// Whether a body starts as zlib's do: the method, and a check of two bytes.
fn is_zlib(body: &[u8]) -> bool {
    match body {
        [method @ 0x78, flags, ..] => u16::from_be_bytes([*method, *flags]) % 31 == 0,
        _ => false,
    }
}

fn read(packed: impl Read) -> Result<Vec<u8>, Packed> {
    let mut plain = Vec::new();
    let mut limited = packed.take(MOST as u64 + 1);
    match io::copy(&mut limited, &mut plain) {
        Ok(_) if plain.len() > MOST => Err(Packed::TooLarge),
        Ok(_) => Ok(plain),
        Err(_) => Err(Packed::Damaged),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(plain).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn the_first_bytes_decide_what_is_undone() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"\xef\xbb\xbf{}").unwrap();
        for (body, plain) in [
            (b"{}".to_vec(), &b"{}"[..]),
            (b"".to_vec(), b""),
            (b"\xef\xbb\xbf".to_vec(), b""),
            (b"\xef\xbb\xbf{}".to_vec(), b"{}"),
            (gzip(b"{}"), b"{}"),
            (gzip(b"\xef\xbb\xbf{}"), b"{}"),
            ([gzip(b"{"), gzip(b"}")].concat(), b"{}"),
            (zlib.finish().unwrap(), b"{}"),
            (b"x^ is how zlib starts".to_vec(), b"x^ is how zlib starts"),
        ] {
            assert_eq!(unpacked(&Bytes::from(body)).unwrap(), plain);
        }
        let whole = gzip(b"{}");
        assert_eq!(
            unpacked(&Bytes::copy_from_slice(&whole[..whole.len() - 9])),
            Err(Packed::Damaged)
        );
    }

    #[test]
    fn what_comes_out_is_bounded() {
        assert_eq!(unpacked(&Bytes::from(gzip(&vec![b' '; MOST]))).unwrap().len(), MOST);
        assert_eq!(unpacked(&Bytes::from(gzip(&vec![b' '; MOST + 1]))), Err(Packed::TooLarge));
    }
}
