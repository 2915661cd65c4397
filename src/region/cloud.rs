//! The kinds of cloud, which differ in documents, limits and behavior.

use super::Region;

/// A kind of cloud, whose documents, limits and behavior differ from those of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloudKind {
    /// Huawei Cloud.
    Huawei,
    /// Open Telekom Cloud, including Swiss OTC.
    OpenTelekomCloud,
}

impl CloudKind {
    /// Returns the cloud that a host belongs to, if it is known.
    pub(crate) fn of_host(host: &str) -> Option<Self> {
        if host.ends_with(".otc.t-systems.com") {
            return Some(Self::OpenTelekomCloud);
        }
        host.contains(".myhuaweicloud.").then_some(Self::Huawei)
    }

    /// Returns the cloud that a region belongs to, by its known endpoints.
    pub(crate) fn of_region(id: &str) -> Option<Self> {
        Self::of_host(Region::new(id).endpoints().into_iter().next()?)
    }
}
