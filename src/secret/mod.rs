//! The value `Credentials`, below the providers that return it and the signature that uses it.

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
/// As a provider, they return themselves: nothing is read, sent or renewed. A client is not built
/// with credentials that are [not valid](Credentials::validate).
///
/// Clones share one copy, which is wiped from memory when the last clone is dropped. `Debug` shows
/// neither key nor token. There is no `Display`, no serde, and no getter for the secret key or the
/// token.
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
    /// The secret key's two HMAC blocks, hashed once for all requests. Wiped on drop by hmac's
    /// `zeroize` feature.
    signing_key: OnceLock<Hmac<Sha256>>,
    /// Created when a response may repeat the secrets. Wiped on drop.
    redactor: OnceLock<Redactor>,
}

impl Credentials {
    /// Creates permanent credentials. They are validated when a client is built or a request is
    /// signed.
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

    /// Sets the security token, which makes the credentials temporary. It is sent as
    /// `X-Security-Token`, and signed.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::Credentials;
    ///
    /// assert!(!Credentials::new("AK", "SK").is_temporary());
    /// assert!(Credentials::new("AK", "SK").security_token("token").is_temporary());
    /// ```
    #[must_use]
    pub fn security_token(self, token: impl Into<String>) -> Self {
        self.with(|inner| inner.security_token = Some(Zeroizing::new(token.into())))
    }

    /// Sets when the credentials expire.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use huaweicloud_cts::credentials::Credentials;
    ///
    /// let expiry = SystemTime::now() + Duration::from_secs(3600);
    /// let credentials = Credentials::new("AK", "SK").security_token("token").with_expiry(expiry);
    /// assert_eq!(credentials.expiry(), Some(expiry));
    /// ```
    #[must_use]
    pub fn with_expiry(self, at: SystemTime) -> Self {
        self.with(|inner| inner.expires_at = Some(at))
    }

    /// Sets the project that the credentials are for: 32 hexadecimal digits, from "My Credentials"
    /// in the console.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::Credentials;
    ///
    /// let credentials = Credentials::new("AK", "SK").with_project_id("24edf66e79d04187acb99a463e610764");
    /// assert_eq!(credentials.project_id(), Some("24edf66e79d04187acb99a463e610764"));
    /// ```
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

    /// Returns the access key. It is not secret by itself, but better kept out of logs.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.0.access_key
    }

    /// Returns when the credentials expire; `None` for permanent ones.
    #[must_use]
    pub fn expiry(&self) -> Option<SystemTime> {
        self.0.expires_at
    }

    /// Returns the project that the credentials are for, if it is set.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        self.0.project_id.as_deref()
    }

    /// Returns the id of the account that the credentials are for, if it is set.
    #[must_use]
    pub fn domain_id(&self) -> Option<&str> {
        self.0.domain_id.as_deref()
    }

    /// Returns `true` if the credentials have a security token.
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

    /// Returns `true` if access key and security token are the same, whatever else is set.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.access_key() == other.access_key() && self.session_token() == other.session_token()
    }

    /// Returns the string without these credentials, because gateways repeat what they receive. See
    /// [`redact`] for the notations that are found.
    pub(crate) fn redact(&self, text: String) -> String {
        match self.redactor().redact(text.as_bytes()) {
            Some(clean) => String::from_utf8_lossy(&clean).into_owned(),
            None => text,
        }
    }

    /// Returns the bytes without these credentials: the same bytes, not copied, if there are none.
    pub(crate) fn redact_bytes(&self, bytes: Bytes) -> Bytes {
        self.redactor().redact(&bytes).map_or(bytes, Bytes::from)
    }

    fn redactor(&self) -> &Redactor {
        self.0.redactor.get_or_init(|| {
            let secrets = [self.session_token().unwrap_or_default(), self.secret_key()];
            Redactor::new(&secrets, self.access_key(), masked(self.access_key()))
        })
    }

    /// Returns an HMAC that the secret key is already fed to.
    pub(crate) fn signing_key(&self) -> Hmac<Sha256> {
        self.0.signing_key.get_or_init(|| keyed(self.secret_key().as_bytes())).clone()
    }
}

/// Returns an HMAC with a key.
pub(crate) fn keyed(key: &[u8]) -> Hmac<Sha256> {
    #[allow(clippy::expect_used, reason = "HMAC takes keys of any length")]
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key", &format_args!("{}", masked(self.access_key())))
            .field("secret_key", &format_args!("[redacted]"))
            .field(
                "security_token",
                &self.0.security_token.as_ref().map(|_| format_args!("[redacted]")),
            )
            .field("expires_at", &self.0.expires_at)
            .field("project_id", &self.0.project_id)
            .field("domain_id", &self.0.domain_id)
            .finish()
    }
}
