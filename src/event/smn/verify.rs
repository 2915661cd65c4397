//! Verifies messages of SMN, and confirms subscriptions.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use url::Url;

use super::cache::Certificates;
use super::certificate::Certificate;
use super::error::{SmnError, SmnErrorKind};
use super::message::{SmnMessage, SmnMessageType};
use super::url::{NamedHosts, certificate_url, confirmation_url};
use crate::notification::TopicUrn;
use crate::text::Chain;
use crate::text::printable;
use crate::transport::Transport;

/// SMN waits five seconds for a response.
const FETCH_LIMIT: Duration = Duration::from_secs(4);

const CERTIFICATE_LIMIT: usize = 128 * 1024;

/// How far the clock of SMN may be ahead of this machine's.
const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// Verifies SMN messages, and confirms subscriptions.
///
/// A message is accepted if it was published to an expected topic, is recent, has well-formed
/// fields, and has a signature (RSA, PKCS #1 v1.5) by the certificate that it names. That
/// certificate must come by https from `smn.<region>.<domain>`, the host of SMN in the region of
/// the topic, and from no other unless you [name it](Self::certificate_host); its issuer is not
/// checked, since no document names it.
///
/// The topic matters: anyone with an account can have SMN sign messages of their own topics.
///
/// Certificates are fetched through the [`Transport`], which must not follow redirects, within four
/// seconds, at most 128 KiB. One is fetched once for all messages that wait for it and kept for a
/// day, and beyond that until another can be fetched in its place. A failure is remembered for 15
/// seconds. Certificates that signed no message are fetched eight times a minute at most, so that
/// forged messages can't cause any number of requests; a message beyond these is refused with an
/// error that [is retryable](SmnError::is_retryable).
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
    certificate_hosts: NamedHosts,
    confirmation_hosts: NamedHosts,
    max_age: Option<Duration>,
    accept_sha1: bool,
    certificates: Certificates,
}

/// A message that SMN has signed. Dereferences to the [`SmnMessage`].
///
/// `unsubscribe_url`, `signing_cert_url`, `signature_version` and the fields in `other` are not
/// signed.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedSmnMessage<'m>(&'m SmnMessage);

impl Deref for VerifiedSmnMessage<'_> {
    type Target = SmnMessage;

    fn deref(&self) -> &SmnMessage {
        self.0
    }
}

impl SmnVerifier {
    /// Creates a verifier that accepts messages of one topic, at most an hour old, from the SMN of
    /// the topic's region.
    pub fn new(transport: impl Transport + 'static, topic: impl Into<TopicUrn>) -> Self {
        Self {
            transport: Arc::new(transport),
            topics: vec![topic.into()],
            domains: Vec::new(),
            certificate_hosts: NamedHosts::default(),
            confirmation_hosts: NamedHosts::default(),
            max_age: Some(Duration::from_secs(60 * 60)),
            accept_sha1: false,
            certificates: Certificates::default(),
        }
    }

    /// Accepts messages of another topic too.
    pub fn topic(mut self, topic: impl Into<TopicUrn>) -> Self {
        self.topics.push(topic.into());
        self
    }

