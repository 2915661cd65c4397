//! A subscriber of `tracing` for tests.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down everything, at every level.
#[derive(Clone, Default)]
pub(crate) struct Everything(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Everything {
    /// Returns what was written down, a line for each span and event of this crate.
    pub(crate) fn told(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    fn line(&self, what: &str, own: bool, record: impl FnOnce(&mut Line<'_>)) {
        let mut text = self.0.lock().unwrap();
        if own {
            text.push_str(what);
            record(&mut Line(&mut text));
            text.push('\n');
        }
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("huaweicloud_cts")
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let ours = is_ours(span.metadata());
        self.line(&format!("span {}", span.metadata().name()), ours, |line| span.record(line));
        Id::from_u64(if ours { 1 } else { 2 })
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.line("record", span.into_u64() == 1, |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.line(
            &format!("event {}", event.metadata().level()),
            is_ours(event.metadata()),
            |line| event.record(line),
        );
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
