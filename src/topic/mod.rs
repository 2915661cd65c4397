//! The SMN topic of a notification: whether what CTS publishes to it arrives anywhere.
//!
//! CTS accepts a notification whose topic reaches no one.
//! [`CtsClient::check_topic`](crate::CtsClient::check_topic) asks SMN about the topic, with the
//! client's credentials: whether it exists, whether its policy lets CTS publish, and how many
//! subscriptions are confirmed. What cannot be known is said, with the reason. Preflight takes the
//! states of topics as part of its context,
//! [`PreflightContext::topics`](crate::provision::PreflightContext::topics), and sends nothing
//! itself.
//!
//! | API call of SMN | here |
//! |---|---|
//! | `GET /v2/{project_id}/notifications/topics/{topic_urn}` | [`TopicState::existence`] |
//! | `GET …/topics/{topic_urn}/attributes?name=access_policy` | [`TopicState::policy`] |
//! | `GET …/topics/{topic_urn}/subscriptions` | [`TopicState::subscriptions`] |
//!
//! Source: Huawei Cloud's and Open Telekom Cloud's SMN API references, 2022 to 2026.

mod calls;
mod policy;
mod subscriptions;

use std::fmt;

use serde::Serialize;

use crate::notification::{CTS_ADMIN_TRUST, TopicUrn};
use crate::text::printable;

pub use policy::TopicPolicy;
pub use subscriptions::{SubscriptionCount, TopicSubscriptions};

/// What is known about a topic. `Display` prints it in sentences, each with what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TopicState {
    /// The topic.
    pub urn: TopicUrn,
    /// Whether the topic exists.
    pub existence: TopicExistence,
    /// Its display name, if it has one.
    pub display_name: Option<String>,
    /// Whether its policy lets CTS publish. `None` if the topic was not found.
    pub policy: Option<TopicPolicy>,
    /// Who receives what is published. `None` if the topic was not found, or if
    /// [`unreadable`](Self::unreadable) says so.
    pub subscriptions: Option<TopicSubscriptions>,
    /// Why the subscriptions of an existing topic could not be read, if so: the error of the
    /// service.
    pub unreadable: Option<String>,
}

/// Whether a topic exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TopicExistence {
    /// It exists, and the credentials can see it.
    Exists,
    /// It does not exist.
    NotFound,
    /// The credentials cannot see it: a permission is missing, or it is another account's.
    #[non_exhaustive]
    NotVisible {
        /// The error of the service.
        reason: String,
    },
    /// Its URN names another region than that of the client. SMN was not asked.
    #[non_exhaustive]
    OtherRegion {
        /// The region of the client.
        client: String,
    },
    /// Its URN names another project than that of the client. SMN was not asked.
    #[non_exhaustive]
    OtherProject {
        /// The project of the client.
        client: String,
    },
    /// SMN was not asked, because its endpoint is not known.
    #[non_exhaustive]
    NotChecked {
        /// Why the endpoint is not known, and what to set.
        reason: String,
    },
}

impl TopicState {
    pub(crate) fn new(urn: TopicUrn, existence: TopicExistence) -> Self {
        Self {
            urn,
            existence,
            display_name: None,
            policy: None,
            subscriptions: None,
            unreadable: None,
        }
    }

    /// Returns whether what CTS publishes to the topic reaches anyone: `Some(false)` if it
    /// certainly does not, `Some(true)` if the policy lets CTS publish and at least one unfiltered
    /// subscription receives. `None` if that cannot be known.
    #[must_use]
    pub fn delivers(&self) -> Option<bool> {
        match &self.existence {
            TopicExistence::NotFound => return Some(false),
            TopicExistence::Exists => {}
            _ => return None,
        }
        if matches!(self.policy, Some(TopicPolicy::Denies { .. })) {
            return Some(false);
        }
        let sum = self.subscriptions.as_ref()?.sum();
        if sum.total == sum.unconfirmed + sum.cancelled {
            return Some(false);
        }
        (self.policy == Some(TopicPolicy::Allows) && sum.receiving > sum.filtered).then_some(true)
    }

