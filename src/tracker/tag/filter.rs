//! Finding trackers by their tags.

use serde::{Deserialize, Serialize};

use super::ResourceTag;
use crate::tracker::TrackerId;
use crate::wire::open::open_struct;

/// What [`CtsClient::filter_trackers`](crate::CtsClient::filter_trackers) and
/// [`CtsClient::count_trackers`](crate::CtsClient::count_trackers) take: the conditions that a
/// tracker must meet.
///
/// ```
/// use huaweicloud_cts::tracker::tag::FilterTrackers;
///
/// let of_two_teams = FilterTrackers::new().tag("team", ["audit", "security"]).tag("stage", ["prod"]);
/// let untagged = FilterTrackers::new().without_any_tag(true);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct FilterTrackers {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    without_any_tag: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<TagCondition>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    matches: Vec<ResourceTag>,
    /// Parameters of the query, not of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) offset: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TagCondition {
    key: String,
    values: Vec<String>,
}

impl FilterTrackers {
    /// Creates a request for all trackers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition: the tracker has a tag of this key, with one of these values. Without
    /// values, any will do. All conditions must be met. Documented limits: 20 keys, 20 values for
    /// each.
    pub fn tag<V: Into<String>>(
        mut self,
        key: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.tags.push(TagCondition {
            key: key.into(),
            values: values.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// Sets whether the tracker must have no tag.
    pub fn without_any_tag(mut self, without: bool) -> Self {
        self.without_any_tag = Some(without);
        self
    }

    /// Adds a condition: the name of the tracker contains this. Documented limits: 255 characters,
    /// neither `_` nor `%`.
    pub fn resource_name(mut self, part: impl Into<String>) -> Self {
        self.matches.push(ResourceTag::new("resource_name", part));
        self
    }

    /// Returns what is sent as the body.
    pub(super) fn body(&self) -> Self {
        Self { limit: None, offset: None, ..self.clone() }
    }

    /// Sets the maximum number of trackers to return. Documented are 1 to 1000; the default
    /// is 1000.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets how many trackers to skip.
    pub fn offset(mut self, offset: u32) -> Self {
        self.offset = Some(offset);
        self
    }
}

open_struct! {
    /// The trackers that meet the conditions: the response of
    /// [`CtsClient::filter_trackers`](crate::CtsClient::filter_trackers).
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct FilteredTrackers {
        /// The trackers.
        pub resources: Vec<TaggedTracker>,
        /// The number of trackers that meet the conditions, more than these if there are more
        /// pages.
        pub total_count: Option<i64>,
    }
}

open_struct! {
    /// A tracker and its tags.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct TaggedTracker {
        /// The id of the tracker.
        pub resource_id: TrackerId,
        /// The name of the tracker.
        pub resource_name: String,
        /// A string that is empty in the documented example.
        pub resource_detail: Option<String>,
        /// The tags, those of the service included.
        pub tags: Vec<ResourceTag>,
    }
}
