//! Whether a message is SMN's, and what to do about a subscription.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use url::Url;

use super::certificate::Certificate;
use super::error::{SmnError, SmnErrorKind};
use super::message::{SmnMessage, SmnMessageType};
use super::url::{certificate_url, confirmation_url};
use crate::error::Chain;
use crate::notification::TopicUrn;
use crate::text::printable;
use crate::transport::Transport;

/// SMN waits five seconds for an answer.
const FETCH_LIMIT: Duration = Duration::from_secs(4);

const CERTIFICATE_LIMIT: usize = 128 * 1024;

/// How many certificates are kept, and how long.
const CACHE_SIZE: usize = 32;
const CACHE_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a certificate is kept before a signature that does not fit makes us ask for it again.
const RENEWAL: Duration = Duration::from_secs(5 * 60);

/// How far the clock of SMN may be ahead of ours.
const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// Verifies SMN messages, and confirms subscriptions.
///
/// A message is believed if it was published to a topic that is expected, is fresh, has members of the right form, and
/// bears a signature (RSA, PKCS #1 v1.5) of the certificate that it names. That certificate must come by https from
/// `smn.<region>.<domain>`, a host of SMN itself; who issued it is not checked, since no document says who does.
///
/// The topic is part of that: anybody with an account can have SMN sign messages of a topic of his own.
///
/// Certificates are got through the [`Transport`], within four seconds, at most 128 KiB, and kept for a day.
///
/// ```
/// # #[cfg(feature = "reqwest")] async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// use huaweicloud_cts::event::{SmnMessage, SmnMessageType, SmnVerifier};
/// use huaweicloud_cts::transport::{ReqwestTransport, Route};
/// use std::time::Duration;
///
/// let transport = ReqwestTransport::new(Duration::from_secs(3), Route::System)?;
/// let verifier = SmnVerifier::new(transport, "urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit");
///
/// # let body = b"";
/// let message = SmnMessage::from_slice(body)?;
/// let message = verifier.verify(&message).await?;
/// match message.message_type {
///     Some(SmnMessageType::SubscriptionConfirmation) => verifier.confirm(&message).await?,
///     _ => println!("{:?}", message.trace()),
/// }
/// # Ok(()) }
/// ```
#[must_use]
pub struct SmnVerifier {
    transport: Arc<dyn Transport>,
    topics: Vec<TopicUrn>,
    domains: Vec<String>,
    confirmation_hosts: Vec<String>,
    max_age: Option<Duration>,
    accept_sha1: bool,
    certificates: Mutex<HashMap<Url, Kept>>,
}

struct Kept {
    certificate: Arc<Certificate>,
    since: SystemTime,
}

/// A message that SMN has signed. Its members are those of the [`SmnMessage`], by `Deref`.
///
/// `unsubscribe_url`, `signing_cert_url`, `signature_version` and all in `other` are not part of what is signed.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedSmnMessage<'m>(&'m SmnMessage);

impl Deref for VerifiedSmnMessage<'_> {
    type Target = SmnMessage;

    fn deref(&self) -> &SmnMessage {
        self.0
    }
}

impl SmnVerifier {
    /// Expects messages of one topic, at most an hour old, from Huawei Cloud or Open Telekom Cloud.
    pub fn new(transport: impl Transport + 'static, topic: impl Into<TopicUrn>) -> Self {
        Self {
            transport: Arc::new(transport),
            topics: vec![topic.into()],
            domains: vec!["myhuaweicloud.com".to_owned(), "otc.t-systems.com".to_owned()],
            confirmation_hosts: vec!["console.huaweicloud.com".to_owned(), "console.otc.t-systems.com".to_owned()],
            max_age: Some(Duration::from_secs(60 * 60)),
            accept_sha1: false,
            certificates: Mutex::new(HashMap::new()),
        }
    }

    /// Expects messages of a further topic.
    pub fn topic(mut self, topic: impl Into<TopicUrn>) -> Self {
        self.topics.push(topic.into());
        self
    }

