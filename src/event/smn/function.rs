//! SMN messages that reach a function.

use serde_json::{Map, Value};

use crate::event::cts::CtsEvent;
use crate::event::read::events;
use crate::trace::Trace;
use crate::wire::loose::{List, Payload, TimeValue, loose_struct};

loose_struct! {
    /// Messages as an SMN trigger passes them to a function. Unlike those over HTTP they are not
    /// signed.
    ///
    /// Taken from samples of Open Telekom Cloud's runtimes; some have more fields beside the
    /// records.
    ///
    /// ```
    /// use huaweicloud_cts::event::SmnEvent;
    ///
    /// let event = SmnEvent::from_slice(
    ///     br#"{"record": [{"smn": {"subject": "audit", "message": "{\"cts\": {\"trace_name\": \"login\"}}"}}]}"#,
    /// )?;
    /// let message = event.records[0].smn.as_ref().unwrap();
    /// assert_eq!(message.trace().unwrap().trace_name.as_deref(), Some("login"));
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct SmnEvent {
        /// The messages.
        records: List<SmnRecord> = "record",
    }
}

loose_struct! {
    /// A message and its subscription.
    pub struct SmnRecord {
        /// `smn`.
        event_source: Option<String>,
        /// The format's version.
        event_version: Option<String>,
        /// The function's URN.
        event_subscription_urn: Option<String>,
        /// The message.
        smn: Option<SmnBody>,
    }
}

loose_struct! {
    /// A message.
    pub struct SmnBody {
        /// The topic.
        topic_urn: Option<String>,
        /// When it was published.
        timestamp: TimeValue,
        /// Attributes: `null` or the string `None` in samples, although tables call it an object.
        /// See [`attributes`](Self::attributes).
        message_attributes: Payload,
        /// The message. See [`trace`](Self::trace).
        message: Option<String>,
        /// `notification`, in lower case.
        message_type: Option<String> = "type",
        /// The message's id. The key to deduplicate by.
        message_id: Option<String>,
        /// The subject.
        subject: Option<String>,
    }
}

events!(SmnEvent = "SMN event" with "record": Objects;);

impl SmnBody {
    /// Returns the attributes, if there are any.
    #[must_use]
    pub fn attributes(&self) -> Option<&Map<String, Value>> {
        self.message_attributes.value()?.as_object()
    }

    /// Returns the trace that the message holds. What CTS writes into a message is not documented.
    #[must_use]
    pub fn trace(&self) -> Option<Trace> {
        CtsEvent::trace_in(self.message.as_deref()?)
    }
}