    fn fmt_subscriptions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(subscriptions) = &self.subscriptions else {
            let reason = self.unreadable.as_deref().unwrap_or("they were not read");
            return write!(
                f,
                "Its subscriptions are unknown ({reason}): grant smn:topic:listSubscriptionsByTopic, or smn:topic:list on \
                 Open Telekom Cloud."
            );
        };
        let sum = subscriptions.sum();
        let unconfirmed = subscriptions.listed(|count| count.unconfirmed);
        if sum.total == 0 {
            return f.write_str(
                "It has no subscription: messages are accepted and lost. Subscribe to it.",
            );
        }
        let unknown = sum.total - sum.receiving - sum.unconfirmed - sum.cancelled;
        if sum.receiving == 0 && unknown == 0 {
            f.write_str("No subscription receives messages.")?;
        } else {
            write!(f, "{} of {} subscriptions receive messages.", sum.receiving, sum.total)?;
        }
        if sum.unconfirmed > 0 {
            write!(
                f,
                " Unconfirmed: {unconfirmed}. Open the link that was sent, which is valid for 48 hours, or request another."
            )?;
        }
        if unknown > 0 {
            write!(f, " {unknown} have a status that is not documented.")?;
        }
        if sum.cancelled > 0 {
            write!(f, " Cancelled: {}.", subscriptions.listed(|count| count.cancelled))?;
        }
        if sum.filtered > 0 {
            write!(
                f,
                " With a filter, which messages of CTS may not pass: {}.",
                subscriptions.listed(|count| count.filtered)
            )?;
        }
        Ok(())
    }

    fn fmt_policy(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.policy {
            None => Ok(()),
            Some(TopicPolicy::Allows) => f.write_str(" Its policy lets CTS publish."),
            Some(TopicPolicy::Denies { statement }) => {
                let statement =
                    statement.as_deref().map(|sid| printable(sid, 100)).unwrap_or_default();
                write!(f, " Its policy forbids CTS to publish: remove the statement {statement:?}.")
            }
            Some(TopicPolicy::Silent) => write!(
                f,
                " Its policy does not name CTS. That may be enough, for example with the agency {CTS_ADMIN_TRUST}; if nothing \
                 arrives, allow the service cts the action SMN:Publish."
            ),
            Some(TopicPolicy::Invalid) => {
                f.write_str(" Its policy is not valid JSON: write it anew if nothing arrives.")
            }
            Some(TopicPolicy::Unreadable { reason }) => {
                write!(f, " Its policy is unknown ({reason}): grant smn:topic:listAttributes.")
            }
        }
    }
}

impl fmt::Display for TopicState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urn = printable(self.urn.as_str(), 300);
        match &self.existence {
            TopicExistence::Exists => {
                write!(f, "The topic {urn} exists. ")?;
                self.fmt_subscriptions(f)?;
                self.fmt_policy(f)
            }
            TopicExistence::NotFound => write!(
                f,
                "The topic {urn} does not exist. A notification with it stays enabled, but reaches no one: create the topic \
                 again, or give the notification another one."
            ),
            // The account is in arrears, or frozen.
            TopicExistence::NotVisible { reason }
                if reason.contains("SMN.0070") || reason.contains("SMN.0071") =>
            {
                write!(
                    f,
                    "The topic {urn} is not visible to these credentials ({reason}): settle the account first, without which nothing is \
                 sent."
                )
            }
            TopicExistence::NotVisible { reason } => write!(
                f,
                "The topic {urn} is not visible to these credentials ({reason}): grant smn:topic:get, or ask its owner if it \
                 is another account's."
            ),
            TopicExistence::OtherRegion { client } => write!(
                f,
                "The topic {urn} is in the region {}, the client in {client}: it was not checked.",
                printable(self.urn.region().unwrap_or("?"), 100)
            ),
            TopicExistence::OtherProject { client } => write!(
                f,
                "The topic {urn} is in the project {}, the client in {client}: it was not checked.",
                printable(self.urn.project_id().unwrap_or("?"), 100)
            ),
            TopicExistence::NotChecked { reason } => {
                write!(f, "The topic {urn} was not checked: {reason}.")
            }
        }
    }
}
