//! The operations of the fake: which request is which, and what carries it out.

use std::fmt;

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;

use super::account::{Account, InProject};
use super::call::Call;
use super::catalogue;
use super::response::Reply;
use super::settings::Settings;
use super::trace::Write;
use super::tracker;
use crate::region::CloudKind;

/// Every operation of the fake. Of two whose routes fit a request, the first is meant.
#[rustfmt::skip]
static OPERATIONS: &[Operation] = &[
    // Notifications
    of_project("CreateNotification", "POST /v3/{project_id}/notifications", |p, call| p.notifications.create(call)).recorded("notification", "createNotification"),
    of_project("ListNotifications", "GET /v3/{project_id}/notifications/{notification_type}", |p, call| p.notifications.list(call)),
    of_project("UpdateNotification", "PUT /v3/{project_id}/notifications", |p, call| p.notifications.update(call)).recorded("notification", "updateNotification"),
    of_project("DeleteNotification", "DELETE /v3/{project_id}/notifications", |p, call| p.notifications.delete(call)).recorded("notification", "deleteNotification"),
    // Catalogue and quotas
    of_project("ListOperations", "GET /v3/{project_id}/operations", |_, call| catalogue::list_operations(call)).only_on(CloudKind::Huawei),
    of_project("ListQuotas", "GET /v3/{project_id}/quotas", |p, call| Ok(p.list_quotas(call))),
    // Trackers
    of_project("CreateTracker", "POST /v3/{project_id}/tracker", |p, call| p.trackers.create(call)).recorded("tracker", "createTracker"),
    of_project("ListTrackers", "GET /v3/{project_id}/trackers", |p, call| p.trackers.list(call)),
    of_project("UpdateTracker", "PUT /v3/{project_id}/tracker", |p, call| p.trackers.update(call)).recorded("tracker", "updateTracker"),
    of_project("DeleteTracker", "DELETE /v3/{project_id}/trackers", |p, call| p.trackers.delete(call)).recorded("tracker", "deleteTracker"),
    of_account("CheckObsBuckets", "POST /v3/{domain_id}/checkbucket", |_, call| tracker::check_buckets(call)).only_on(CloudKind::Huawei),
    // Traces
    of_project("ListTraces", "GET /v3/{project_id}/traces", |p, call| p.traces.list(call)),
    of_project("ListUserResources", "GET /v3/{project_id}/user-resources", |p, call| Ok(p.traces.list_users(call))).only_on(CloudKind::Huawei),
    of_account("ListTraceResources", "GET /v3/{domain_id}/resources", |account, call| account.list_trace_resources(call)).only_on(CloudKind::Huawei),
    // Tags of trackers
    of_project("BatchCreateResourceTags", "POST /v3/{project_id}/cts-tracker/{tracker_id}/tags/create", |p, call| p.trackers.create_tags(call)).only_on(CloudKind::Huawei),
    of_project("BatchDeleteResourceTags", "DELETE /v3/{project_id}/cts-tracker/{tracker_id}/tags/delete", |p, call| p.trackers.delete_tags(call)).only_on(CloudKind::Huawei),
    of_project("AddResourceTag", "POST /v3/{project_id}/cts-tracker/{tracker_id}/tags", |p, call| p.trackers.add_tag(call)).only_on(CloudKind::Huawei),
    of_project("DeleteResourceTag", "DELETE /v3/{project_id}/cts-tracker/{tracker_id}/tags/{key}", |p, call| p.trackers.delete_tag(call)).only_on(CloudKind::Huawei),
    of_project("ListResourcesTag", "GET /v3/{project_id}/cts-tracker/{tracker_id}/tags", |p, call| p.trackers.list_tags(call)).only_on(CloudKind::Huawei),
    of_project("ListProjectsTag", "GET /v3/{project_id}/cts-tracker/tags", |p, call| p.trackers.list_project_tags(call)).only_on(CloudKind::Huawei),
    of_project("ListFilterResources", "POST /v3/{project_id}/cts-tracker/resource-instances/filter", |p, call| p.trackers.filter(call)).only_on(CloudKind::Huawei),
    of_project("ListCountResources", "POST /v3/{project_id}/cts-tracker/resource-instances/count", |p, call| p.trackers.count_fitting(call)).only_on(CloudKind::Huawei),
    // Configuration
    of_project("ShowConfiguration", "GET /v3/{project_id}/configuration", |p, _| Ok(p.configuration.show())).only_on(CloudKind::Huawei),
    of_project("UpdateConfiguration", "PUT /v3/{project_id}/configuration", |p, call| p.configuration.update(call)).only_on(CloudKind::Huawei).recorded("configuration", "updateConfiguration"),
    // SMN
    of_project("ListTopicDetails", "GET /v2/{project_id}/notifications/topics/{topic_urn}", |p, call| Ok(p.topics.detail(call))),
    of_project("ListTopicAttributes", "GET /v2/{project_id}/notifications/topics/{topic_urn}/attributes", |p, call| Ok(p.topics.attributes(call))),
    of_project("ListSubscriptionsByTopic", "GET /v2/{project_id}/notifications/topics/{topic_urn}/subscriptions", |p, call| Ok(p.topics.subscriptions(call))),
    // IAM and STS
    of_account("KeystoneListAuthDomains", "GET /v3/auth/domains", |account, call| Ok(account.iam.list_domains(call))),
    of_account("CreateTemporaryAccessKeyByAgency", "POST /v3.0/OS-CREDENTIAL/securitytokens", |account, call| Ok(account.iam.assume_by_name(call))),
    of_account("AssumeAgency", "POST /v5/agencies/assume", |account, call| Ok(account.iam.assume_by_urn(call))).only_on(CloudKind::Huawei),
    of_account("KeystoneListProjects", "GET /v3/projects", |account, call| Ok(account.iam.list_projects(call))),
];

