//! What the fake keeps: an account with its projects, in parts by noun.

use std::collections::HashMap;

use bytes::Bytes;
use http::Response;

use super::call::Call;
use super::catalogue;
use super::configuration::Configuration;
use super::iam::Iam;
use super::notification::Notifications;
use super::topic::Topics;
use super::tracker::{self, Trackers};

/// An account. What belongs to no project is a field here.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) projects: HashMap<String, Project>,
    pub(super) iam: Iam,
}

/// A project. Each noun has a field.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) configuration: Configuration,
    pub(super) notifications: Notifications,
    pub(super) topics: Topics,
    pub(super) trackers: Trackers,
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
    /// Lists what the project uses of its quotas.
    pub(super) fn list_quotas(&mut self, call: &Call<'_>) -> Response<Bytes> {
        catalogue::quotas(&[
            ("data_tracker", self.trackers.count("data", call), tracker::DATA_QUOTA),
            ("system_tracker", self.trackers.count("system", call), 1),
            ("smn_notification", self.notifications.len(), call.settings.notification_quota),
        ])
    }
}
