//! The value `Credentials`: below the providers that give it and the signature that uses it.

mod redact;
pub(crate) mod value;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use bytes::Bytes;
use hmac::{Hmac, KeyInit};
use sha2::Sha256;
use zeroize::Zeroizing;

use self::redact::Redactor;
use crate::text::masked;

/// An access key, its secret key and, if they are temporary, their security token.
///
/// Clones share one copy, which is wiped from memory when the last clone goes. `Debug` shows neither key nor token,
/// there is no `Display`, no serde, and no getter for the secret.
///
/// ```
/// use huaweicloud_cts::credentials::Credentials;
///
/// let permanent = Credentials::new("AK-of-your-user", "SK-of-your-user");
/// let temporary = Credentials::new("AK", "SK").security_token("token");
/// assert!(!format!("{permanent:?}{temporary:?}").contains("SK-of"));
/// ```
#[derive(Clone)]
pub struct Credentials(Arc<Inner>);

struct Inner {
    access_key: Zeroizing<String>,
    secret_key: Zeroizing<String>,
    security_token: Option<Zeroizing<String>>,
    expires_at: Option<SystemTime>,
    project_id: Option<String>,
    domain_id: Option<String>,
    /// The secret key's two HMAC blocks, hashed once for all requests. Wiped on drop by hmac's `zeroize` feature.
    signing_key: OnceLock<Hmac<Sha256>>,
    /// Made when something comes back that may repeat the secrets. Wiped on drop.
    redactor: OnceLock<Redactor>,
}

impl Credentials {
    /// Permanent keys. Whether they can be right shows when a client is built or a request is signed.
    #[must_use]
    pub fn new(access_key: impl Into<String>, secret_key: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            access_key: Zeroizing::new(access_key.into()),
            secret_key: Zeroizing::new(secret_key.into()),
            security_token: None,
            expires_at: None,
            project_id: None,
            domain_id: None,
            signing_key: OnceLock::new(),
            redactor: OnceLock::new(),
        }))
    }

    /// Makes the keys temporary: the token goes out as `X-Security-Token`, and is signed.
    #[must_use]
    pub fn security_token(self, token: impl Into<String>) -> Self {
        self.with(|inner| inner.security_token = Some(Zeroizing::new(token.into())))
    }

    /// When the keys stop being valid.
    #[must_use]
    pub fn with_expiry(self, at: SystemTime) -> Self {
        self.with(|inner| inner.expires_at = Some(at))
    }

    /// The project that the keys are for: 32 hexadecimal digits, from "My Credentials" in the console.
    #[must_use]
    pub fn with_project_id(self, id: impl Into<String>) -> Self {
        let id = id.into();
        self.with(|inner| inner.project_id = Some(id))
    }

    /// Sets the account that the credentials are for: its id, which the API calls `domain_id`.
    #[must_use]
    pub fn with_domain_id(self, id: impl Into<String>) -> Self {
        let id = id.into();
        self.with(|inner| inner.domain_id = Some(id))
    }

    fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Arc::try_unwrap(self.0).unwrap_or_else(|shared| Inner {
            access_key: shared.access_key.clone(),
            secret_key: shared.secret_key.clone(),
            security_token: shared.security_token.clone(),
            expires_at: shared.expires_at,
            project_id: shared.project_id.clone(),
            domain_id: shared.domain_id.clone(),
            signing_key: OnceLock::new(),
            redactor: OnceLock::new(),
        });
        change(&mut inner);
        Self(Arc::new(inner))
    }

    /// The access key: not secret by itself, but worth keeping out of logs.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.0.access_key
    }

    /// When the keys stop being valid; `None` for permanent ones.
    #[must_use]
    pub fn expiry(&self) -> Option<SystemTime> {
        self.0.expires_at
    }

    /// The project that the keys are for, if that was said.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        self.0.project_id.as_deref()
    }

    /// Returns the id of the account that the credentials are for, if it is known.
    #[must_use]
    pub fn domain_id(&self) -> Option<&str> {
        self.0.domain_id.as_deref()
    }

    /// Whether a security token comes with the keys.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.0.security_token.is_some()
    }

    pub(crate) fn secret_key(&self) -> &str {
        &self.0.secret_key
    }

    pub(crate) fn session_token(&self) -> Option<&str> {
        self.0.security_token.as_ref().map(|token| token.as_str())
    }

    /// Whether these are the same keys, whatever is known about them.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.access_key() == other.access_key() && self.session_token() == other.session_token()
    }

    /// Returns the text without these credentials in it, for what comes back from gateways that repeat what they were
    /// sent. See [`redact`] for the forms that are found.
    pub(crate) fn redact(&self, text: String) -> String {
        match self.redactor().redact(text.as_bytes()) {
            Some(clean) => String::from_utf8_lossy(&clean).into_owned(),
            None => text,
        }
    }

    /// Returns the bytes without these credentials in them: the same, uncopied, if there are none.
    pub(crate) fn redact_bytes(&self, bytes: Bytes) -> Bytes {
        self.redactor().redact(&bytes).map_or(bytes, Bytes::from)
    }

    fn redactor(&self) -> &Redactor {
        self.0.redactor.get_or_init(|| {
            let secrets = [self.session_token().unwrap_or_default(), self.secret_key()];
            Redactor::new(&secrets, self.access_key(), masked(self.access_key()))
        })
    }

    /// HMAC with the secret key already taken in.
    pub(crate) fn signing_key(&self) -> Hmac<Sha256> {
        self.0.signing_key.get_or_init(|| keyed(self.secret_key().as_bytes())).clone()
    }
}

pub(crate) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key", &format_args!("{}", masked(self.access_key())))
            .field("secret_key", &format_args!("[redacted]"))
            .field("security_token", &self.0.security_token.as_ref().map(|_| format_args!("[redacted]")))
            .field("expires_at", &self.0.expires_at)
            .field("project_id", &self.0.project_id)
            .field("domain_id", &self.0.domain_id)
            .finish()
    }
}
