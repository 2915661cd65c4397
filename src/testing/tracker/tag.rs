//! The tags of trackers.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::call::Call;
use super::super::response::{BODY_INVALID, Refusal, Reply, no_content, success};
use super::{NOT_FOUND, Object, Trackers, present, string};

/// The tag that every tracker has, and that no call changes.
const OF_THE_SERVICE: &str = "_sys_";

impl Trackers {
    /// Adds tags. A key that is there already gets the new value.
    pub(in super::super) fn create_tags(&mut self, call: &Call<'_>) -> Reply {
        let sent = call.object()?;
        let tags = sent
            .get("tags")
            .and_then(Value::as_array)
            .filter(|tags| (1..=20).contains(&tags.len()));
        let tags = tags.ok_or(BODY_INVALID)?.iter().map(new_tag).collect::<Result<Vec<_>, _>>()?;
        self.tags_of(call)?.extend(tags);
        Ok(success(StatusCode::OK, &Value::Null).map(|_| bytes::Bytes::new()))
    }

    /// Deletes tags. One with a value must match it.
    pub(in super::super) fn delete_tags(&mut self, call: &Call<'_>) -> Reply {
        let sent = call.object()?;
        let tags = sent
            .get("tags")
            .and_then(Value::as_array)
            .filter(|tags| tags.len() <= 20)
            .ok_or(BODY_INVALID)?;
        let known = self.tags_of(call)?;
        for tag in tags {
            let key = tag["key"].as_str().filter(|key| !key.is_empty()).ok_or(BODY_INVALID)?;
            let fits = known
                .get(key)
                .is_some_and(|value| tag["value"].is_null() || tag["value"] == *value);
            if fits && !key.starts_with(OF_THE_SERVICE) {
                known.remove(key);
            }
        }
        Ok(no_content())
    }

    pub(in super::super) fn add_tag(&mut self, call: &Call<'_>) -> Reply {
        let sent = call.object()?;
        let (key, value) = new_tag(sent.get("tag").ok_or(BODY_INVALID)?)?;
        self.tags_of(call)?.insert(key, value);
        Ok(no_content())
    }

    pub(in super::super) fn delete_tag(&mut self, call: &Call<'_>) -> Reply {
        let key = call.path_value("key");
        if key.starts_with(OF_THE_SERVICE) {
            return Err(BODY_INVALID);
        }
        self.tags_of(call)?.remove(key).map(|_| no_content()).ok_or(NOT_FOUND)
    }

    pub(in super::super) fn list_tags(&mut self, call: &Call<'_>) -> Reply {
        let tags = pairs(&*self.tags_of(call)?);
        Ok(success(StatusCode::OK, &json!({"tags": tags})))
    }

    /// Lists keys with their values, in pages. A marker is the last key of the page before.
    pub(in super::super) fn list_project_tags(&mut self, call: &Call<'_>) -> Reply {
        let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for tracker in self.all(call) {
            for (key, value) in tags(tracker) {
                all.entry(key.clone())
                    .or_default()
                    .insert(value.as_str().unwrap_or_default().to_owned());
            }
        }
        let limit = number(call, "limit")?.unwrap_or(200);
        if !(1..=200).contains(&limit) {
            return Err(BODY_INVALID);
        }
        let marker = call.query_value("marker").unwrap_or_default();
        let mut rest = all.into_iter().filter(|(key, _)| *key > marker);
        let page: Vec<_> = rest.by_ref().take(limit).collect();
        let next = page.last().map(|(key, _)| key.clone()).filter(|_| rest.next().is_some());
        // A string, as in the documented example.
        let count = ("current_count".to_owned(), Value::from(page.len().to_string()));
        let next = next.map(|key| ("next_marker".to_owned(), key.into()));
        let info: Object = [count].into_iter().chain(next).collect();
        let page: Vec<Value> =
            page.iter().map(|(key, values)| json!({"key": key, "values": values})).collect();
        Ok(success(StatusCode::OK, &json!({"tags": page, "page_info": info})))
    }

