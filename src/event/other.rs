//! Events of EventGrid and IoTDA, and the results of asynchronous invocations.

use super::error::EventError;
use super::read::events;
use super::trigger::TriggerEvent;
use crate::wire::loose::{IntValue, Payload, TimeValue, loose_struct};

loose_struct! {
    /// An event of EventGrid, which has the form of CloudEvents 1.0. Taken from a live capture of a
    /// change in OBS.
    ///
    /// ```
    /// use huaweicloud_cts::event::CloudEvent;
    ///
    /// let event = CloudEvent::from_slice(
    ///     br#"{"specversion": "1.0", "id": "7", "source": "HC.OBS.DWR", "type": "OBS:DWR:ObjectCreated:PUT", "data": {}}"#,
    /// )?;
    /// assert_eq!(event.event_type.as_deref(), Some("OBS:DWR:ObjectCreated:PUT"));
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct CloudEvent {
        /// The version of CloudEvents.
        spec_version: Option<String> = "specversion",
        /// The event's id: with `source` the key to deduplicate by.
        id: Option<String>,
        /// The publisher: `HC.OBS.DWR`.
        source: Option<String>,
        /// What happened: `OBS:DWR:ObjectCreated:PUT`.
        event_type: Option<String> = "type",
        /// The subject: the object's key.
        subject: Option<String>,
        /// When. `eventTime` within the data of an OBS event is eight hours off in a capture from
        /// China.
        time: TimeValue,
        /// The media type of `data`.
        data_content_type: Option<String> = "datacontenttype",
        /// The schema of `data`.
        data_schema: Option<String> = "dataschema",
        /// How long it is valid, in a unit that no document names.
        ttl: IntValue,
        /// The publisher's data.
        data: Payload,
    }
}

events!(CloudEvent = "CloudEvent" with "specversion": Text;);

loose_struct! {
    /// What a device reports, as IoTDA pushes it. Not verified for FunctionGraph.
    pub struct IotdaEvent {
        /// What it is about: `device.property`.
        resource: Option<String>,
        /// What happened: `report`.
        event: Option<String>,
        /// When.
        event_time: TimeValue,
        /// Header and body.
        notify_data: Payload,
    }
}

events!(IotdaEvent = "IoTDA event" with "notify_data": Object;);

loose_struct! {
    /// The result of an asynchronous invocation of a function, sent to the function, topic or
    /// bucket that is configured as its destination. CTS invokes functions asynchronously. Taken
    /// from a live capture.
    ///
    /// ```
    /// use huaweicloud_cts::event::{AsyncNotification, TriggerEvent};
    ///
    /// let failed = AsyncNotification::from_slice(br#"{
    ///     "request_context": {"condition": "UnhandledInvocationError", "approximate_invoke_count": 3},
    ///     "request_payload": "{\"cts\": {\"trace_name\": \"login\"}}",
    ///     "response_context": {"function_error": "UnhandledInvocationError"}
    /// }"#)?;
    /// assert!(matches!(failed.request_event()?, TriggerEvent::Cts(event) if event.cts.trace_name.as_deref() == Some("login")));
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct AsyncNotification {
        /// When.
        timestamp: TimeValue,
        /// The invocation and the function.
        request_context: Option<AsyncRequestContext>,
        /// The event that the function was invoked with, as JSON in a string. See
        /// [`request_event`](Self::request_event).
        request_payload: Payload,
        /// How the invocation ended.
        response_context: Option<AsyncResponseContext>,
        /// The value that the function returned, as a string.
        response_payload: Payload,
    }
}

loose_struct! {
    /// The invocation that an [`AsyncNotification`] is about.
    pub struct AsyncRequestContext {
        /// The invocation's id.
        request_id: Option<String>,
        /// The function.
        function_urn: Option<String>,
        /// Why it ended: `UnhandledInvocationError`.
        condition: Option<String>,
        /// The approximate number of attempts.
        approximate_invoke_count: IntValue,
    }
}

loose_struct! {
    /// How the invocation of an [`AsyncNotification`] ended.
    pub struct AsyncResponseContext {
        /// The status. The documentation's table names it `statusCode`, the capture does not.
        status_code: IntValue,
        /// The kind of error.
        function_error: Option<String>,
    }
}

events!(AsyncNotification = "async notification" with "request_context": Object, "response_context": Object;);

impl AsyncNotification {
    /// Reads the event that the function was invoked with.
    ///
    /// # Errors
    ///
    /// If it is not JSON, or a field that identifies its source has another type.
    pub fn request_event(&self) -> Result<TriggerEvent, EventError> {
        let text = self.request_payload.raw().unwrap_or_default();
        TriggerEvent::from_slice(text.as_bytes())
    }
}
