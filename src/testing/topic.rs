//! The part of SMN that tells about a topic.

use std::collections::HashMap;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::call::Call;
use super::response::success;

/// The topics of a project, by URN.
#[derive(Debug, Default)]
pub(super) struct Topics(HashMap<String, Topic>);

#[derive(Debug, Default)]
pub(super) struct Topic {
    /// A JSON document; empty if there is none.
    pub(super) policy: String,
    /// Protocol and status.
    pub(super) subscriptions: Vec<(String, i64)>,
}

impl Topics {
    pub(super) fn topic(&mut self, urn: &str) -> &mut Topic {
        self.0.entry(urn.to_owned()).or_default()
    }

    pub(super) fn detail(&self, call: &Call<'_>) -> Response<Bytes> {
        self.found(call).map_or_else(Refused::response, |(urn, _)| {
            let name = urn.rsplit(':').next().unwrap_or_default();
            let body = json!({
                "create_time": "2016-08-01T02:16:38Z", "display_name": "", "enterprise_project_id": "0", "name": name,
                "push_policy": 0, "request_id": call.request_id, "topic_urn": urn, "update_time": "2016-08-01T02:16:38Z",
            });
            success(StatusCode::OK, &body)
        })
    }

    pub(super) fn attributes(&self, call: &Call<'_>) -> Response<Bytes> {
        self.found(call).map_or_else(Refused::response, |(_, topic)| {
            let body = json!({"attributes": {"access_policy": topic.policy}, "request_id": call.request_id});
            success(StatusCode::OK, &body)
        })
    }

    pub(super) fn subscriptions(&self, call: &Call<'_>) -> Response<Bytes> {
        let number = |name, default| {
            call.query_value(name).map_or(Some(default), |text| text.parse::<usize>().ok())
        };
        let (offset, limit) = (number("offset", 0), number("limit", 100));
        let (Some(offset), Some(limit @ 1..=100)) = (offset, limit) else {
            return Refused(
                StatusCode::BAD_REQUEST,
                "SMN.0015",
                "Offset or limit is invalid.",
                call.request_id.to_owned(),
            )
            .response();
        };
        self.found(call).map_or_else(Refused::response, |(urn, topic)| {
            let listed: Vec<Value> = topic
                .subscriptions
                .iter()
                .enumerate()
                .skip(offset)
                .take(limit)
                .map(|(i, (protocol, status))| {
                    json!({
                        "endpoint": format!("subscriber-{i}"), "filter_polices": [], "owner": call.path_value("project_id"),
                        "protocol": protocol, "remark": "", "status": status, "subscription_urn": format!("{urn}:{i:032x}"),
                        "topic_urn": urn,
                    })
                })
                .collect();
            let body = json!({
                "request_id": call.request_id, "subscription_count": topic.subscriptions.len(), "subscriptions": listed,
            });
            success(StatusCode::OK, &body)
        })
    }

    /// Returns the topic that the path names. One of another project is not visible, which is a
    /// choice: the documents do not say whether it is found.
    fn found<'t>(&'t self, call: &'t Call<'_>) -> Result<(&'t str, &'t Topic), Refused> {
        let urn = call.path_value("topic_urn");
        let refused =
            |status, code, message| Refused(status, code, message, call.request_id.to_owned());
        let parts: Vec<&str> = urn.splitn(5, ':').collect();
        let ["urn", "smn", _, project, name] = *parts else {
            return Err(refused(
                StatusCode::BAD_REQUEST,
                "SMN.0005",
                "Parameter: TopicUrn is invalid.",
            ));
        };
        if name.is_empty() {
            return Err(refused(
                StatusCode::BAD_REQUEST,
                "SMN.0005",
                "Parameter: TopicUrn is invalid.",
            ));
        }
        if project != call.path_value("project_id") {
            return Err(refused(
                StatusCode::FORBIDDEN,
                "SMN.0001",
                "No permission to request resources.",
            ));
        }
        let topic = self
            .0
            .get(urn)
            .ok_or_else(|| refused(StatusCode::NOT_FOUND, "SMN.0006", "Topic not found."))?;
        Ok((urn, topic))
    }
}

/// An error of SMN: status, code, message, and the id of the request.
struct Refused(StatusCode, &'static str, &'static str, String);

impl Refused {
    fn response(self) -> Response<Bytes> {
        let Self(status, code, message, request_id) = self;
        success(status, &json!({"code": code, "message": message, "request_id": request_id}))
    }
}
