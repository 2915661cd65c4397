//! Events of queues and streams: Kafka, RocketMQ, RabbitMQ, DIS.

use super::error::EventError;
use super::read::{decode_base64, events};
use crate::wire::loose::{IntValue, List, TimeValue, filled, loose_struct};

loose_struct! {
    /// Messages of a queue of DMS, as a trigger of Kafka, RocketMQ or RabbitMQ passes them to a
    /// function.
    ///
    /// "Kafka example event" and "RabbitMQ example event" in the FunctionGraph developer guide.
    ///
    /// ```
    /// use huaweicloud_cts::event::DmsEvent;
    ///
    /// let event = DmsEvent::from_slice(
    ///     br#"{"trigger_type": "KAFKA", "records": [{"topic_id": "audit", "messages": ["one", "two"]}]}"#,
    /// )?;
    /// assert_eq!(event.messages().collect::<Vec<_>>(), ["one", "two"]);
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct DmsEvent {
        /// The format's version.
        event_version: Option<String>,
        /// When: seconds since the epoch, although tables call it a string.
        event_time: TimeValue,
        /// `KAFKA`, `ROCKETMQ` or `RABBITMQ`.
        trigger_type: Option<String>,
        /// The region.
        region: Option<String>,
        /// The instance, where the records do not have it. See
        /// [`instance_id`](Self::instance_id()).
        instance_id: Option<String>,
        /// The messages, by topic or exchange.
        records: List<DmsRecord>,
    }
}

loose_struct! {
    /// Messages of one topic or exchange.
    pub struct DmsRecord {
        /// The messages.
        messages: List<String>,
        /// The topic, for Kafka and RocketMQ.
        topic_id: Option<String>,
        /// The exchange, for RabbitMQ.
        exchange: Option<String>,
        /// The instance, where the event does not have it.
        instance_id: Option<String>,
    }
}

events!(DmsEvent = "DMS event" with "trigger_type": Text, "records": Objects;);

impl DmsEvent {
    /// Returns the id of the instance, from the event or from its first record.
    #[must_use]
    pub fn instance_id(&self) -> Option<&str> {
        let in_record = || filled(self.records.first()?.instance_id.as_deref());
        filled(self.instance_id.as_deref()).or_else(in_record)
    }

    /// Returns all messages, in order.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        self.records.iter().flat_map(|record| &record.messages).map(String::as_str)
    }
}

loose_struct! {
    /// Records of a stream, as a DIS trigger passes them to a function.
    ///
    /// "Using a DIS Trigger" in the FunctionGraph user guide.
    ///
    /// ```
    /// use huaweicloud_cts::event::DisEvent;
    ///
    /// let event = DisEvent::from_slice(br#"{"StreamName": "audit", "Message": {"records": [{"data": "aGVsbG8="}]}}"#)?;
    /// assert_eq!(event.records()[0].decoded_data()?, b"hello");
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct DisEvent {
        /// The partition.
        shard_id: Option<String> = "ShardID",
        /// The position at which reading began: `latest`.
        tag: Option<String> = "Tag",
        /// The stream.
        stream_name: Option<String> = "StreamName",
        /// The records.
        message: Option<DisMessage> = "Message",
    }
}

loose_struct! {
    /// The records of a [`DisEvent`].
    pub struct DisMessage {
        /// The position to continue from.
        next_partition_cursor: Option<String>,
        /// How far behind the newest record this is.
        millis_behind_latest: IntValue,
        /// The records.
        records: List<DisRecord>,
    }
}

loose_struct! {
    /// A record of a stream.
    pub struct DisRecord {
        /// The partition's key.
        partition_key: Option<String>,
        /// The content, as base64. See [`decoded_data`](Self::decoded_data).
        data: Option<String>,
        /// The position in the partition: a string, although tables call it a number.
        sequence_number: IntValue,
    }
}

events!(DisEvent = "DIS event" with "Message": Object;);

impl DisEvent {
    /// Returns the records.
    #[must_use]
    pub fn records(&self) -> &[DisRecord] {
        self.message.as_ref().map_or(&[], |message| &message.records)
    }
}

impl DisRecord {
    /// Decodes the content.
    ///
    /// # Errors
    ///
    /// If it is not base64.
    pub fn decoded_data(&self) -> Result<Vec<u8>, EventError> {
        decode_base64(self.data.as_deref().unwrap_or_default()).map_err(|error| {
            EventError::undecodable(
                "DIS event",
                "Message.records.data",
                format!("is not base64: {error}"),
            )
        })
    }
}
