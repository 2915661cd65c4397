//! Where a notification goes.

use crate::wire::enums::string_enum;
use crate::wire::newtype::string_newtype;

string_enum! {
    /// Where a notification goes. Not sent in a request's body: the service derives it from the URN.
    pub enum NotificationType {
        /// To an SMN topic, and from there by SMS, mail or HTTP.
        Smn = "smn",
        /// To a function in FunctionGraph. Not documented for Open Telekom Cloud.
        Fun = "fun",
    }
}

string_newtype! {
    /// The URN of an SMN topic, `urn:smn:<region>:<project>:<topic>`, or of a function,
    /// `urn:fss:<region>:<project>:function:<package>:<function>[:<version>]`.
    ///
    /// Any text is taken; the parts are read from one that has this form.
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
    /// Where it leads; `None` for a text that is neither form.
    #[must_use]
    pub fn notification_type(&self) -> Option<NotificationType> {
        match self.part(1)? {
            "smn" => Some(NotificationType::Smn),
            "fss" => Some(NotificationType::Fun),
            _ => None,
        }
    }

    /// The region's id.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.part(2)
    }

    /// The project's id.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        self.part(3)
    }

    /// What follows the project: the topic's name, or `function:<package>:<function>`.
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
