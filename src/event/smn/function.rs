//! SMN messages that reach a function.

use serde_json::{Map, Value};

use crate::event::cts::CtsEvent;
use crate::event::read::events;
use crate::trace::Trace;
use crate::wire::loose::{List, Payload, TimeValue, loose_struct};

loose_struct! {
    /// Messages as an SMN trigger passes them to a function. Unlike those over HTTP, they are not signed.
    ///
    /// Source: samples of Open Telekom Cloud's runtimes. Some have fields next to the records.
    ///
    /// ```
    /// use huaweicloud_cts::event::SmnEvent;
    ///
    /// let event = SmnEvent::from_slice(br#"{"record": [{"event_source": "smn", "smn": {
    ///     "topic_urn": "urn:smn:eu-de:p1:audit", "message": "{\"trace_name\": \"login\"}", "type": "notification"
    /// }}]}"#)?;
    /// let trace = event.records[0].smn.as_ref().and_then(|message| message.trace()).unwrap();
    /// assert_eq!(trace.trace_name.as_deref(), Some("login"));
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
        /// The source: `smn`.
        event_source: Option<String>,
        /// The version of the format.
        event_version: Option<String>,
        /// The URN of the function.
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
        /// The time when it was published.
        timestamp: TimeValue,
        /// The attributes: `null` or the string `None` in samples, documented as an object. See
        /// [`attributes`](Self::attributes).
        message_attributes: Payload,
        /// The message itself. See [`trace`](Self::trace).
        message: Option<String>,
        /// The type: `notification`, in lower case.
        message_type: Option<String> = "type",
        /// The id of the message, to deduplicate by.
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

    /// Returns the trace that the message is, if it is one. What CTS writes into a message is not documented.
    #[must_use]
    pub fn trace(&self) -> Option<Trace> {
        CtsEvent::trace_in(self.message.as_deref()?)
    }
}
