//! Signatures, and how they are put on a request.

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use http::header::{AUTHORIZATION, HOST, HeaderValue};
use zeroize::Zeroizing;

use super::headers::{self, UNSIGNED_PAYLOAD};
use super::{X_SDK_CONTENT_SHA256, X_SDK_DATE, X_SECURITY_TOKEN};

/// The headers that signing puts on a request.
#[derive(Clone)]
pub(super) struct Added {
    pub(super) authorization: HeaderValue,
    pub(super) date: HeaderValue,
    /// `None` where the request has one.
    pub(super) host: Option<HeaderValue>,
    pub(super) token: Option<HeaderValue>,
    pub(super) is_payload_unsigned: bool,
    /// A header of the request has white space around its value.
    pub(super) has_padding: bool,
}

impl Added {
    /// How many are signed.
    pub(super) const MOST: usize = 4;

    pub(super) fn put_on(self, headers: &mut HeaderMap) {
        if self.has_padding {
            trim(headers);
        }
        headers.insert(X_SDK_DATE, self.date);
        if let Some(host) = self.host {
            headers.insert(HOST, host);
        }
        if let Some(token) = self.token {
            headers.insert(X_SECURITY_TOKEN, token);
        }
        if self.is_payload_unsigned {
            headers.insert(X_SDK_CONTENT_SHA256, HeaderValue::from_static(UNSIGNED_PAYLOAD));
        }
        headers.insert(AUTHORIZATION, self.authorization);
    }
}

/// Removes the white space around the values of signed headers.
fn trim(headers: &mut HeaderMap) {
    for (name, value) in headers.iter_mut() {
        let trimmed = headers::trimmed(value.as_bytes());
        if trimmed.len() == value.len() || !headers::is_signed(name.as_str()) {
            continue;
        }
        // A part of a value is a value.
        if let Ok(mut shorter) = HeaderValue::from_bytes(trimmed) {
            shorter.set_sensitive(value.is_sensitive());
            *value = shorter;
        }
    }
}

/// A signature and the strings that it was computed from, for diagnosis and for HTTP stacks with
/// their own header types.
#[derive(Clone)]
pub struct Signature {
    pub(super) canonical: Zeroizing<Vec<u8>>,
    pub(super) string_to_sign: String,
    pub(super) added: Added,
}

impl Signature {
    /// Returns the canonical request. **It contains the security token** of temporary credentials:
    /// keep it out of logs.
    #[must_use]
    pub fn canonical_request(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.canonical)
    }

    /// Returns the string to sign: algorithm, date and the hash of the canonical request.
    #[must_use]
    pub fn string_to_sign(&self) -> String {
        self.string_to_sign.clone()
    }

    /// Returns the value for `Authorization`, marked sensitive.
    #[must_use]
    pub fn authorization(&self) -> &HeaderValue {
        &self.added.authorization
    }

    /// Adds the signature to the headers that it was computed for.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use huaweicloud_cts::credentials::Credentials;
    /// use huaweicloud_cts::sign::Signer;
    ///
    /// let mut request = http::Request::get("https://iam.example.com/v3/projects").body("")?;
    /// let signature = Signer::new(&Credentials::new("AK", "SK")).signature(&request, SystemTime::now())?;
    /// assert!(signature.string_to_sign().starts_with("SDK-HMAC-SHA256\n"));
    /// signature.apply_to(request.headers_mut());
    /// assert!(request.headers().contains_key("authorization"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply_to(self, headers: &mut HeaderMap) {
        self.added.put_on(headers);
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature").field("date", &self.added.date).finish_non_exhaustive()
    }
}