    /// Accepts certificates from `smn.<region>.<domain>` too. At first these are `myhuaweicloud.com`, where certificates
    /// were seen, and `otc.t-systems.com`, by analogy.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domains.push(domain.into());
        self
    }

    /// Confirms at this host too. At first these are `console.huaweicloud.com`, which was seen, and
    /// `console.otc.t-systems.com`, by analogy.
    pub fn confirmation_host(mut self, host: impl Into<String>) -> Self {
        self.confirmation_hosts.push(host.into());
        self
    }

    /// How old a message may be; `None`: any age. An old message that comes again is a genuine one all the same: whatever
    /// the limit, deduplicate by `message_id`.
    pub fn max_age(mut self, max_age: impl Into<Option<Duration>>) -> Self {
        self.max_age = max_age.into();
        self
    }

    /// Accepts signatures over SHA-1, from certificates that are signed over SHA-1 themselves. No longer safe.
    pub fn accept_sha1(mut self) -> Self {
        self.accept_sha1 = true;
        self
    }

    /// Verifies a message, with the certificate that it names. Needs a tokio runtime with time.
    ///
    /// # Errors
    ///
    /// [`SmnError`], if it is not to be believed. It [is retryable](SmnError::is_retryable) if only the certificate could
    /// not be got.
    pub async fn verify<'m>(&self, message: &'m SmnMessage) -> Result<VerifiedSmnMessage<'m>, SmnError> {
        let now = SystemTime::now();
        // What costs nothing first: whoever knows no topic can't make us fetch anything.
        let texts = self.check(message, now)?;
        let url = certificate_url(message.signing_cert_url.as_deref().unwrap_or_default(), &self.domains)?;
        let (certificate, kept_for) = self.certificate(&url, now).await?;
        match self.check_signature(message, &texts, &certificate, now) {
            // The certificate may have been renewed at its address. Asked for again at most once in a while.
            Err(_) if kept_for > RENEWAL => {
                self.certificates.lock().unwrap_or_else(PoisonError::into_inner).remove(&url);
                let (certificate, _) = self.certificate(&url, now).await?;
                self.check_signature(message, &texts, &certificate, now)
            }
            checked => checked,
        }
    }

    /// Verifies a message as of a point in time, with a certificate at hand, in PEM. `signing_cert_url` is not looked at.
    ///
    /// # Errors
    ///
    /// As for [`verify`](Self::verify).
    pub fn verify_with<'m>(
        &self,
        message: &'m SmnMessage,
        certificate: &[u8],
        now: SystemTime,
    ) -> Result<VerifiedSmnMessage<'m>, SmnError> {
        let texts = self.check(message, now)?;
        self.check_signature(message, &texts, &Certificate::from_pem(certificate)?, now)
    }

    /// Checks all but the signature, and gives the texts that it may be over.
    fn check(&self, message: &SmnMessage, now: SystemTime) -> Result<Vec<String>, SmnError> {
        let wrong = |kind, reason: &str| Err(SmnError::new(kind, reason));
        let texts = message.signed_texts();
        if texts.is_empty() {
            return wrong(SmnErrorKind::Incomplete, "its type is not known, or a member that is signed is missing");
        }
        let is_id = |id: &str| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !message.message_id.as_deref().is_some_and(is_id) {
            return wrong(SmnErrorKind::Malformed, "message_id is not 32 hexadecimal digits");
        }
        let of_type = |member: &str| match (&message.message_type, member) {
            (Some(SmnMessageType::Notification), member) => member != "subscribe_url",
            (_, member) => member != "subject",
        };
        let has = [("subject", message.subject.is_some()), ("subscribe_url", message.subscribe_url.is_some())];
        for (member, is_there) in has {
            if (is_there && !of_type(member)) || message.other.get(member).is_some_and(|odd| !odd.is_null()) {
                return wrong(SmnErrorKind::Malformed, &format!("{member} is not signed in a message of this type"));
            }
        }
        // A line break in any of these may be the end of what was signed as another member.
        for (name, text) in [("subject", &message.subject), ("subscribe_url", &message.subscribe_url)] {
            if text.as_deref().is_some_and(|text| text.contains('\n')) {
                return wrong(SmnErrorKind::Malformed, &format!("{name} has a line break in it"));
            }
        }
        let stamp = message.timestamp.value().and_then(serde_json::Value::as_str).unwrap_or_default();
        let Some(at) = message.timestamp.at().filter(|_| is_stamp(stamp)) else {
            return wrong(SmnErrorKind::Malformed, "timestamp is not like 2024-07-10T09:43:44Z");
        };
        let topic = message.topic_urn.as_deref().unwrap_or_default();
        if !self.topics.iter().any(|known| known == topic) {
            return wrong(
                SmnErrorKind::OtherTopic,
                &format!("its topic {:?} is not expected here", printable(topic, 100)),
            );
        }
        if let Some(max_age) = self.max_age {
            let fresh = match now.duration_since(at) {
                Ok(age) => age <= max_age,
                Err(ahead) => ahead.duration() <= CLOCK_SKEW,
            };
            if !fresh {
                return wrong(SmnErrorKind::Stale, &format!("it is of {stamp}, which is too old, or in the future"));
            }
        }
        Ok(texts)
    }

    fn check_signature<'m>(
        &self,
        message: &'m SmnMessage,
        texts: &[String],
        certificate: &Certificate,
        now: SystemTime,
    ) -> Result<VerifiedSmnMessage<'m>, SmnError> {
        certificate.check_validity(now)?;
        let signature = STANDARD
            .decode(message.signature.as_deref().unwrap_or_default())
            .map_err(|error| SmnError::new(SmnErrorKind::Signature, format!("signature is not base64: {error}")))?;
        certificate.verify(texts, &signature, self.accept_sha1)?;
        Ok(VerifiedSmnMessage(message))
    }

    /// The certificate, and how long it has been kept.
    async fn certificate(&self, url: &Url, now: SystemTime) -> Result<(Arc<Certificate>, Duration), SmnError> {
        let lock = || self.certificates.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |kept: &Kept| now.duration_since(kept.since).is_ok_and(|age| age < CACHE_TIME);
        if let Some(kept) = lock().get(url).filter(|kept| is_fresh(kept)) {
            return Ok((Arc::clone(&kept.certificate), now.duration_since(kept.since).unwrap_or_default()));
        }
        let body = self.get("the certificate", url).await?;
        if body.len() > CERTIFICATE_LIMIT {
            return Err(SmnError::new(SmnErrorKind::Certificate, "the certificate is larger than 128 KiB"));
        }
        let certificate = Arc::new(Certificate::from_pem(&body)?);
        let mut certificates = lock();
        if certificates.len() >= CACHE_SIZE {
            certificates.retain(|_, kept| is_fresh(kept));
        }
        if certificates.len() >= CACHE_SIZE {
            certificates.clear();
        }
        certificates.insert(url.clone(), Kept { certificate: Arc::clone(&certificate), since: now });
        Ok((certificate, Duration::ZERO))
    }

    /// Confirms a subscription: opens its `subscribe_url`, if that leads to a console that is known here. Needs a tokio
    /// runtime with time.
    ///
    /// Only for a [`SubscriptionConfirmation`](SmnMessageType::SubscriptionConfirmation): the URL in an
    /// [`UnsubscribeConfirmation`](SmnMessageType::UnsubscribeConfirmation) would subscribe again.
    ///
    /// # Errors
    ///
    /// [`SmnErrorKind::Incomplete`] for a message of another type, [`SmnErrorKind::Url`], or [`SmnErrorKind::Fetch`] unless
    /// the answer is 2xx.
    pub async fn confirm(&self, message: &VerifiedSmnMessage<'_>) -> Result<(), SmnError> {
        if message.message_type != Some(SmnMessageType::SubscriptionConfirmation) {
            return Err(SmnError::new(SmnErrorKind::Incomplete, "it asks for no confirmation"));
        }
        let url = message.subscribe_url.as_deref().unwrap_or_default();
        let url = confirmation_url(url, &self.confirmation_hosts)?;
        self.get("the confirmation", &url).await.map(drop)
    }

    async fn get(&self, what: &str, url: &Url) -> Result<Bytes, SmnError> {
        let failed = |problem: String| {
            let host = url.host_str().unwrap_or_default();
            SmnError::new(SmnErrorKind::Fetch, format!("{what} could not be got from {host}: {problem}"))
        };
        let request = http::Request::get(url.as_str()).body(Bytes::new()).map_err(|error| failed(error.to_string()))?;
        let answer = tokio::time::timeout(FETCH_LIMIT, self.transport.send(request)).await;
        let answer = answer
            .map_err(|_| failed(format!("no answer within {} seconds", FETCH_LIMIT.as_secs())))?
            .map_err(|error| failed(Chain(&error).to_string()))?;
        if !answer.status().is_success() {
            return Err(failed(format!("the answer is {}", answer.status())));
        }
        Ok(answer.into_body())
    }
}

/// `2024-07-10T09:43:44Z`, and nothing that only means the same.
fn is_stamp(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00Z";

    text.len() == FORM.len()
        && text.bytes().zip(FORM).all(|(byte, form)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form })
}

impl fmt::Debug for SmnVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmnVerifier")
            .field("topics", &self.topics)
            .field("domains", &self.domains)
            .field("confirmation_hosts", &self.confirmation_hosts)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}
