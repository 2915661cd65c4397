//! SMN messages that reach an HTTP endpoint.

use crate::event::cts::CtsEvent;
use crate::event::read::events;
use crate::trace::Trace;
use crate::wire::enums::string_enum;
use crate::wire::loose::{TimeValue, loose_struct, string_values};

string_enum! {
    /// What an SMN message over HTTP is for.
    ///
    /// Two more types, for subscription *users*, are named in the documentation but not described.
    pub enum SmnMessageType {
        /// Asks whether the endpoint wants the topic's messages. Confirm it within 48 hours.
        SubscriptionConfirmation = "SubscriptionConfirmation",
        /// A message that was published.
        Notification = "Notification",
        /// Says that the subscription has ended.
        UnsubscribeConfirmation = "UnsubscribeConfirmation",
    }
}

string_values!(SmnMessageType);

loose_struct! {
    /// A message as SMN posts it to an HTTP or HTTPS subscriber.
    ///
    /// "HTTP/HTTPS Messages" in the SMN user guide. Answer within five seconds. SMN tries again after an answer of 5xx only,
    /// so answer a message that is not to come again with 4xx, and deduplicate by `message_id`.
    ///
    /// Anybody can post one to a public endpoint. Verify its signature before you believe it: `SmnVerifier`, with the
    /// feature `smn-verify`.
    ///
    /// ```
    /// use huaweicloud_cts::event::{SmnMessage, SmnMessageType};
    ///
    /// let message = SmnMessage::from_slice(
    ///     br#"{"type": "Notification", "message": "{\"trace_name\": \"login\"}", "timestamp": "2024-07-10T09:45:00Z"}"#,
    /// )?;
    /// assert_eq!(message.message_type, Some(SmnMessageType::Notification));
    /// assert_eq!(message.trace().unwrap().trace_name.as_deref(), Some("login"));
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct SmnMessage {
        /// What it is for.
        message_type: Option<SmnMessageType> = "type",
        /// Its id, 32 hexadecimal digits: to deduplicate by.
        message_id: Option<String>,
        /// The topic that it was published to.
        topic_urn: Option<String>,
        /// When it was published.
        timestamp: TimeValue,
        /// The text. See [`trace`](Self::trace).
        message: Option<String>,
        /// The subject, of some notifications.
        subject: Option<String>,
        /// Where to confirm the subscription, or to subscribe again. It holds a token. Open it only by
        /// `SmnVerifier::confirm`, which knows where it may lead.
        subscribe_url: Option<String>,
        /// Where to unsubscribe, in a notification. No signature covers it: do not open it.
        unsubscribe_url: Option<String>,
        /// The signature, as base64.
        signature: Option<String>,
        /// `v1`, or `V1` in tables.
        signature_version: Option<String>,
        /// Where the certificate is. No signature covers it.
        signing_cert_url: Option<String>,
    }
}

events!(SmnMessage = "SMN message" with "type": Text;);

impl SmnMessage {
    /// The audit record that the text is, if it is one.
    ///
    /// What CTS writes into a message is not documented; a record is found wrapped and bare, and any other text is left to
    /// you.
    #[must_use]
    pub fn trace(&self) -> Option<Trace> {
        CtsEvent::trace_in(self.message.as_deref()?)
    }

    /// The texts that the signature may be over: none for an unknown type, or if a member is missing.
    ///
    /// For a notification without a subject there are two. The documentation leaves an empty subject out; some of the
    /// official samples sign an empty line. Each is a whole signature, so accepting either is safe.
    ///
    /// ```
    /// use huaweicloud_cts::event::SmnMessage;
    ///
    /// let message = SmnMessage::from_slice(br#"{"type": "Notification", "message": "hi", "message_id": "1", "subject": "s",
    ///     "topic_urn": "urn:smn:r:p:t", "timestamp": "2024-07-10T09:45:00Z"}"#)?;
    /// assert_eq!(message.signed_texts(), ["message\nhi\nmessage_id\n1\nsubject\ns\n\
    ///     timestamp\n2024-07-10T09:45:00Z\ntopic_urn\nurn:smn:r:p:t\ntype\nNotification\n"]);
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    #[must_use]
    pub fn signed_texts(&self) -> Vec<String> {
        self.texts().unwrap_or_default()
    }

    fn texts(&self) -> Option<Vec<String>> {
        let message_type = self.message_type.as_ref()?;
        let text = |middle: &[(&str, &str)]| {
            let start = [("message", self.message.as_deref()?), ("message_id", self.message_id.as_deref()?)];
            let end = [
                ("timestamp", self.timestamp.value()?.as_str()?),
                ("topic_urn", self.topic_urn.as_deref()?),
                ("type", message_type.as_str()),
            ];
            let lines = start.iter().chain(middle).chain(&end);
            Some(lines.flat_map(|(name, value)| [*name, "\n", *value, "\n"]).collect::<String>())
        };
        match message_type {
            SmnMessageType::Notification => match self.subject.as_deref() {
                None | Some("") => Some(vec![text(&[])?, text(&[("subject", "")])?]),
                Some(subject) => Some(vec![text(&[("subject", subject)])?]),
            },
            SmnMessageType::SubscriptionConfirmation | SmnMessageType::UnsubscribeConfirmation => {
                Some(vec![text(&[("subscribe_url", self.subscribe_url.as_deref()?)])?])
            }
            SmnMessageType::Unknown(_) => None,
        }
    }
}
