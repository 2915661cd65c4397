//! Events of EventGrid and IoTDA, and results of asynchronous calls.

use super::error::EventError;
use super::read::events;
use super::trigger::TriggerEvent;
use crate::wire::loose::{IntValue, Payload, TimeValue, loose_struct};

loose_struct! {
    /// An event of EventGrid, in the format of CloudEvents 1.0.
    ///
    /// Source: a live capture of a change in OBS.
    ///
    /// ```
    /// use huaweicloud_cts::event::CloudEvent;
    ///
    /// let event = CloudEvent::from_slice(br#"{
    ///     "specversion": "1.0", "id": "4f2", "source": "HC.OBS.DWR", "type": "OBS:DWR:ObjectCreated:PUT",
    ///     "subject": "cat.png", "data": {"obs": {"bucket": {"bucket": "pictures"}}}
    /// }"#)?;
    /// assert_eq!(event.event_type.as_deref(), Some("OBS:DWR:ObjectCreated:PUT"));
    /// assert_eq!(event.data.json().unwrap()["obs"]["bucket"]["bucket"], "pictures");
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct CloudEvent {
        /// The version of CloudEvents.
        spec_version: Option<String> = "specversion",
        /// The id of the event: together with `source` the key to deduplicate by.
        id: Option<String>,
        /// The publisher: `HC.OBS.DWR`.
        source: Option<String>,
        /// The type: `OBS:DWR:ObjectCreated:PUT`.
        event_type: Option<String> = "type",
        /// The subject: the key of the object.
        subject: Option<String>,
        /// The time. `eventTime` within the data of an OBS event is eight hours off in a capture from China.
        time: TimeValue,
        /// The media type of `data`.
        data_content_type: Option<String> = "datacontenttype",
        /// The schema of `data`.
        data_schema: Option<String> = "dataschema",
        /// How long it is valid.
        ttl: IntValue,
        /// The data of the publisher.
        data: Payload,
    }
}

events!(CloudEvent = "CloudEvent" with "specversion": Text;);

loose_struct! {
    /// The report of a device, as IoTDA pushes it. Not verified for FunctionGraph.
    ///
    /// ```
    /// use huaweicloud_cts::event::IotdaEvent;
    ///
    /// let event = IotdaEvent::from_slice(br#"{
    ///     "resource": "device.property", "event": "report", "event_time": "20240710T094500Z",
    ///     "notify_data": {"header": {"device_id": "d1"}, "body": {"services": []}}
    /// }"#)?;
    /// assert_eq!(event.notify_data.json().unwrap()["header"]["device_id"], "d1");
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct IotdaEvent {
        /// The subject: `device.property`.
        resource: Option<String>,
        /// The operation: `report`.
        event: Option<String>,
        /// The time.
        event_time: TimeValue,
        /// Header and body.
        notify_data: Payload,
    }
}

events!(IotdaEvent = "IoTDA event" with "notify_data": Object;);

loose_struct! {
    /// The result of an asynchronous call of a function, as it is passed to the function, topic or bucket that is configured for
    /// it. All calls by CTS are asynchronous.
    ///
    /// Source: a live capture.
    ///
    /// ```
    /// use huaweicloud_cts::event::{AsyncNotification, TriggerEvent};
    ///
    /// let result = AsyncNotification::from_slice(br#"{
    ///     "request_context": {"condition": "UnhandledInvocationError", "approximate_invoke_count": 4},
    ///     "request_payload": "{\"cts\": {\"trace_name\": \"login\"}}",
    ///     "response_context": {"function_error": "UnhandledInvocationError"}, "response_payload": ""
    /// }"#)?;
    /// let Ok(TriggerEvent::Cts(event)) = result.request_event() else { panic!("an event of CTS") };
    /// assert_eq!(event.cts.trace_name.as_deref(), Some("login"));
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct AsyncNotification {
        /// The time.
        timestamp: TimeValue,
        /// The call.
        request_context: Option<AsyncRequestContext>,
        /// The event that the function was called with, as a JSON string. See [`request_event`](Self::request_event).
        request_payload: Payload,
        /// How the call ended.
        response_context: Option<AsyncResponseContext>,
        /// What the function returned, as a string.
        response_payload: Payload,
    }
}

loose_struct! {
    /// The call that an [`AsyncNotification`] is about.
    pub struct AsyncRequestContext {
        /// The id of the call.
        request_id: Option<String>,
        /// The function.
        function_urn: Option<String>,
        /// The reason why it ended: `UnhandledInvocationError`.
        condition: Option<String>,
        /// The approximate number of attempts.
        approximate_invoke_count: IntValue,
    }
}

loose_struct! {
    /// How the call of an [`AsyncNotification`] ended.
    pub struct AsyncResponseContext {
        /// The status. It is documented as `statusCode`, but not captured so.
        status_code: IntValue,
        /// The kind of error.
        function_error: Option<String>,
    }
}

events!(AsyncNotification = "async notification" with "request_context": Object, "response_context": Object;);

impl AsyncNotification {
    /// Returns the event that the function was called with.
    ///
    /// # Errors
    ///
    /// As for [`TriggerEvent::from_slice`].
    pub fn request_event(&self) -> Result<TriggerEvent, EventError> {
        let text = self.request_payload.raw().unwrap_or_default();
        TriggerEvent::from_slice(text.as_bytes())
    }
}
