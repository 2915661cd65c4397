//! What credentials are for.

use super::Credentials;

/// The project and the account that credentials are for, as far as they are set.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) project_id: Option<String>,
    pub(super) domain_id: Option<String>,
}

impl Scope {
    /// Returns the credentials with the project and the account.
    pub(super) fn of(&self, mut credentials: Credentials) -> Credentials {
        if let Some(id) = &self.project_id {
            credentials = credentials.with_project_id(id);
        }
        if let Some(id) = &self.domain_id {
            credentials = credentials.with_domain_id(id);
        }
        credentials
    }
}
