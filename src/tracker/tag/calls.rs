//! The calls on tags.

use std::collections::HashSet;
use std::fmt::Display;

use http::Method;
use serde::Serialize;

use super::{
    FilterTrackers, FilteredTrackers, ListProjectTags, ProjectTag, ProjectTags, ResourceTag,
};
use crate::client::CtsClient;
use crate::client::call::{Call, path_segment};
use crate::error::{CallName, Class, Error};
use crate::tracker::TrackerId;
use crate::wire::response;

const fn reads(operation: &'static str, actions: &'static str) -> CallName {
    CallName { operation, actions, class: Class::Read }
}

const fn writes(operation: &'static str, actions: &'static str) -> CallName {
    CallName { operation, actions, class: Class::Idempotent }
}

const CREATE: CallName = writes("BatchCreateResourceTags", "cts:tag:create");
const DELETE: CallName = writes("BatchDeleteResourceTags", "cts:tag:delete");
const ADD_ONE: CallName = writes("AddResourceTag", "cts:resourceTag:create");
const DELETE_ONE: CallName = writes("DeleteResourceTag", "cts:resourceTag:delete");
const LIST: CallName = reads("ListResourcesTag", "cts:tag:listForResource");
const LIST_OF_PROJECT: CallName = reads("ListProjectsTag", "cts:tag:listForProject");
const FILTER: CallName = reads("ListFilterResources", "cts:resource:filter");
const COUNT: CallName = reads("ListCountResources", "cts:resource:count");

/// The path of the calls on all trackers: the one type of resource that has tags.
const TRACKERS: &str = "/cts-tracker";

#[derive(Serialize)]
struct Tags<'t> {
    tags: &'t [ResourceTag],
}

#[derive(Serialize)]
struct Tag<'t> {
    tag: &'t ResourceTag,
}

impl CtsClient {
    /// Adds tags to a tracker. A tag whose key the tracker has already presumably gets the new
    /// value. Documented are 1 to 20 tags for a call.
    ///
    /// # Errors
    ///
    /// Not sent: an empty id. From the service, among others:
    /// [`ErrorCode::TrackerNotFound`](crate::ErrorCode::TrackerNotFound).
    pub async fn create_tracker_tags(
        &self,
        id: &TrackerId,
        tags: &[ResourceTag],
    ) -> Result<(), Error> {
        let call = of_tracker(CREATE, Method::POST, id, "/tags/create")?;
        self.call(call.json(&Tags { tags })?, response::nothing).await
    }

    /// Deletes tags of a tracker. A tag with a value is deleted if both match, one without if the
    /// key does. Documented are up to 20 tags for a call.
    ///
    /// The request is a DELETE with a body, which some proxies refuse:
    /// [`delete_tracker_tag`](Self::delete_tracker_tag) needs none.
    ///
    /// # Errors
    ///
    /// Not sent: an empty id. From the service, among others:
    /// [`ErrorCode::TrackerNotFound`](crate::ErrorCode::TrackerNotFound).
    pub async fn delete_tracker_tags(
        &self,
        id: &TrackerId,
        tags: &[ResourceTag],
    ) -> Result<(), Error> {
        let call = of_tracker(DELETE, Method::DELETE, id, "/tags/delete")?;
        self.call(call.json(&Tags { tags })?, response::nothing).await
    }

    /// Adds one tag to a tracker.
    ///
    /// # Errors
    ///
    /// As for [`create_tracker_tags`](Self::create_tracker_tags).
    pub async fn add_tracker_tag(&self, id: &TrackerId, tag: &ResourceTag) -> Result<(), Error> {
        let call = of_tracker(ADD_ONE, Method::POST, id, "/tags")?;
        self.call(call.json(&Tag { tag })?, response::nothing).await
    }

    /// Deletes one tag of a tracker, by its key.
    ///
    /// # Errors
    ///
    /// Not sent: an empty id or key. From the service, among others:
    /// [`ErrorCode::TrackerNotFound`](crate::ErrorCode::TrackerNotFound).
    pub async fn delete_tracker_tag(&self, id: &TrackerId, key: &str) -> Result<(), Error> {
        let call = of_tracker(
            DELETE_ONE,
            Method::DELETE,
            id,
            format_args!("/tags/{}", path_segment(key)),
        )?;
        if key.is_empty() {
            return Err(call.refused("the key of the tag is empty: name the tag to delete"));
        }
        if is_dots(key) {
            return Err(
                call.refused("the key of the tag can't be in a path: call delete_tracker_tags")
            );
        }
        match self.call(call, response::nothing).await {
            // An earlier attempt, whose response was lost, may have deleted it.
            Err(error) if error.is_not_found() && error.may_have_applied() => Ok(()),
            result => result,
        }
    }