/// An operation of the API.
pub(super) struct Operation {
    /// As the API reference names it, and as [`Error::operation`](crate::Error::operation) does.
    pub(super) name: &'static str,
    /// Method and path. A placeholder stands for one segment that is not empty.
    route: &'static str,
    /// The only cloud that has it.
    cloud: Option<CloudKind>,
    carry_out: CarryOut,
    /// How it is recorded, if it is.
    write: Option<Write>,
}

enum CarryOut {
    InProject(InProject),
    InAccount(fn(&mut Account, &Call<'_>) -> Reply),
}

/// An operation on what the project in its path has.
const fn of_project(name: &'static str, route: &'static str, carry_out: InProject) -> Operation {
    Operation { name, route, cloud: None, carry_out: CarryOut::InProject(carry_out), write: None }
}

/// An operation on what the account has.
const fn of_account(
    name: &'static str,
    route: &'static str,
    carry_out: fn(&mut Account, &Call<'_>) -> Reply,
) -> Operation {
    Operation { name, route, cloud: None, carry_out: CarryOut::InAccount(carry_out), write: None }
}

impl Operation {
    const fn only_on(self, cloud: CloudKind) -> Self {
        Self { cloud: Some(cloud), ..self }
    }

    /// Records each call of it as a trace.
    const fn recorded(self, resource_type: &'static str, trace_name: &'static str) -> Self {
        let write = Some(Write { operation: self.name, resource_type, trace_name });
        Self { write, ..self }
    }

    /// Returns the operation of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name == name)
    }

    /// Returns `true` if it may change anything.
    pub(super) fn writes(&self) -> bool {
        !self.route.starts_with("GET ")
    }

    /// Returns the names of all operations.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        OPERATIONS.iter().map(|operation| operation.name)
    }

    /// Returns the operation that a request asks for, with the placeholders of its path. `None` if
    /// the service has none at this path.
    pub(super) fn of(
        request: &Request<Bytes>,
        settings: &Settings,
    ) -> Option<(&'static Self, Vec<(&'static str, String)>)> {
        let path = request.uri().path();
        let segments: Vec<String> = path
            .split('/')
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        OPERATIONS
            .iter()
            .filter(|operation| operation.cloud.is_none_or(|cloud| cloud == settings.cloud))
            .find_map(|operation| {
                Some((operation, operation.fits(request.method().as_str(), &segments)?))
            })
    }

    fn fits(&self, method: &str, segments: &[String]) -> Option<Vec<(&'static str, String)>> {
        let (own_method, own_path) = self.route.split_once(' ')?;
        if own_method != method || own_path.split('/').count() != segments.len() {
            return None;
        }
        let mut placeholders = Vec::new();
        for (own, sent) in own_path.split('/').zip(segments) {
            match own.strip_prefix('{').and_then(|own| own.strip_suffix('}')) {
                Some(name) if !sent.is_empty() => placeholders.push((name, sent.clone())),
                None if own == sent => {}
                _ => return None,
            }
        }
        Some(placeholders)
    }

    /// Carries out a call of this operation.
    pub(super) fn carry_out(&self, account: &mut Account, call: &Call<'_>) -> Reply {
        match self.carry_out {
            CarryOut::InProject(in_project) => {
                let project = account.project(call.path_value("project_id"));
                match self.write {
                    Some(write) => project.recorded(write, call, in_project),
                    None => in_project(project, call),
                }
            }
            CarryOut::InAccount(in_account) => in_account(account, call),
        }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.route)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_route_leads_to_its_own_operation_and_each_name_is_used_once() {
        let settings = Settings::new(CloudKind::Huawei);
        let mut names = HashSet::new();
        for operation in OPERATIONS {
            assert!(names.insert(operation.name), "{operation:?} is there twice");
            let (method, path) = operation.route.split_once(' ').unwrap();
            let path = path.replace('{', "a%7B").replace('}', "%2F");
            let request = Request::builder().method(method).uri(path).body(Bytes::new()).unwrap();
            let (found, placeholders) = Operation::of(&request, &settings).unwrap();
            assert_eq!(found.name, operation.name);
            for (name, value) in placeholders {
                assert_eq!(value, format!("a{{{name}/"), "{operation:?}");
            }
        }
    }

    #[test]
    fn an_operation_on_a_project_has_its_id_in_the_path() {
        for operation in OPERATIONS {
            let is_of_project = matches!(operation.carry_out, CarryOut::InProject(_));
            assert_eq!(operation.route.contains("/{project_id}"), is_of_project, "{operation:?}");
        }
    }
}
