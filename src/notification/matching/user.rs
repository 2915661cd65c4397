//! Comparing the users of a notification with the user of a trace.

use super::super::{Notification, NotifyUsers};
use super::{Findings, MismatchReason, MissingFact, is_unreadable};
use crate::trace::{Principal, Trace, TraceUser, UserType};

impl Notification {
    pub(super) fn compare_user(&self, groups: &[NotifyUsers], trace: &Trace, found: &mut Findings) {
        if is_unreadable(&self.other, &["notify_user_list"]) {
            return found.facts.push(MissingFact::Field("notify_user_list"));
        }
        if groups.is_empty() {
            return;
        }
        let name = match Identity::of(&trace.user) {
            Identity::Agency => return found.facts.push(MissingFact::AgencyName),
            Identity::Federated => return found.facts.push(MissingFact::FederatedName),
            Identity::Unnamed => return found.facts.push(MissingFact::UserName),
            Identity::None => None,
            Identity::User(name) => Some(name),
        };
        if groups
            .iter()
            .flat_map(|group| &group.user_list)
            .any(|listed| Some(listed.as_str()) == name)
        {
            return;
        }
        if groups.iter().any(|group| is_unreadable(&group.other, &["user_group", "user_list"])) {
            found.facts.push(MissingFact::Field("notify_user_list"));
        } else if groups.iter().any(|group| group.user_list.is_empty()) {
            found.facts.push(MissingFact::GroupWithoutUsers);
        } else {
            found.reasons.push(MismatchReason::User(name.map(str::to_owned)));
        }
    }
}

/// What kind of identity the user of a trace is. Only of an IAM user it is certain by which name
/// the service compares it.
enum Identity<'t> {
    /// The operation has no user.
    None,
    User(&'t str),
    Agency,
    Federated,
    /// A user whose name the trace does not have.
    Unnamed,
}

impl<'t> Identity<'t> {
    fn of(user: &'t TraceUser) -> Self {
        match (user.principal(), user.details().and_then(|details| details.user_type.as_ref())) {
            (Some(Principal::AssumedAgency { .. }), _) | (_, Some(UserType::AssumedAgency)) => {
                Self::Agency
            }
            (Some(Principal::ExternalUser { .. }), _) | (_, Some(UserType::ExternalUser)) => {
                Self::Federated
            }
            _ => match user.name() {
                // `account/agency`: the name of an IAM user has no slash.
                Some(name) if name.contains('/') => Self::Agency,
                Some(name) => Self::User(name),
                None if user.is_missing() || user.as_str() == Some("") => Self::None,
                None => Self::Unnamed,
            },
        }
    }
}
