//! SMN messages that reach an HTTP endpoint.

use crate::event::cts::CtsEvent;
use crate::event::read::events;
use crate::trace::Trace;
use crate::wire::enums::string_enum;
use crate::wire::loose::{TimeValue, loose_struct, string_values};

string_enum! {
    /// The purpose of an SMN message over HTTP.
    ///
    /// Two more types, for subscription *users*, are named in the documentation but not described.
    pub enum SmnMessageType {
        /// Asks the endpoint to confirm its subscription, within 48 hours.
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
    /// "HTTP/HTTPS Messages" in the SMN user guide. Respond within five seconds. SMN sends a
    /// message again only after a response of 5xx, so respond with 4xx to a message that should not
    /// come again, and deduplicate by `message_id`.
    ///
    /// Anyone can post a message to a public endpoint. Verify its signature before you trust it,
    /// with `SmnVerifier` (feature `smn-verify`).
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
        /// Its purpose.
        message_type: Option<SmnMessageType> = "type",
        /// Its id, 32 hexadecimal digits. The key to deduplicate by.
        message_id: Option<String>,
        /// The topic that it was published to.
        topic_urn: Option<String>,
        /// When it was published.
        timestamp: TimeValue,
        /// The message. See [`trace`](Self::trace).
        message: Option<String>,
        /// The subject, of some notifications.
        subject: Option<String>,
        /// The URL that confirms the subscription, or subscribes again. It contains a token. Open
        /// it only with `SmnVerifier::confirm`, which checks its host.
        subscribe_url: Option<String>,
        /// The URL that unsubscribes, in a notification. The signature does not cover it: do not
        /// open it.
        unsubscribe_url: Option<String>,
        /// The signature, as base64.
        signature: Option<String>,
        /// `v1`, or `V1` in tables.
        signature_version: Option<String>,
        /// The URL of the certificate. The signature does not cover it.
        signing_cert_url: Option<String>,
    }
}

events!(SmnMessage = "SMN message" with "type": Text;);

impl SmnMessage {
    /// Returns the trace that the message holds.
    ///
    /// What CTS writes into a message is not documented; a trace is found with and without its
    /// wrapper, and any other message is left to you.
    #[must_use]
    pub fn trace(&self) -> Option<Trace> {
        CtsEvent::trace_in(self.message.as_deref()?)
    }

    /// Returns the strings that the signature may cover: none for an unknown type, or if a field is
    /// missing.
    ///
    /// For a notification without a subject there are two. The documentation leaves an empty
    /// subject out; some of the official samples sign an empty line. Either covers the whole
    /// message, so accepting both is safe.
    ///
    /// ```
    /// use huaweicloud_cts::event::SmnMessage;
    ///
    /// let message = SmnMessage::from_slice(br#"{"type": "Notification", "message": "hi", "message_id": "1", "subject": "s",
    ///     "topic_urn": "urn:smn:r:p:t", "timestamp": "2024-07-10T09:45:00Z"}"#)?;
    /// assert_eq!(message.strings_to_sign(), ["message\nhi\nmessage_id\n1\nsubject\ns\n\
    ///     timestamp\n2024-07-10T09:45:00Z\ntopic_urn\nurn:smn:r:p:t\ntype\nNotification\n"]);
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    #[must_use]
    pub fn strings_to_sign(&self) -> Vec<String> {
        self.texts().unwrap_or_default()
    }

    fn texts(&self) -> Option<Vec<String>> {
        let message_type = self.message_type.as_ref()?;
        let text = |middle: &[(&str, &str)]| {
            let start = [
                ("message", self.message.as_deref()?),
                ("message_id", self.message_id.as_deref()?),
            ];
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
