//! What the fake keeps: an account with its projects, in parts by noun.

use std::collections::HashMap;

use bytes::Bytes;
use http::Response;

use super::catalogue;
use super::iam::Iam;
use super::notification::Notifications;
use super::settings::Settings;

/// An account. What belongs to no project is a field here.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) projects: HashMap<String, Project>,
    pub(super) iam: Iam,
}

/// A project. Each noun has a field.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) notifications: Notifications,
}

impl Account {
    /// Returns a project, which exists once it is named.
    pub(super) fn project(&mut self, id: &str) -> &mut Project {
        if !self.projects.contains_key(id) {
            self.projects.insert(id.to_owned(), Project::default());
        }
        self.projects.entry(id.to_owned()).or_default()
    }
}

impl Project {
    /// Lists what the project uses of its quotas. The figures of trackers are those of the documented example.
    pub(super) fn list_quotas(&self, settings: &Settings) -> Response<Bytes> {
        catalogue::quotas(&[
            ("data_tracker", 9, 100),
            ("system_tracker", 1, 1),
            ("smn_notification", self.notifications.len(), settings.notification_quota),
        ])
    }
}
