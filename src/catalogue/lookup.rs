//! Lookups in the catalogue.

use serde::{Deserialize, Serialize};

use super::CatalogueEntry;

/// The catalogue of the service, or the part of it that was listed.
///
/// Services are found in any case, because the documents do not agree on it;
/// [`spelling`](Self::spelling) returns how the catalogue spells one. Resource types and names of
/// operations are found only in their exact spelling. A catalogue serializes as the list of its
/// entries.
///
/// ```
/// use huaweicloud_cts::catalogue::{Catalogue, CatalogueEntry};
///
/// let catalogue: Catalogue = [CatalogueEntry::new("CTS", "tracker", ["createTracker", "deleteTracker"])].into();
/// assert!(catalogue.contains("cts", "tracker", "deleteTracker"));
/// assert_eq!(catalogue.spelling("cts"), Some("CTS"));
/// assert!(!catalogue.contains("CTS", "tracker", "deleteTraceker"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Catalogue {
    entries: Vec<CatalogueEntry>,
}

impl Catalogue {
    /// Returns all entries, in their order.
    #[must_use]
    pub fn entries(&self) -> &[CatalogueEntry] {
        &self.entries
    }

    /// Returns the entries of a service, in any case.
    ///
    /// ```
    /// use huaweicloud_cts::catalogue::{Catalogue, CatalogueEntry};
    ///
    /// let catalogue: Catalogue = [CatalogueEntry::new("CTS", "tracker", ["createTracker"])].into();
    /// assert_eq!(catalogue.service("cts").count(), 1);
    /// ```
    pub fn service(&self, service_type: &str) -> impl Iterator<Item = &CatalogueEntry> {
        self.entries
            .iter()
            .filter(move |entry| entry.service_type.eq_ignore_ascii_case(service_type))
    }

    /// Returns the entry of a type of resource; the first one, if there are several.
    ///
    /// ```
    /// use huaweicloud_cts::catalogue::{Catalogue, CatalogueEntry};
    ///
    /// let catalogue: Catalogue = [CatalogueEntry::new("CTS", "tracker", ["createTracker"])].into();
    /// let tracker = catalogue.entry("CTS", "tracker").unwrap();
    /// assert_eq!(tracker.operation_list, ["createTracker"]);
    /// assert_eq!(catalogue.entry("CTS", "Tracker"), None);
    /// ```
    #[must_use]
    pub fn entry(&self, service_type: &str, resource_type: &str) -> Option<&CatalogueEntry> {
        self.service(service_type).find(|entry| entry.resource_type == resource_type)
    }

    /// Returns `true` if it has an operation.
    #[must_use]
    pub fn contains(&self, service_type: &str, resource_type: &str, trace_name: &str) -> bool {
        self.service(service_type)
            .filter(|entry| entry.resource_type == resource_type)
            .any(|entry| entry.operation_list.iter().any(|name| name == trace_name))
    }

    /// Returns the spelling of a service in the catalogue: the given one if the catalogue has it,
    /// otherwise the first one that differs only in case. `None` if the catalogue does not have the
    /// service.
    ///
    /// ```
    /// use huaweicloud_cts::catalogue::{Catalogue, CatalogueEntry};
    ///
    /// let catalogue: Catalogue = [CatalogueEntry::new("FunctionGraph", "functions", ["createFunction"])].into();
    /// assert_eq!(catalogue.spelling("FUNCTIONGRAPH"), Some("FunctionGraph"));
    /// assert_eq!(catalogue.spelling("FGS"), None);
    /// ```
    #[must_use]
    pub fn spelling(&self, service_type: &str) -> Option<&str> {
        let mut spellings = self.service(service_type).map(|entry| entry.service_type.as_str());
        let first = spellings.next()?;
        Some(if first == service_type {
            first
        } else {
            spellings.find(|s| *s == service_type).unwrap_or(first)
        })
    }

    /// Returns the entries of all services that have an operation with this name.
    ///
    /// ```
    /// use huaweicloud_cts::catalogue::{Catalogue, CatalogueEntry};
    ///
    /// let catalogue: Catalogue = [CatalogueEntry::new("IAM", "user", ["login"])].into();
    /// let services: Vec<_> = catalogue.with_operation("login").map(|entry| entry.service_type.as_str()).collect();
    /// assert_eq!(services, ["IAM"]);
    /// ```
    pub fn with_operation(&self, trace_name: &str) -> impl Iterator<Item = &CatalogueEntry> {
        self.entries
            .iter()
            .filter(move |entry| entry.operation_list.iter().any(|name| name == trace_name))
    }
}

impl From<Vec<CatalogueEntry>> for Catalogue {
    fn from(entries: Vec<CatalogueEntry>) -> Self {
        Self { entries }
    }
}

impl<const N: usize> From<[CatalogueEntry; N]> for Catalogue {
    fn from(entries: [CatalogueEntry; N]) -> Self {
        Self { entries: entries.into() }
    }
}

impl FromIterator<CatalogueEntry> for Catalogue {
    fn from_iter<I: IntoIterator<Item = CatalogueEntry>>(entries: I) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}

impl Extend<CatalogueEntry> for Catalogue {
    fn extend<I: IntoIterator<Item = CatalogueEntry>>(&mut self, entries: I) {
        self.entries.extend(entries);
    }
}

impl IntoIterator for Catalogue {
    type Item = CatalogueEntry;
    type IntoIter = std::vec::IntoIter<CatalogueEntry>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
