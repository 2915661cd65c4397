//! The destination of a notification: a topic or a function.

use crate::wire::enums::string_enum;
use crate::wire::newtype::string_newtype;

string_enum! {
    /// What a notification triggers. Not part of a request's body: the service derives it from the
    /// URN.
    pub enum NotificationType {
        /// An SMN topic, which sends SMS, mail or HTTP requests.
        Smn = "smn",
        /// A function in FunctionGraph. Not documented for Open Telekom Cloud.
        Fun = "fun",
    }
}

string_newtype! {
    /// The URN of an SMN topic, `urn:smn:<region>:<project>:<topic>`, or of a function,
    /// `urn:fss:<region>:<project>:function:<package>:<function>[:<version>]`.
    ///
    /// Any string is accepted. The methods that return parts return `None` for a string of another
    /// form.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{NotificationType, TopicUrn};
    ///
    /// let topic = TopicUrn::from("urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit");
    /// assert_eq!(topic.notification_type(), Some(NotificationType::Smn));
    /// assert_eq!(topic.region(), Some("eu-de"));
    /// assert_eq!(topic.resource(), Some("audit"));
    /// ```
    pub struct TopicUrn;
}

impl TopicUrn {
    /// Returns the type of a notification with this URN; `None` if it is neither of a topic nor of
    /// a function.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{NotificationType, TopicUrn};
    ///
    /// let function = TopicUrn::from("urn:fss:eu-de:24edf66e79d04187acb99a463e610764:function:default:audit");
    /// assert_eq!(function.notification_type(), Some(NotificationType::Fun));
    /// assert_eq!(TopicUrn::from("audit").notification_type(), None);
    /// ```
    #[must_use]
    pub fn notification_type(&self) -> Option<NotificationType> {
        match self.part(1)? {
            "smn" => Some(NotificationType::Smn),
            "fss" => Some(NotificationType::Fun),
            _ => None,
        }
    }

    /// Returns the id of the region.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.part(2)
    }

    /// Returns the id of the project.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        self.part(3)
    }

    /// Returns what follows the project: the name of the topic, or `function:<package>:<function>`.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        self.part(4)
    }

    fn part(&self, index: usize) -> Option<&str> {
        let mut parts = self.as_str().splitn(5, ':');
        if parts.next() != Some("urn") {
            return None;
        }
        parts.nth(index.checked_sub(1)?).filter(|part| !part.is_empty())
    }
}
