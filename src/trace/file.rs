//! Files of traces, as a tracker writes them to OBS.

use std::fmt;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Trace;
use crate::wire::open::OpenValue as _;
use crate::wire::room::Room;
use crate::wire::{self, Packed};

/// The traces of a file, as a tracker writes it to its OBS bucket.
///
/// Reads a JSON array of traces, one trace a line or one after the other, a saved response of
/// "Querying Traces", and gzip of any of them. Traces wrapped in `{"cts": …}` are unwrapped. A
/// trace with an odd value is read like any other [`Trace`]. Values that are not traces are
/// counted, and do not affect others.
///
/// ```
/// use huaweicloud_cts::trace::TraceFile;
///
/// let file = TraceFile::from_slice(br#"[{"trace_id": "a", "trace_name": "login"}, {"trace_id": "b"}]"#)?;
/// assert_eq!(file.traces.len(), 2);
/// assert_eq!(file.traces[0].trace_name.as_deref(), Some("login"));
/// # Ok::<(), huaweicloud_cts::trace::TraceFileError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TraceFile {
    /// The traces, in the order of the file.
    pub traces: Vec<Trace>,
    /// The number of values that are not traces: lines that are not JSON, and JSON that is not an
    /// object.
    pub unread: usize,
}

impl TraceFile {
    /// Reads a whole file.
    ///
    /// # Errors
    ///
    /// [`TraceFileError`] if the gzip is damaged, if it holds more than 16 MiB, if reading it would
    /// take more than 20 times its size in memory, or if nothing in the file is a trace. An empty
    /// file has no traces, and is not an error.
    pub fn from_slice(input: &[u8]) -> Result<Self, TraceFileError> {
        let plain = wire::unpacked_slice(input).map_err(|packed| match packed {
            Packed::Damaged => TraceFileError("its compression is damaged, or the file is cut off"),
            Packed::TooLarge => TraceFileError("it holds more than 16 MiB: split it"),
        })?;
        let too_dense = |_| TraceFileError("it would take more than 20 times its size in memory");
        let room = Room::of(&plain);
        let mark = room.mark();
        let mut file = Self::default();
        if let Ok(values) = values(&plain, &room) {
            for value in values {
                file.add(value, &room);
            }
        } else {
            room.check().map_err(too_dense)?;
            room.return_to(mark);
            file.add_odd(&plain, &room);
        }
        room.check().map_err(too_dense)?;
        if file.traces.is_empty() && file.unread > 0 {
            return Err(TraceFileError(
                "nothing in it is a trace: it should hold JSON objects, in an array or one a line",
            ));
        }
        Ok(file)
    }

    /// Reads a file that is not JSON throughout: as a whole if it is one value, else line by line.
    fn add_odd(&mut self, plain: &[u8], room: &Room) {
        if let Ok(value) = wire::value(plain, room) {
            return self.add(value, room);
        }
        for line in plain
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty())
        {
            match wire::value(line, room) {
                Ok(value) => self.add(value, room),
                Err(_) => self.unread += 1,
            }
        }
    }

    fn add(&mut self, value: Value, room: &Room) {
        match value {
            Value::Null => {}
            Value::Array(items) => items.into_iter().for_each(|item| self.add_record(item, room)),
            Value::Object(mut fields) if matches!(fields.get("traces"), Some(Value::Array(_))) => {
                self.add(fields.remove("traces").unwrap_or_default(), room);
            }
            value => self.add_record(value, room),
        }
    }

    fn add_record(&mut self, value: Value, room: &Room) {
        match value {
            Value::Null => {}
            Value::Object(fields) if room.item::<Trace>().is_ok() => {
                self.traces.push(Trace::from_fields(unwrapped(fields)));
            }
            _ => self.unread += 1,
        }
    }
}

/// Reads one value after the other.
fn values(plain: &[u8], room: &Room) -> serde_json::Result<Vec<Value>> {
    let mut values = Vec::new();
    for raw in serde_json::Deserializer::from_slice(plain).into_iter::<&RawValue>() {
        room.item::<Value>().map_err(serde::de::Error::custom)?;
        values.extend(Value::read(raw?, room)?);
    }
    Ok(values)
}

/// Returns the trace in `{"cts": …}`, or the trace itself.
fn unwrapped(mut fields: Map<String, Value>) -> Map<String, Value> {
    match fields.remove("cts") {
        Some(Value::Object(record)) if fields.is_empty() => record,
        Some(other) => {
            fields.insert("cts".to_owned(), other);
            fields
        }
        None => fields,
    }
}

/// An error of reading a file of traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceFileError(&'static str);

impl fmt::Display for TraceFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the file of traces can't be read: {}", self.0)
    }
}

impl std::error::Error for TraceFileError {}
