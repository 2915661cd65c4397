//! The catalogue as a whole, to be looked up in.

use serde::{Deserialize, Serialize};

use super::CatalogueEntry;

/// Entries of the service's catalogue, all of them or those of some services.
///
/// Services are found in any case, for the documents don't agree on it, and an entry tells how the catalogue spells its
/// own; resource types and names of operations are found only as they are spelt. It can be stored, and is then a list.
///
/// ```
/// use huaweicloud_cts::catalogue::{Catalogue, CatalogueEntry};
///
/// let catalogue: Catalogue = [CatalogueEntry::new("CTS", "tracker", ["createTracker", "deleteTracker"])].into();
/// assert!(catalogue.contains("cts", "tracker", "deleteTracker"));
/// assert_eq!(catalogue.spelling("cts"), Some("CTS"));
/// assert!(!catalogue.contains("CTS", "tracker", "deleteTraceker"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Catalogue {
    entries: Vec<CatalogueEntry>,
}

impl Catalogue {
    /// All entries, in the order given.
    #[must_use]
    pub fn entries(&self) -> &[CatalogueEntry] {
        &self.entries
    }

    /// The entries of a service, in whatever case it is written.
    pub fn service(&self, service_type: &str) -> impl Iterator<Item = &CatalogueEntry> {
        self.entries.iter().filter(move |entry| entry.service_type.eq_ignore_ascii_case(service_type))
    }

    /// The entry of a kind of resource; if there are several, the first.
    #[must_use]
    pub fn entry(&self, service_type: &str, resource_type: &str) -> Option<&CatalogueEntry> {
        self.service(service_type).find(|entry| entry.resource_type == resource_type)
    }

    /// Whether an operation is there.
    #[must_use]
    pub fn contains(&self, service_type: &str, resource_type: &str, trace_name: &str) -> bool {
        self.service(service_type)
            .filter(|entry| entry.resource_type == resource_type)
            .any(|entry| entry.operation_list.iter().any(|name| name == trace_name))
    }

    /// How the catalogue spells a service: as it is given if it has that spelling, else the first that differs in case
    /// only. `None` if the service is not there.
    #[must_use]
    pub fn spelling(&self, service_type: &str) -> Option<&str> {
        let mut spellings = self.service(service_type).map(|entry| entry.service_type.as_str());
        let first = spellings.next()?;
        Some(if first == service_type { first } else { spellings.find(|s| *s == service_type).unwrap_or(first) })
    }

    /// The entries that have an operation of this name, whatever the service.
    pub fn with_operation(&self, trace_name: &str) -> impl Iterator<Item = &CatalogueEntry> {
        self.entries.iter().filter(move |entry| entry.operation_list.iter().any(|name| name == trace_name))
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