    /// Accepts certificates from `smn.<region>.<domain>` too, where the region is the topic's. The
    /// domains of the regions that [`Region`](crate::Region) knows need not be added.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domains.push(domain.into().to_ascii_lowercase());
        self
    }

    /// Accepts certificates from this host too, such as `smn.example.com`, or
    /// `smn.example.com:8443` for a port other than 443. The path is `/smn/<name>.pem` there as
    /// well.
    ///
    /// Whoever can put a file at such a path on the host can forge messages.
    pub fn certificate_host(mut self, host: impl Into<String>) -> Self {
        self.certificate_hosts.add(&host.into());
        self
    }

    /// Confirms at this host too, such as `console.example.com`, or `console.example.com:8443` for
    /// a port other than 443. Known are `console.huaweicloud.com`,
    /// `<region>-console.huaweicloud.com` for the region of the topic, and the consoles of Huawei
    /// Cloud EU and Open Telekom Cloud for topics there.
    pub fn confirmation_host(mut self, host: impl Into<String>) -> Self {
        self.confirmation_hosts.add(&host.into());
        self
    }

    /// Sets the maximum age of a message; with `None` any age is accepted. A repeated message has a
    /// valid signature too: always deduplicate by `message_id`.
    pub fn max_age(mut self, max_age: impl Into<Option<Duration>>) -> Self {
        self.max_age = max_age.into();
        self
    }

    /// Accepts signatures over SHA-1, from certificates that are signed over SHA-1 themselves.
    /// SHA-1 is no longer safe.
    pub fn accept_sha1(mut self) -> Self {
        self.accept_sha1 = true;
        self
    }

    /// Verifies a message, with the certificate that it names. Needs a tokio runtime with time.
    ///
    /// # Errors
    ///
    /// [`SmnError`] if the message is not genuine, or that can't be decided. It
    /// [is retryable](SmnError::is_retryable) if the certificate could not be fetched.
    pub async fn verify<'m>(
        &self,
        message: &'m SmnMessage,
    ) -> Result<VerifiedSmnMessage<'m>, SmnError> {
        let now = SystemTime::now();
        // The checks that send nothing come first: a sender that knows no topic can't cause a
        // fetch.
        let checked = self.check(message, now)?;
        let url = message.signing_cert_url.as_deref().unwrap_or_default();
        let url = certificate_url(url, checked.topic, &self.domains, &self.certificate_hosts)?;
        let get = |unfit| self.certificates.get(&url, unfit, now, || self.fetch_certificate(&url));
        let certificate = get(None).await?;
        let mut found = checked.verify(&certificate, self.accept_sha1, now);
        if found.is_err() {
            // It may have been renewed at its address.
            let renewed = get(Some(&certificate)).await?;
            if !Arc::ptr_eq(&renewed, &certificate) {
                found = checked.verify(&renewed, self.accept_sha1, now);
            }
        }
        if found.is_ok() {
            self.certificates.bears_out(&url);
        }
        found
    }

    /// Verifies a message as of a point in time, with a certificate in PEM. `signing_cert_url` is
    /// ignored.
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
        self.check(message, now)?.verify(
            &Certificate::from_pem(certificate)?,
            self.accept_sha1,
            now,
        )
    }

    /// Checks everything that needs no certificate.
    fn check<'m>(
        &self,
        message: &'m SmnMessage,
        now: SystemTime,
    ) -> Result<Checked<'_, 'm>, SmnError> {
        let wrong = |kind, reason: &str| Err(SmnError::new(kind, reason));
        let texts = message.strings_to_sign();
        if texts.is_empty() {
            return wrong(
                SmnErrorKind::Incomplete,
                "its type is unknown, or a signed field is missing",
            );
        }
        let is_id = |id: &str| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !message.message_id.as_deref().is_some_and(is_id) {
            return wrong(SmnErrorKind::Malformed, "message_id is not 32 hexadecimal digits");
        }
        let of_type = |field: &str| match (&message.message_type, field) {
            (Some(SmnMessageType::Notification), field) => field != "subscribe_url",
            (_, field) => field != "subject",
        };
        let has = [
            ("subject", message.subject.is_some()),
            ("subscribe_url", message.subscribe_url.is_some()),
        ];
        for (field, is_there) in has {
            if (is_there && !of_type(field))
                || message.other.get(field).is_some_and(|odd| !odd.is_null())
            {
                return wrong(
                    SmnErrorKind::Malformed,
                    &format!("{field} is not signed in a message of this type"),
                );
            }
        }
        // A line break in any of these may be the end of what was signed as another field.
        for (name, text) in
            [("subject", &message.subject), ("subscribe_url", &message.subscribe_url)]
        {
            if text.as_deref().is_some_and(|text| text.contains('\n')) {
                return wrong(SmnErrorKind::Malformed, &format!("{name} contains a line break"));
            }
        }
        let stamp =
            message.timestamp.value().and_then(serde_json::Value::as_str).unwrap_or_default();
        let Some(at) = message.timestamp.at().filter(|_| is_stamp(stamp)) else {
            return wrong(
                SmnErrorKind::Malformed,
                "timestamp should look like 2024-07-10T09:43:44Z",
            );
        };
        let topic = self.expected(message)?;
        if let Some(max_age) = self.max_age {
            let fresh = match now.duration_since(at) {
                Ok(age) => age <= max_age,
                Err(ahead) => ahead.duration() <= CLOCK_SKEW,
            };
            if !fresh {
                return wrong(
                    SmnErrorKind::Stale,
                    &format!("its timestamp {stamp} is too old, or in the future"),
                );
            }
        }
        let signature =
            STANDARD.decode(message.signature.as_deref().unwrap_or_default()).map_err(|error| {
                SmnError::new(SmnErrorKind::Signature, format!("signature is not base64: {error}"))
            })?;
        Ok(Checked { message, topic, texts, signature })
    }

    /// Returns the topic of the message, if it is expected.
    fn expected(&self, message: &SmnMessage) -> Result<&TopicUrn, SmnError> {
        let topic = message.topic_urn.as_deref().unwrap_or_default();
        self.topics.iter().find(|known| *known == topic).ok_or_else(|| {
            let reason = format!("its topic {:?} is not expected here", printable(topic, 100));
            SmnError::new(SmnErrorKind::OtherTopic, reason)
        })
    }

    async fn fetch_certificate(&self, url: &Url) -> Result<Certificate, SmnError> {
        let body = self.get("the certificate", url).await?;
        if body.len() > CERTIFICATE_LIMIT {
            return Err(SmnError::new(
                SmnErrorKind::Certificate,
                "the certificate is larger than 128 KiB",
            ));
        }
        Certificate::from_pem(&body)
    }

    /// Confirms a subscription: opens its `subscribe_url`, if that leads to a console of the
    /// topic's region or to a [named host](Self::confirmation_host). Needs a tokio runtime with
    /// time.
    ///
    /// Only for a [`SubscriptionConfirmation`](SmnMessageType::SubscriptionConfirmation): the URL
    /// in an [`UnsubscribeConfirmation`](SmnMessageType::UnsubscribeConfirmation) would subscribe
    /// again.
    ///
    /// # Errors
    ///
    /// [`SmnErrorKind::Incomplete`] for a message of another type, [`SmnErrorKind::OtherTopic`] for
    /// one that another verifier has verified, [`SmnErrorKind::Url`], which names the host that was
    /// refused, or [`SmnErrorKind::Fetch`] unless the response is 2xx.
    pub async fn confirm(&self, message: &VerifiedSmnMessage<'_>) -> Result<(), SmnError> {
        if message.message_type != Some(SmnMessageType::SubscriptionConfirmation) {
            return Err(SmnError::new(
                SmnErrorKind::Incomplete,
                "it is not a SubscriptionConfirmation",
            ));
        }
        let url = message.subscribe_url.as_deref().unwrap_or_default();
        let url = confirmation_url(url, self.expected(message)?, &self.confirmation_hosts)?;
        self.get("the confirmation", &url).await.map(drop)
    }

    async fn get(&self, what: &str, url: &Url) -> Result<Bytes, SmnError> {
        let failed = |problem: String| {
            let host = url.host_str().unwrap_or_default();
            SmnError::new(
                SmnErrorKind::Fetch,
                format!("{what} could not be fetched from {host}: {problem}"),
            )
        };
        let request = http::Request::get(url.as_str())
            .body(Bytes::new())
            .map_err(|error| failed(error.to_string()))?;
        let response = tokio::time::timeout(FETCH_LIMIT, self.transport.send(request)).await;
        let response = response
            .map_err(|_| failed(format!("no response within {} seconds", FETCH_LIMIT.as_secs())))?
            .map_err(|error| failed(Chain(&error).to_string()))?;
        if !response.status().is_success() {
            return Err(failed(format!("the response is {}", response.status())));
        }
        Ok(response.into_body())
    }
}

/// A message that was checked but for its signature.
struct Checked<'v, 'm> {
    message: &'m SmnMessage,
    topic: &'v TopicUrn,
    /// The strings that the signature may cover.
    texts: Vec<String>,
    signature: Vec<u8>,
}

impl<'m> Checked<'_, 'm> {
    fn verify(
        &self,
        certificate: &Certificate,
        accept_sha1: bool,
        now: SystemTime,
    ) -> Result<VerifiedSmnMessage<'m>, SmnError> {
        certificate.check_validity(now)?;
        certificate.verify(&self.texts, &self.signature, accept_sha1)?;
        Ok(VerifiedSmnMessage(self.message))
    }
}

/// Returns `true` for the form `2024-07-10T09:43:44Z`, and for no other that means the same.
fn is_stamp(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00Z";

    text.len() == FORM.len()
        && text
            .bytes()
            .zip(FORM)
            .all(|(byte, form)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form })
}

impl fmt::Debug for SmnVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmnVerifier")
            .field("topics", &self.topics)
            .field("domains", &self.domains)
            .field("certificate_hosts", &self.certificate_hosts.as_slice())
            .field("confirmation_hosts", &self.confirmation_hosts.as_slice())
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}
