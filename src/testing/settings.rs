//! How a fake is set up, as opposed to what it keeps.

use std::time::Duration;

use super::obs::Obs;
use super::paging::TracePaging;
use crate::region::CloudKind;

/// The account, unless a test sets another.
pub(super) const DOMAIN_ID: &str = "2b2b3853af40448fcb9e40d9f89505ba";

/// The settings of a fake.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) cloud: CloudKind,
    /// How many notifications a project can have.
    pub(super) notification_quota: usize,
    /// The account.
    pub(super) domain_id: String,
    pub(super) obs: Obs,
    /// How long after its recording a trace can be listed.
    pub(super) trace_delay: Duration,
    pub(super) trace_paging: TracePaging,
}

impl Settings {
    pub(super) fn new(cloud: CloudKind) -> Self {
        Self {
            cloud,
            notification_quota: 100,
            domain_id: DOMAIN_ID.to_owned(),
            obs: Obs::default(),
            trace_delay: Duration::ZERO,
            trace_paging: TracePaging::new(),
        }
    }

    pub(super) fn is_otc(&self) -> bool {
        self.cloud == CloudKind::OpenTelekomCloud
    }
}
