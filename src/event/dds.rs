//! Events of document databases.

use super::read::events;
use crate::wire::loose::{IntValue, List, Payload, filled, loose_struct};

loose_struct! {
    /// Changes in a database, as a trigger of DDS, or of GaussDB (for Mongo), passes them to a
    /// function.
    ///
    /// "Using a DDS Trigger" and "Using a GaussDB(for Mongo) Trigger" in the FunctionGraph user
    /// guide.
    ///
    /// ```
    /// use huaweicloud_cts::event::DdsEvent;
    ///
    /// let event = DdsEvent::from_slice(
    ///     br#"{"records": [{"event_name": "\"insert\"", "dds": {"full_document": "{\"name\": \"alice\"}"}}]}"#,
    /// )?;
    /// let change = &event.records[0];
    /// assert_eq!(change.operation(), Some("insert"));
    /// assert_eq!(change.change().unwrap().full_document.json().unwrap()["name"], "alice");
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct DdsEvent {
        /// The changes.
        records: List<DdsRecord>,
        /// The position to continue from, of GaussDB (for Mongo).
        vernier: Payload,
    }
}

loose_struct! {
    /// A change in a database.
    pub struct DdsRecord {
        /// `dds` or `gauss_mongo`.
        event_source: Option<String>,
        /// The operation: `insert`, sometimes in quotes within the string. See
        /// [`operation`](Self::operation).
        event_name: Option<String>,
        /// The region.
        region: Option<String>,
        /// The format's version.
        event_version: Option<String>,
        /// The change's id.
        event_source_id: Option<String>,
        /// The change, in DDS. See [`change`](Self::change).
        dds: Option<DdsChange>,
        /// The change, in GaussDB (for Mongo). See [`change`](Self::change).
        gauss_mongo: Option<DdsChange>,
    }
}

loose_struct! {
    /// The document that changed. Its fields are objects, or JSON objects in strings.
    pub struct DdsChange {
        /// The size of the change: a string, although tables call it a number.
        size_bytes: IntValue,
        /// The position in the stream of changes.
        token: Payload,
        /// The document. Tables call it base64; in all samples it is JSON.
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
