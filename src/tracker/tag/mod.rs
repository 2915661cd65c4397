//! The tags of trackers, and finding trackers by them. Not on Open Telekom Cloud.
//!
//! | API call | here |
//! |---|---|
//! | `BatchCreateResourceTags`, `POST …/{id}/tags/create` | [`CtsClient::create_tracker_tags`] |
//! | `BatchDeleteResourceTags`, `DELETE …/{id}/tags/delete` | [`CtsClient::delete_tracker_tags`] |
//! | `AddResourceTag`, `POST …/{id}/tags` | [`CtsClient::add_tracker_tag`] |
//! | `DeleteResourceTag`, `DELETE …/{id}/tags/{key}` | [`CtsClient::delete_tracker_tag`] |
//! | `ListResourcesTag`, `GET …/{id}/tags` | [`CtsClient::list_tracker_tags`] |
//! | `ListProjectsTag`, `GET …/tags` | [`CtsClient::list_project_tags`], [`CtsClient::list_all_project_tags`] |
//! | `ListFilterResources`, `POST …/resource-instances/filter` | [`CtsClient::filter_trackers`] |
//! | `ListCountResources`, `POST …/resource-instances/count` | [`CtsClient::count_trackers`] |
//!
//! `…` is `/v3/{project_id}/cts-tracker`. A tracker is named by its [`id`](super::Tracker::id)
//! here.
//!
//! ```
//! # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use huaweicloud_cts::testing::FakeCts;
//! use huaweicloud_cts::tracker::tag::{FilterTrackers, ResourceTag};
//!
//! let client = FakeCts::new().client();
//! let tracker = client.find_tracker("system").await?.expect("the fake starts with one");
//! client.create_tracker_tags(&tracker.id, &[ResourceTag::new("team", "audit")]).await?;
//!
//! let found = client.filter_trackers(&FilterTrackers::new().tag("team", ["audit", "security"])).await?;
//! assert_eq!(found.resources[0].resource_name, "system");
//! # Ok::<(), huaweicloud_cts::Error>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`CtsClient::create_tracker_tags`]: crate::CtsClient::create_tracker_tags
//! [`CtsClient::delete_tracker_tags`]: crate::CtsClient::delete_tracker_tags
//! [`CtsClient::add_tracker_tag`]: crate::CtsClient::add_tracker_tag
//! [`CtsClient::delete_tracker_tag`]: crate::CtsClient::delete_tracker_tag
//! [`CtsClient::list_tracker_tags`]: crate::CtsClient::list_tracker_tags
//! [`CtsClient::list_project_tags`]: crate::CtsClient::list_project_tags
//! [`CtsClient::list_all_project_tags`]: crate::CtsClient::list_all_project_tags
//! [`CtsClient::filter_trackers`]: crate::CtsClient::filter_trackers
//! [`CtsClient::count_trackers`]: crate::CtsClient::count_trackers

mod calls;
mod filter;

use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::wire::open::open_struct;

pub use filter::{FilterTrackers, FilteredTrackers, TaggedTracker};

open_struct! {
    /// A tag of a tracker.
    ///
    /// Documented limits: 128 characters for the key and 255 for the value; both may contain
    /// letters, digits, spaces and `_ . : = + - @`, the value `/` too. A key of your own doesn't
    /// start with `_sys_`.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct ResourceTag {
        /// The key, of which a tracker has one value.
        pub key: String,
        /// The value. A tag that is deleted without one is deleted whatever its value is.
        pub value: Option<String>,
    }
}

impl ResourceTag {
    /// Creates a tag from its key and its value.
    #[must_use]
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: Some(value.into()), other: Map::new() }
    }

    /// Creates a tag from its key alone, to be deleted whatever its value is.
    #[must_use]
    pub fn of_any_value(key: impl Into<String>) -> Self {
        Self { key: key.into(), value: None, other: Map::new() }
    }

    /// Returns `true` if the service sets this tag itself: its key starts with `_sys_`.
    #[must_use]
    pub fn is_of_the_service(&self) -> bool {
        self.key.starts_with("_sys_")
    }
}

open_struct! {
    /// A key and the values that it has in the trackers of a project.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct ProjectTag {
        /// The key.
        pub key: String,
        /// Its values.
        pub values: Vec<String>,
    }
}

open_struct! {
    /// A page of the tags of a project: the response of
    /// [`CtsClient::list_project_tags`](crate::CtsClient::list_project_tags).
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct ProjectTags {
        /// The tags.
        pub tags: Vec<ProjectTag>,
        /// Where the next page starts.
        pub page_info: Option<PageInfo>,
    }
}

open_struct! {
    /// Where a page is in a list.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct PageInfo {
        /// The number of items on this page. A string in the documented example, and a number in
        /// its table.
        pub current_count: Option<i64>,
        /// What [`ListProjectTags::marker`] takes for the next page. Absent or empty on the last
        /// page.
        pub next_marker: Option<String>,
    }
}

impl ProjectTags {
    /// Returns what [`ListProjectTags::marker`] takes for the next page; `None` on the last page.
    #[must_use]
    pub fn next_marker(&self) -> Option<&str> {
        self.page_info.as_ref()?.next_marker.as_deref().filter(|marker| !marker.is_empty())
    }
}

/// What [`CtsClient::list_project_tags`](crate::CtsClient::list_project_tags) takes: which page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct ListProjectTags {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl ListProjectTags {
    /// Creates a request for the first page.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum number of tags on the page. Documented are 1 to 200; the default is 200.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Starts where the page before ended: see [`ProjectTags::next_marker`].
    pub fn marker(mut self, marker: impl Into<String>) -> Self {
        self.marker = Some(marker.into());
        self
    }
}