    /// Lists the trackers that meet the conditions. Limit and offset are taken from the query, as
    /// documented, or from the body, where clients send them.
    pub(in super::super) fn filter(&mut self, call: &Call<'_>) -> Reply {
        let sent = call.object()?;
        let in_body = |name: &str| {
            present(&sent, name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
        };
        let limit = number(call, "limit")?.or_else(|| in_body("limit")).unwrap_or(1_000);
        let offset = number(call, "offset")?.or_else(|| in_body("offset")).unwrap_or(0);
        if !(1..=1_000).contains(&limit) {
            return Err(BODY_INVALID);
        }
        let found = self.fitting(&sent, call)?;
        let page: Vec<Value> = found
            .iter()
            .skip(offset)
            .take(limit)
            .map(|tracker| {
                json!({
                    "resource_id": tracker.get("id"),
                    "resource_name": tracker.get("tracker_name"),
                    "resource_detail": "",
                    "tags": pairs(tags(tracker)),
                })
            })
            .collect();
        Ok(success(StatusCode::OK, &json!({"resources": page, "total_count": found.len()})))
    }

    pub(in super::super) fn count_fitting(&mut self, call: &Call<'_>) -> Reply {
        let sent = call.object()?;
        let count = self.fitting(&sent, call)?.len();
        Ok(success(StatusCode::OK, &json!({"total_count": count})))
    }

    fn fitting(&mut self, sent: &Object, call: &Call<'_>) -> Result<Vec<&Object>, Refusal> {
        let list = |name: &str| match present(sent, name) {
            None => Ok(&[] as &[Value]),
            Some(Value::Array(items)) if items.len() <= 20 => Ok(items.as_slice()),
            Some(_) => Err(BODY_INVALID),
        };
        let (conditions, matches) = (list("tags")?, list("matches")?);
        let without = present(sent, "without_any_tag").and_then(Value::as_bool).unwrap_or(false);
        let has = |tracker: &Object, condition: &Value| {
            let value =
                tags(tracker).find(|(key, _)| condition["key"] == **key).map(|(_, value)| value);
            let values = condition["values"].as_array().filter(|values| !values.is_empty());
            value.is_some_and(|value| values.is_none_or(|values| values.contains(value)))
        };
        let is_named = |tracker: &Object, condition: &Value| {
            let (name, part) =
                (string(tracker, "tracker_name"), condition["value"].as_str().unwrap_or_default());
            condition["key"] == "resource_name"
                && if part.is_empty() { name.is_empty() } else { name.contains(part) }
        };
        let fits = |tracker: &&Object| {
            conditions.iter().all(|condition| has(tracker, condition))
                && matches.iter().all(|condition| is_named(tracker, condition))
                && (!without || tags(tracker).all(|(key, _)| key.starts_with(OF_THE_SERVICE)))
        };
        Ok(self.all(call).iter().filter(fits).collect())
    }

    /// Returns the tags of the tracker in the path.
    fn tags_of(&mut self, call: &Call<'_>) -> Result<&mut Map<String, Value>, Refusal> {
        let id = call.path_value("tracker_id").to_owned();
        let tracker = self
            .all(call)
            .iter_mut()
            .find(|tracker| string(tracker, "id") == id)
            .ok_or(NOT_FOUND)?;
        tracker.get_mut("tag").and_then(Value::as_object_mut).ok_or(NOT_FOUND)
    }
}

/// Returns the tags of a tracker, that of the service included.
fn tags(tracker: &Object) -> impl Iterator<Item = (&String, &Value)> {
    tracker.get("tag").and_then(Value::as_object).into_iter().flatten()
}

fn pairs<'t>(tags: impl IntoIterator<Item = (&'t String, &'t Value)>) -> Vec<Value> {
    tags.into_iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

/// Reads a tag to add.
fn new_tag(tag: &Value) -> Result<(String, Value), Refusal> {
    let key = tag["key"]
        .as_str()
        .filter(|key| (1..=128).contains(&key.chars().count()))
        .ok_or(BODY_INVALID)?;
    let value =
        tag["value"].as_str().filter(|value| value.chars().count() <= 255).ok_or(BODY_INVALID)?;
    if key.starts_with(OF_THE_SERVICE) {
        return Err(BODY_INVALID);
    }
    Ok((key.to_owned(), value.into()))
}

fn number(call: &Call<'_>, parameter: &str) -> Result<Option<usize>, Refusal> {
    call.query_value(parameter).map(|text| text.parse().map_err(|_| BODY_INVALID)).transpose()
}