    /// Lists the tags of a tracker. Those of the service are among them, see
    /// [`ResourceTag::is_of_the_service`].
    ///
    /// # Errors
    ///
    /// Not sent: an empty id. From the service, among others:
    /// [`ErrorCode::TrackerNotFound`](crate::ErrorCode::TrackerNotFound).
    pub async fn list_tracker_tags(&self, id: &TrackerId) -> Result<Vec<ResourceTag>, Error> {
        self.call(of_tracker(LIST, Method::GET, id, "/tags")?, |body| response::list(body, "tags"))
            .await
    }

    /// Lists the tags that the trackers of the project have, one page of them.
    ///
    /// # Errors
    ///
    /// As for any call.
    pub async fn list_project_tags(&self, request: &ListProjectTags) -> Result<ProjectTags, Error> {
        let mut call = of_all(LIST_OF_PROJECT, Method::GET, "/tags");
        if let Some(limit) = request.limit {
            call = call.query("limit", limit.to_string());
        }
        if let Some(marker) = &request.marker {
            call = call.query("marker", marker);
        }
        self.call(call, response::one).await
    }

    /// Lists all tags that the trackers of the project have, page after page.
    ///
    /// # Errors
    ///
    /// As for any call.
    pub async fn list_all_project_tags(&self) -> Result<Vec<ProjectTag>, Error> {
        let mut request = ListProjectTags::new();
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        loop {
            let page = self.list_project_tags(&request).await?;
            let next = page.next_marker().map(str::to_owned);
            all.extend(page.tags);
            match next {
                // A marker that comes again would lead around in circles.
                Some(marker) if seen.insert(marker.clone()) => request = request.marker(marker),
                _ => return Ok(all),
            }
        }
    }

    /// Lists the trackers that meet conditions on their tags and names, with their tags.
    ///
    /// # Errors
    ///
    /// As for any call.
    pub async fn filter_trackers(
        &self,
        request: &FilterTrackers,
    ) -> Result<FilteredTrackers, Error> {
        let mut call = of_all(FILTER, Method::POST, "/resource-instances/filter");
        for (name, number) in [("limit", request.limit), ("offset", request.offset)] {
            if let Some(number) = number {
                call = call.query(name, number.to_string());
            }
        }
        self.call(call.json(&request.body())?, response::one).await
    }

    /// Counts the trackers that meet conditions on their tags and names.
    ///
    /// # Errors
    ///
    /// As for any call.
    pub async fn count_trackers(&self, request: &FilterTrackers) -> Result<u64, Error> {
        let call = of_all(COUNT, Method::POST, "/resource-instances/count");
        self.call(call.json(&request.body())?, count).await
    }
}

/// Makes a call on all trackers.
fn of_all(name: CallName, method: Method, path: &str) -> Call {
    Call::new(name, method, format!("{TRACKERS}{path}"))
}

/// Makes a call on one tracker. Without an id the path would be that of another call.
fn of_tracker(
    name: CallName,
    method: Method,
    id: &TrackerId,
    path: impl Display,
) -> Result<Call, Error> {
    let call = Call::new(name, method, format!("{TRACKERS}/{}{path}", path_segment(id.as_str())));
    if id.as_str().is_empty() || is_dots(id.as_str()) {
        return Err(call.refused("that is not the id of a tracker: list_trackers returns it"));
    }
    Ok(call)
}

/// Returns `true` if a segment of a path would lead elsewhere.
fn is_dots(text: &str) -> bool {
    matches!(text, "." | "..")
}

/// Reads the number of trackers.
fn count(body: &[u8]) -> Result<u64, String> {
    let counted: FilteredTrackers = response::one(body)?;
    let number = counted.total_count.ok_or("it has no total_count")?;
    u64::try_from(number).map_err(|_| format!("total_count is {number}"))
}
