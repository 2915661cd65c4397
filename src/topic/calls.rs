//! The calls to SMN.

use http::{Method, StatusCode};
use serde_json::Value;

use super::{TopicExistence, TopicPolicy, TopicState, TopicSubscriptions};
use crate::client::CtsClient;
use crate::client::call::{Call, path_segment};
use crate::error::{CallName, Class, Error};
use crate::notification::{NotificationType, TopicUrn};
use crate::region::Region;
use crate::text::printable;
use crate::wire::response;

const DETAIL: CallName =
    CallName { operation: "ListTopicDetails", actions: "smn:topic:get", class: Class::Read };
const ATTRIBUTES: CallName = CallName {
    operation: "ListTopicAttributes",
    actions: "smn:topic:listAttributes",
    class: Class::Read,
};
const SUBSCRIPTIONS: CallName = CallName {
    operation: "ListSubscriptionsByTopic",
    actions: "smn:topic:listSubscriptionsByTopic",
    class: Class::Read,
};

/// How many subscriptions SMN lists at a time, at most.
const PAGE: usize = 100;

/// More subscriptions than a topic can have.
const MOST: usize = 10_000;

impl CtsClient {
    /// Asks SMN about a topic: whether it exists, whether CTS may publish to it, and who receives
    /// what it publishes.
    ///
    /// Sends up to two requests, and one for each hundred subscriptions, with the credentials of
    /// the client; nothing is published. None is sent for a topic of another region or project, or
    /// if the endpoint of SMN is not known (see
    /// [`ClientBuilder::smn_endpoint`](crate::ClientBuilder::smn_endpoint)). What the service
    /// refuses to tell is part of the state, with its reason.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) if the URN is not that of an SMN topic.
    /// Otherwise those of any call, see [`Error`], apart from a refusal of status 403, or of 404 by
    /// SMN itself.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::TopicUrn;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let urn = TopicUrn::from(format!("urn:smn:eu-de:{}:audit", FakeCts::PROJECT_ID));
    /// let state = client.check_topic(&urn).await?;
    /// if state.delivers() == Some(false) {
    ///     println!("{state}"); // The topic … has no subscription: messages are accepted and lost. …
    /// }
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn check_topic(&self, urn: &TopicUrn) -> Result<TopicState, Error> {
        let detail = Call::new(DETAIL, Method::GET, topic_path(urn)).of_smn();
        let (Some(NotificationType::Smn), Some(region), Some(project), Some(_)) =
            (urn.notification_type(), urn.region(), urn.project_id(), urn.resource())
        else {
            return Err(detail.refused(format!(
                "{} is not the URN of an SMN topic: it has the form urn:smn:<region>:<project>:<topic>",
                printable(urn.as_str(), 300)
            )));
        };
        let state = |existence| TopicState::new(urn.clone(), existence);
        if let Some(client) = self.region().map(Region::id).filter(|id| *id != region) {
            return Ok(state(TopicExistence::OtherRegion { client: client.to_owned() }));
        }
        let client = self.resolve_project(DETAIL).await?;
        if client != project {
            return Ok(state(TopicExistence::OtherProject { client: client.to_owned() }));
        }
        if !self.knows_smn() {
            let reason =
                "the endpoint of SMN is not known: call smn_endpoint(\"https://…\")".to_owned();
            return Ok(state(TopicExistence::NotChecked { reason }));
        }
        let detail = match self.call(detail, response::any_object).await {
            Ok(detail) => detail,
            Err(error) => {
                return match error.status() {
                    // That of a gateway or a proxy says nothing about the topic.
                    Some(StatusCode::NOT_FOUND) if error.is_not_found() => {
                        Ok(state(TopicExistence::NotFound))
                    }
                    Some(StatusCode::FORBIDDEN) => {
                        Ok(state(TopicExistence::NotVisible { reason: reason(&error) }))
                    }
                    _ => Err(error),
                };
            }
        };
        let mut state = state(TopicExistence::Exists);
        state.display_name = detail.get("display_name").and_then(Value::as_str).map(str::to_owned);
        state.display_name = state.display_name.filter(|name| !name.is_empty());
        state.policy = Some(self.topic_policy(urn).await?);
        match self.topic_subscriptions(urn).await {
            Ok(Some(subscriptions)) => state.subscriptions = Some(subscriptions),
            Ok(None) => {
                state.unreadable = Some("the service lists fewer than it counts".to_owned());
            }
            Err(error) if is_refused(&error) => state.unreadable = Some(reason(&error)),
            Err(error) => return Err(error),
        }
        Ok(state)
    }

    async fn topic_policy(&self, urn: &TopicUrn) -> Result<TopicPolicy, Error> {
        let path = topic_path(urn) + "/attributes";
        let call = Call::new(ATTRIBUTES, Method::GET, path).of_smn().query("name", "access_policy");
        match self.call(call, response::any_object).await {
            Ok(object) => {
                let document =
                    object.get("attributes").and_then(|attributes| attributes.get("access_policy"));
                Ok(match document {
                    None | Some(Value::Null) => TopicPolicy::Silent,
                    Some(Value::String(document)) => TopicPolicy::of(document, urn),
                    // The manuals print it as an object.
                    Some(document) => TopicPolicy::of(&document.to_string(), urn),
                })
            }
            // There is no such attribute.
            Err(error) if error.is_not_found() => Ok(TopicPolicy::Silent),
            Err(error) if is_refused(&error) => {
                Ok(TopicPolicy::Unreadable { reason: reason(&error) })
            }
            Err(error) => Err(error),
        }
    }

    /// Returns `None` if the service does not list them all.
    async fn topic_subscriptions(
        &self,
        urn: &TopicUrn,
    ) -> Result<Option<TopicSubscriptions>, Error> {
        let mut found = TopicSubscriptions::default();
        let mut offset = 0;
        loop {
            let call = Call::new(SUBSCRIPTIONS, Method::GET, topic_path(urn) + "/subscriptions")
                .of_smn()
                .query("offset", offset.to_string())
                .query("limit", PAGE.to_string());
            let object = self.call(call, response::any_object).await?;
            let Some(listed) = object.get("subscriptions").and_then(Value::as_array) else {
                return Ok(None);
            };
            listed
                .iter()
                .filter_map(Value::as_object)
                .for_each(|subscription| found.count(subscription));
            offset += listed.len();
            let all = object.get("subscription_count").and_then(Value::as_u64);
            let is_last = all.map_or(listed.len() < PAGE, |all| offset as u64 >= all);
            if listed.is_empty() || is_last || offset > MOST {
                // A list that ends before its count leaves it open whether anyone receives.
                return Ok(is_last.then_some(found));
            }
        }
    }
}

fn topic_path(urn: &TopicUrn) -> String {
    format!("/notifications/topics/{}", path_segment(urn.as_str()))
}

/// Returns `true` if the service does not let these credentials see something, or has no such
/// thing.
fn is_refused(error: &Error) -> bool {
    matches!(error.status(), Some(StatusCode::FORBIDDEN | StatusCode::NOT_FOUND))
}

/// The code and message of the service.
fn reason(error: &Error) -> String {
    error.api().map(ToString::to_string).unwrap_or_default()
}
