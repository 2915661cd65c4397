//! Events of document databases.

use super::read::events;
use crate::wire::loose::{IntValue, List, Payload, filled, loose_struct};

loose_struct! {
    /// Changes in a database, as a trigger of DDS, or of GaussDB (for Mongo), passes them to a function.
    ///
    /// Source: "Using a DDS Trigger" and "Using a GaussDB(for Mongo) Trigger" in the FunctionGraph user guide.
    ///
    /// ```
    /// use huaweicloud_cts::event::DdsEvent;
    ///
    /// let event = DdsEvent::from_slice(br#"{"records": [{
    ///     "event_source": "dds", "event_name": "\"insert\"",
    ///     "dds": {"full_document": "{\"name\": \"alice\"}", "ns": "{\"db\": \"staff\"}"}
    /// }]}"#)?;
    /// let record = &event.records[0];
    /// let document = record.change().and_then(|change| change.full_document.json()).unwrap();
    /// assert_eq!((record.operation(), &document["name"]), (Some("insert"), &"alice".into()));
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct DdsEvent {
        /// The changes.
        records: List<DdsRecord>,
        /// Where to continue, in events of GaussDB (for Mongo).
        vernier: Payload,
    }
}

loose_struct! {
    /// A change in a database.
    pub struct DdsRecord {
        /// `dds` or `gauss_mongo`.
        event_source: Option<String>,
        /// The operation: `insert`, sometimes with quotes in the string. See [`operation`](Self::operation).
        event_name: Option<String>,
        /// The region.
        region: Option<String>,
        /// The version of the format.
        event_version: Option<String>,
        /// The id of the change.
        event_source_id: Option<String>,
        /// The change, in DDS. See [`change`](Self::change).
        dds: Option<DdsChange>,
        /// The change, in GaussDB (for Mongo). See [`change`](Self::change).
        gauss_mongo: Option<DdsChange>,
    }
}

loose_struct! {
    /// The document that changed. Its parts are objects or JSON strings of objects.
    pub struct DdsChange {
        /// The size of the change: a string, though the documents call it a number.
        size_bytes: IntValue,
        /// The position in the stream of changes.
        token: Payload,
        /// The document. It is documented as base64; in all samples it is JSON.
        full_document: Payload,
        /// The database and the collection.
        ns: Payload,
    }
}

events!(DdsEvent = "DDS event" with "records": Objects;);

impl DdsRecord {
    /// Returns the change, of either database.
    #[must_use]
    pub fn change(&self) -> Option<&DdsChange> {
        self.dds.as_ref().or(self.gauss_mongo.as_ref())
    }

    /// Returns the operation, without quotes.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        filled(self.event_name.as_deref().map(|name| name.trim_matches('"')))
    }
}
