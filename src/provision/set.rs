//! The desired notifications of a project.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::NotificationSpec;
use crate::client::CtsClient;
use crate::error::{CallName, Class, Error};
use crate::notification::TopicUrn;
use crate::region::Region;
use crate::text::debug_as_display;

/// What stands in topics for the id of the region.
const REGION: &str = "{region}";
/// What stands in topics for the id of the project.
const PROJECT_ID: &str = "{project_id}";

const FOR_CLIENT: CallName = CallName { operation: "for_client", actions: "", class: Class::Read };

/// The desired notifications of a project. Their names are unique, and none can be one that no
/// cloud accepts: this is checked when the set is created, before anything is sent.
///
/// It can be read from and written to any format of serde: in TOML, each notification is a
/// `[[notifications]]`.
///
/// ```
/// use huaweicloud_cts::notification::CreateNotification;
/// use huaweicloud_cts::provision::NotificationSet;
///
/// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
/// assert_eq!(serde_json::to_string(&set)?,
///     r#"{"notifications":[{"notification_name":"everything","operation_type":"complete"}]}"#);
///
/// let twice = NotificationSet::new([CreateNotification::complete("a"), CreateNotification::complete("a")]);
/// assert_eq!(twice.unwrap_err().to_string(), r#"two notifications of the set are named "a""#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenSet")]
pub struct NotificationSet {
    notifications: Vec<NotificationSpec>,
}

/// A set as it is in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with notifications")]
struct WrittenSet {
    notifications: Vec<NotificationSpec>,
}

impl TryFrom<WrittenSet> for NotificationSet {
    type Error = SetError;

    fn try_from(written: WrittenSet) -> Result<Self, SetError> {
        Self::new(written.notifications)
    }
}

/// An error of a [`NotificationSet`], or of what a plan may prune. `Debug` prints the same line as
/// `Display`.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetError {
    /// Two notifications have this name.
    #[error("two notifications of the set are named {0:?}")]
    DuplicateName(String),
    /// A notification that no cloud accepts.
    #[error("the notification {name:?} of the set: {reason}")]
    Invalid {
        /// The name of the notification.
        name: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A notification is renamed from a name that it can't have had.
    #[error("the notification {name:?} of the set is renamed from {from:?}: {reason}")]
    Rename {
        /// The name of the notification.
        name: String,
        /// The name that it is renamed from.
        from: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The prefix for pruning is empty, which would delete every other notification of the project.
    #[error("the prefix for pruning is empty: it matches every notification of the project")]
    EmptyPrefix,
}

debug_as_display!(SetError);

impl NotificationSet {
    /// Creates a set of these notifications, in this order.
    ///
    /// # Errors
    ///
    /// Two notifications have the same name; a name is empty; a customized notification has no
    /// operations; the former name of a notification is also the name or the former name of another
    /// one.
    ///
    /// ```
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{NotificationSet, SetError};
    ///
    /// let nameless = NotificationSet::new([CreateNotification::complete("")]);
    /// assert!(matches!(nameless, Err(SetError::Invalid { .. })));
    /// ```
    pub fn new<S: Into<NotificationSpec>>(
        specs: impl IntoIterator<Item = S>,
    ) -> Result<Self, SetError> {
        let set = Self { notifications: specs.into_iter().map(Into::into).collect() };
        set.check()?;
        Ok(set)
    }

    /// Returns the notifications, in their order.
    pub fn specs(&self) -> &[NotificationSpec] {
        &self.notifications
    }

    /// Returns the set with `{region}` and `{project_id}` in its topics filled in. A topic belongs
    /// to one project in one region, so a set for many targets has these placeholders instead of
    /// the ids. A [`Rollout`](super::Rollout) fills them in itself.
    ///
    /// ```
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::NotificationSet;
    ///
    /// let to = |topic: &str| CreateNotification::complete("everything").topic(topic);
    /// let set = NotificationSet::new([to("urn:smn:{region}:{project_id}:audit")])?;
    /// assert_eq!(set.for_target("eu-de", "p1"), NotificationSet::new([to("urn:smn:eu-de:p1:audit")])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn for_target(&self, region: &str, project_id: &str) -> Self {
        let fill = |spec: &NotificationSpec| match spec.topic() {
            Some(topic) => {
                let topic = topic.as_str().replace(REGION, region).replace(PROJECT_ID, project_id);
                spec.clone().with_topic(TopicUrn::from(topic))
            }
            None => spec.clone(),
        };
        Self { notifications: self.notifications.iter().map(fill).collect() }
    }

    /// Returns the set with `{region}` and `{project_id}` in its topics filled in with those of a
    /// client. If a topic has `{project_id}`, and no call has looked up the project yet, this does.
    /// A client that was built without a region leaves `{region}` as it is.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::NotificationSet;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client_builder().region("eu-de").build()?;
    /// let audit = CreateNotification::complete("audit").topic("urn:smn:{region}:{project_id}:audit");
    /// let set = NotificationSet::new([audit])?.for_client(&client).await?;
    /// let topic = set.specs()[0].request().topic_id().unwrap();
    /// assert_eq!((topic.region(), topic.project_id()), (Some("eu-de"), Some(FakeCts::PROJECT_ID)));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Project`](crate::ErrorKind::Project) if the project can't be looked up, and
    /// those of credentials.
    pub async fn for_client(&self, client: &CtsClient) -> Result<Self, Error> {
        self.filled_in(client, FOR_CLIENT).await
    }

    /// Fills in region and project of a client, on behalf of a call.
    pub(super) async fn filled_in(
        &self,
        client: &CtsClient,
        caller: CallName,
    ) -> Result<Self, Error> {
        let mut topics = self.notifications.iter().filter_map(NotificationSpec::topic);
        let is_needed = topics.any(|topic| topic.as_str().contains(PROJECT_ID));
        // A lookup that is not needed is not made: it could fail.
        let project_id = if is_needed { client.resolve_project(caller).await? } else { PROJECT_ID };
        Ok(self.for_target(client.region().map_or(REGION, Region::id), project_id))
    }

    fn check(&self) -> Result<(), SetError> {
        let mut names = HashSet::new();
        for spec in &self.notifications {
            if let Err(reason) = spec.request().check() {
                return Err(SetError::Invalid { name: spec.name().to_owned(), reason });
            }
            if !names.insert(spec.name()) {
                return Err(SetError::DuplicateName(spec.name().to_owned()));
            }
        }
        let mut former = HashMap::new();
        for spec in &self.notifications {
            let Some(from) = spec.former_name() else { continue };
            let reason = if from.is_empty() {
                "that name is empty"
            } else if names.contains(from) {
                "the set has a notification of that name too"
            } else if former.insert(from, spec.name()).is_some() {
                "another notification is renamed from it too"
            } else {
                continue;
            };
            return Err(SetError::Rename {
                name: spec.name().to_owned(),
                from: from.to_owned(),
                reason,
            });
        }
        Ok(())
    }
}
