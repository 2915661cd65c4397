//! What is wrong with a rule, before it is tried.

mod filter;
mod finding;
mod index;
mod operations;
mod quota;
mod shape;
mod similar;
mod topic;

use crate::catalogue::{Catalogue, Quota};
use crate::notification::{CreateNotification, NotificationStatus};
use crate::region::Region;

use finding::Findings;
pub use finding::{Finding, Severity};

/// Compares a rule with what the documents say, and with what is known of the place where it is to be created.
///
/// Findings, not walls: documented limits vary by cloud, pages contradict each other, and the service is the judge. They
/// come in the order of the rule's members. Nothing is sent and nothing is read.
///
/// ```
/// use huaweicloud_cts::catalogue::{Catalogue, CatalogueEntry};
/// use huaweicloud_cts::notification::{CreateNotification, NotificationStatus, Operation};
/// use huaweicloud_cts::provision::{Preflight, Severity, preflight};
///
/// let catalogue: Catalogue = [CatalogueEntry::new("CTS", "tracker", ["createTracker", "deleteTracker"])].into();
/// let place = Preflight::new().region("cn-north-4").catalogue(&catalogue).status(NotificationStatus::Enabled);
///
/// let rule = CreateNotification::customized("trackers", [Operation::new("CTS", "tracker", ["deleteTraceker"])])
///     .topic("urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:audit");
/// let findings = preflight(&rule, &place);
/// assert_eq!(findings[0].severity, Severity::Error);
/// assert_eq!(findings[0].place, "operations[0].trace_names[0]");
/// assert!(findings[0].message.contains(r#"did you mean "deleteTracker"?"#));
/// ```
#[must_use]
pub fn preflight(rule: &CreateNotification, place: &Preflight<'_>) -> Vec<Finding> {
    let rule = rule.rule();
    let mut findings = Findings::default();
    shape::name(&mut findings, rule, place.cloud_or_guess());
    operations::check(&mut findings, rule, place.catalogue);
    shape::users(&mut findings, rule);
    topic::check(&mut findings, rule, place);
    if let Some(filter) = &rule.filter {
        filter::check(&mut findings, filter);
    }
    shape::agency(&mut findings, rule, place.cloud_or_guess());
    quota::check(&mut findings, rule, place);
    findings.into_vec()
}

/// A cloud with a CTS of its own, whose documents differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cloud {
    /// Huawei Cloud.
    Huawei,
    /// Open Telekom Cloud, that of Switzerland included.
    OpenTelekomCloud,
}

impl Cloud {
    /// The cloud that a region belongs to, by the endpoints that are known of it.
    fn of(region: &str) -> Option<Self> {
        let region = Region::new(region);
        let endpoint = region.endpoints().into_iter().next()?;
        if endpoint.ends_with(".otc.t-systems.com") {
            Some(Self::OpenTelekomCloud)
        } else {
            endpoint.contains(".myhuaweicloud.").then_some(Self::Huawei)
        }
    }
}

/// What [`preflight()`] is to know of the place where a rule is to be created. Whatever is not said is not looked at.
#[derive(Clone, Debug)]
#[must_use]
pub struct Preflight<'a> {
    cloud: Option<Cloud>,
    region: Option<&'a str>,
    project_id: Option<&'a str>,
    catalogue: Option<&'a Catalogue>,
    quotas: &'a [Quota],
    creates: u32,
    status: Option<NotificationStatus>,
}

impl<'a> Preflight<'a> {
    /// Nothing is known: only what no cloud documents is found.
    pub fn new() -> Self {
        Self { cloud: None, region: None, project_id: None, catalogue: None, quotas: &[], creates: 1, status: None }
    }

    /// The cloud. Need not be said if the region is known to [`Region`].
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = Some(cloud);
        self
    }

    /// The region, by id.
    pub fn region(mut self, id: &'a str) -> Self {
        self.region = Some(id);
        self
    }

    /// The project, by id.
    pub fn project_id(mut self, id: &'a str) -> Self {
        self.project_id = Some(id);
        self
    }

    /// The operations that there are: what [`CtsClient::list_operations`](crate::CtsClient::list_operations) gave.
    pub fn catalogue(mut self, catalogue: &'a Catalogue) -> Self {
        self.catalogue = Some(catalogue);
        self
    }

    /// The room that there is: what [`CtsClient::list_quotas`](crate::CtsClient::list_quotas) gave.
    pub fn quotas(mut self, quotas: &'a [Quota]) -> Self {
        self.quotas = quotas;
        self
    }

    /// How many notifications of this rule's type are to be created in all: 1 unless set, 0 for a rule that is there.
    pub fn creates(mut self, count: u32) -> Self {
        self.creates = count;
        self
    }

    /// The status that the rule is to have.
    pub fn status(mut self, status: impl Into<NotificationStatus>) -> Self {
        self.status = Some(status.into());
        self
    }

    fn cloud_or_guess(&self) -> Option<Cloud> {
        self.cloud.or_else(|| Cloud::of(self.region?))
    }
}

impl Default for Preflight<'_> {
    fn default() -> Self {
        Self::new()
    }
}
