//! Events of EventGrid and IoTDA, and what becomes of asynchronous calls.

use super::error::EventError;
use super::read::events;
use super::trigger::TriggerEvent;
use crate::wire::loose::{IntValue, Payload, TimeValue, loose_struct};

loose_struct! {
    /// An event of EventGrid, which has the form of CloudEvents 1.0. A live capture of a change in OBS.
    pub struct CloudEvent {
        /// The version of CloudEvents.
        spec_version: Option<String> = "specversion",
        /// The event's id: with `source` the key to deduplicate by.
        id: Option<String>,
        /// Who publishes it: `HC.OBS.DWR`.
        source: Option<String>,
        /// What happened: `OBS:DWR:ObjectCreated:PUT`.
        event_type: Option<String> = "type",
        /// To what: the object's key.
        subject: Option<String>,
        /// When. `eventTime` within the data of an OBS event is eight hours off in a capture from China.
        time: TimeValue,
        /// The media type of `data`.
        data_content_type: Option<String> = "datacontenttype",
        /// The schema of `data`.
        data_schema: Option<String> = "dataschema",
        /// How long it is valid.
        ttl: IntValue,
        /// What the publisher says.
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
    /// What became of an asynchronous call of a function, as all calls by CTS are, for the function, topic or bucket that is
    /// to hear of it. A live capture.
    pub struct AsyncNotification {
        /// When.
        timestamp: TimeValue,
        /// Which call of which function.
        request_context: Option<AsyncRequestContext>,
        /// The event that the function was called with, as JSON text. See
        /// [`request_event`](Self::request_event).
        request_payload: Payload,
        /// How the call ended.
        response_context: Option<AsyncResponseContext>,
        /// What the function returned, as text.
        response_payload: Payload,
    }
}

loose_struct! {
    /// The call that an [`AsyncNotification`] is about.
    pub struct AsyncRequestContext {
        /// The call's id.
        request_id: Option<String>,
        /// The function.
        function_urn: Option<String>,
        /// Why it ended: `UnhandledInvocationError`.
        condition: Option<String>,
        /// How often it was tried, about.
        approximate_invoke_count: IntValue,
    }
}

loose_struct! {
    /// How the call of an [`AsyncNotification`] ended.
    pub struct AsyncResponseContext {
        /// The status. The documentation's table names it `statusCode`, the capture does not.
        status_code: IntValue,
        /// The kind of error.
        function_error: Option<String>,
    }
}

events!(AsyncNotification = "async notification" with "request_context": Object, "response_context": Object;);

impl AsyncNotification {
    /// The event that the function was called with.
    ///
    /// # Errors
    ///
    /// If it is not JSON, or not the event that its shape promises.
    pub fn request_event(&self) -> Result<TriggerEvent, EventError> {
        let text = self.request_payload.raw().unwrap_or_default();
        TriggerEvent::from_slice(text.as_bytes())
    }
}
