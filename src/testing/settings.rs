//! How a fake is set up, as opposed to what it keeps.

use super::fake::FakeCts;
use super::tracker::Obs;
use crate::region::CloudKind;

/// The settings of a fake.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) cloud: CloudKind,
    /// How many notifications a project can have.
    pub(super) notification_quota: usize,
    /// The account.
    pub(super) domain_id: String,
    pub(super) obs: Obs,
}

impl Settings {
    pub(super) fn new(cloud: CloudKind) -> Self {
        Self { cloud, notification_quota: 100, domain_id: FakeCts::DOMAIN_ID.to_owned(), obs: Obs::default() }
    }

    pub(super) fn is_otc(&self) -> bool {
        self.cloud == CloudKind::OpenTelekomCloud
    }
}
