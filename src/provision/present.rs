//! The notifications of a project, indexed by id and by name.

use std::collections::HashMap;

use crate::notification::{Notification, NotificationId};

/// An index of what was read: a plan of ten thousand notifications looks up each of them.
pub(super) struct Present<'n> {
    by_id: HashMap<&'n str, &'n Notification>,
    by_name: HashMap<&'n str, Vec<&'n Notification>>,
}

impl<'n> Present<'n> {
    pub(super) fn of(notifications: &'n [Notification]) -> Self {
        let mut by_name: HashMap<&str, Vec<&Notification>> = HashMap::new();
        for notification in notifications {
            by_name.entry(&notification.notification_name).or_default().push(notification);
        }
        let by_id = notifications
            .iter()
            .map(|notification| (notification.notification_id.as_str(), notification));
        Self { by_id: by_id.collect(), by_name }
    }

    pub(super) fn named(&self, name: Option<&str>) -> &[&'n Notification] {
        name.and_then(|name| self.by_name.get(name)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn with_id(&self, id: &NotificationId) -> Option<&'n Notification> {
        self.by_id.get(id.as_str()).copied()
    }
}
