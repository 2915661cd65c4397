//! Events of LTS, and of the timer.

use serde_json::Value;

use super::cts::CtsEvent;
use super::error::EventError;
use super::read::{decode_base64, events, object};
use crate::trace::Trace;
use crate::wire::loose::{IntValue, List, Payload, TimeValue, loose_struct};
use crate::wire::response::kind_of;

loose_struct! {
    /// Log lines, as an LTS trigger passes them to a function: encoded. See
    /// [`decode`](Self::decode).
    ///
    /// "LTS example event" in the FunctionGraph developer guide.
    ///
    /// ```
    /// use huaweicloud_cts::event::LtsEvent;
    ///
    /// // {"logs": "[{\"message\":\"hi\"}]", "owner": "me"}
    /// let event = LtsEvent::from_slice(
    ///     br#"{"lts": {"data": "eyJsb2dzIjogIlt7XCJtZXNzYWdlXCI6XCJoaVwifV0iLCAib3duZXIiOiAibWUifQ=="}}"#,
    /// )?;
    /// let data = event.decode()?;
    /// assert_eq!(data.logs[0].message.as_deref(), Some("hi"));
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct LtsEvent {
        /// The envelope of the data.
        lts: Option<LtsBody>,
    }
}

loose_struct! {
    /// The envelope of an [`LtsEvent`]'s data.
    pub struct LtsBody {
        /// The data: JSON, as base64.
        data: Option<String>,
    }
}

loose_struct! {
    /// The decoded data of an [`LtsEvent`].
    pub struct LtsData {
        /// The lines.
        logs: List<LtsLog>,
        /// The account.
        owner: Option<String>,
        /// The log group.
        log_group_id: Option<String>,
        /// The log stream, under its old name.
        log_topic_id: Option<String>,
    }
}

loose_struct! {
    /// A log line.
    pub struct LtsLog {
        /// The line.
        message: Option<String>,
        /// When it was written.
        time: TimeValue,
        /// The host that wrote it.
        host_name: Option<String>,
        /// The host's address.
        ip: Option<String>,
        /// The file.
        path: Option<String>,
        /// The line's id.
        log_uid: Option<String>,
        /// The line's number.
        line_no: IntValue,
    }
}

events!(LtsEvent = "LTS event" with "lts": Object;);

impl LtsEvent {
    /// Decodes the data. On Huawei Cloud `logs` is an array, on Open Telekom Cloud a JSON array in
    /// a string; both are read.
    ///
    /// # Errors
    ///
    /// If the data is not base64 of JSON.
    pub fn decode(&self) -> Result<LtsData, EventError> {
        const NAME: &str = "LTS event";

        let data = self.lts.as_ref().and_then(|lts| lts.data.as_deref());
        let wrong = |problem| EventError::undecodable(NAME, "lts.data", problem);
        let data = data.ok_or_else(|| wrong("is missing, or not a string".to_owned()))?;
        let decoded =
            decode_base64(data).map_err(|error| wrong(format!("is not base64: {error}")))?;
        let mut fields = object("decoded lts.data", &decoded)?;
        if let Some(Value::String(text)) = fields.get("logs") {
            let wrong = |problem| EventError::undecodable(NAME, "lts.data.logs", problem);
            let logs: Value = serde_json::from_str(text).map_err(|error| {
                wrong(format!("is a string, but not the JSON text of an array: {error}"))
            })?;
            if !logs.is_array() {
                return Err(wrong(format!(
                    "is the JSON text of {}, but should be that of an array",
                    kind_of(&logs)
                )));
            }
            fields.insert("logs".to_owned(), logs);
        }
        Ok(LtsData::from_fields(fields))
    }
}

impl LtsLog {
    /// Returns the trace that the line holds, where a tracker writes to the log stream.
    #[must_use]
    pub fn trace(&self) -> Option<Trace> {
        CtsEvent::trace_in(self.message.as_deref()?)
    }
}

loose_struct! {
    /// The event of a timer trigger.
    ///
    /// "Timer example event" in the FunctionGraph developer guide.
    pub struct TimerEvent {
        /// The format's version.
        version: Option<String>,
        /// When the timer fired.
        time: TimeValue,
        /// `TIMER`.
        trigger_type: Option<String>,
        /// The trigger's name.
        trigger_name: Option<String>,
        /// The payload that the trigger was configured with: plain text, or JSON in a string.
        user_event: Payload,
    }
}

events!(TimerEvent = "timer event" with "trigger_type": Text;);
