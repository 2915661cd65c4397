//! What the fake keeps: an account with its projects, in parts by noun.

use std::collections::HashMap;

use bytes::Bytes;
use http::Response;

use super::call::Call;
use super::catalogue;
use super::configuration::Configuration;
use super::iam::Iam;
use super::notification::Notifications;
use super::response::{Refusal, Reply};
use super::topic::Topics;
use super::trace::{self, Traces, Write};
use super::tracker::{self, Trackers};

/// An account. What belongs to no project is a field here.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) projects: HashMap<String, Project>,
    pub(super) iam: Iam,
}

/// An operation on what a project has.
pub(super) type InProject = fn(&mut Project, &Call<'_>) -> Reply;

/// A project. Each noun has a field.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) configuration: Configuration,
    pub(super) notifications: Notifications,
    pub(super) topics: Topics,
    pub(super) traces: Traces,
    pub(super) trackers: Trackers,
}

impl Account {
    /// Lists what the traces of all projects are about.
    pub(super) fn list_trace_resources(&self, call: &Call<'_>) -> Reply {
        trace::list_resources(self.projects.values().map(|project| &project.traces), call)
    }

    /// Returns a project, which exists once it is named.
    pub(super) fn project(&mut self, id: &str) -> &mut Project {
        if !self.projects.contains_key(id) {
            self.projects.insert(id.to_owned(), Project::default());
        }
        self.projects.entry(id.to_owned()).or_default()
    }
}

impl Project {
    /// Carries out an operation that CTS records, as far as there is an enabled system tracker
    /// before or after it.
    pub(super) fn recorded(
        &mut self,
        written: Write,
        call: &Call<'_>,
        carry_out: InProject,
    ) -> Reply {
        let was_recording = self.trackers.is_recording(call);
        let resource = match written.resource_type {
            "notification" => self.notifications.meant_by(call),
            "tracker" => self.trackers.meant_by(call),
            _ => None,
        };
        let reply = carry_out(self, call);
        if was_recording || self.trackers.is_recording(call) {
            let refused = reply.as_ref().err().map(Refusal::response);
            if let Some(response) = refused.as_ref().or(reply.as_ref().ok()) {
                self.traces.record(&written, resource, response, call);
            }
        }
        reply
    }

    /// Lists what the project uses of its quotas.
    pub(super) fn list_quotas(&mut self, call: &Call<'_>) -> Response<Bytes> {
        catalogue::quotas(&[
            ("data_tracker", self.trackers.count("data", call), tracker::DATA_QUOTA),
            ("system_tracker", self.trackers.count("system", call), 1),
            ("smn_notification", self.notifications.len(), call.settings.notification_quota),
        ])
    }
}
