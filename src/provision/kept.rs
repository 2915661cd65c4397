//! Unknown fields of what stays: a wanted rule can't name them, and an update that leaves them out clears them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::notification::{Filter, NotifyUsers, Operation};

/// A part of a rule that may have unknown fields.
pub(super) trait Part: Clone {
    /// What makes it the same part.
    fn key(&self) -> (&str, &str);
    fn other(&self) -> &Map<String, Value>;
    fn other_mut(&mut self) -> &mut Map<String, Value>;
}

impl Part for Operation {
    fn key(&self) -> (&str, &str) {
        (&self.service_type, &self.resource_type)
    }

    fn other(&self) -> &Map<String, Value> {
        &self.other
    }

    fn other_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.other
    }
}

impl Part for NotifyUsers {
    fn key(&self) -> (&str, &str) {
        (&self.user_group, "")
    }

    fn other(&self) -> &Map<String, Value> {
        &self.other
    }

    fn other_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.other
    }
}

impl Part for Filter {
    fn key(&self) -> (&str, &str) {
        ("", "")
    }

    fn other(&self) -> &Map<String, Value> {
        &self.other
    }

    fn other_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.other
    }
}

/// Returns the wanted parts, each with the unknown fields of the current ones of the same key. Its own go before theirs.
pub(super) fn with_kept<T: Part>(wanted: &[T], current: &[T]) -> Vec<T> {
    let mut kept: BTreeMap<(&str, &str), Map<String, Value>> = BTreeMap::new();
    for part in current.iter().filter(|part| !part.other().is_empty()) {
        kept.entry(part.key()).or_default().extend(part.other().clone());
    }
    let with = |wanted: &T| {
        let mut part = wanted.clone();
        if let Some(kept) = kept.get(&wanted.key()) {
            part.other_mut().clone_from(kept);
            part.other_mut().extend(wanted.other().clone());
        }
        part
    };
    wanted.iter().map(with).collect()
}
