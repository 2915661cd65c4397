//! Unknown fields of operations, groups and filters: a spec does not have them, and an update that
//! omits them clears them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::notification::{Filter, NotifyUsers, Operation};

/// A part of a notification that may have unknown fields.
pub(super) trait Part: Clone {
    /// Returns what identifies the part.
    fn key(&self) -> (&str, &str);
    fn other(&self) -> &Map<String, Value>;
    fn other_mut(&mut self) -> &mut Map<String, Value>;
}

/// Returns a part without its unknown fields.
pub(super) fn without_unknown<T: Part>(part: &T) -> T {
    let mut part = part.clone();
    part.other_mut().clear();
    part
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

/// Returns the desired parts, each with the unknown fields of the current ones that have the same
/// key. Its own take precedence.
pub(super) fn with_kept<T: Part>(desired: &[T], current: &[T]) -> Vec<T> {
    let mut kept: BTreeMap<(&str, &str), Map<String, Value>> = BTreeMap::new();
    for part in current.iter().filter(|part| !part.other().is_empty()) {
        kept.entry(part.key()).or_default().extend(part.other().clone());
    }
    let with = |desired: &T| {
        let mut part = desired.clone();
        if let Some(kept) = kept.get(&desired.key()) {
            part.other_mut().clone_from(kept);
            part.other_mut().extend(desired.other().clone());
        }
        part
    };
    desired.iter().map(with).collect()
}
