//! An index of the catalogue, for thousands of lookups.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::similar::Names;
use crate::catalogue::{Catalogue, CatalogueEntry};

/// A catalogue by service and by name of operation.
pub(super) struct Index<'c> {
    catalogue: &'c Catalogue,
    services: HashMap<String, Service<'c>>,
    by_operation: HashMap<&'c str, &'c CatalogueEntry>,
    names: OnceCell<Names<'c>>,
}

/// The entries of a service, in whatever case it is written.
#[derive(Default)]
pub(super) struct Service<'c> {
    entries: Vec<&'c CatalogueEntry>,
    resources: HashMap<&'c str, Resource<'c>>,
    by_operation: HashMap<&'c str, Vec<&'c CatalogueEntry>>,
    resource_names: OnceCell<Names<'c>>,
    operation_names: OnceCell<Names<'c>>,
}

/// The operations of a resource type, which may have several entries.
#[derive(Default)]
struct Resource<'c> {
    entries: Vec<&'c CatalogueEntry>,
    names: OnceCell<Names<'c>>,
}

fn operations<'c>(entry: &&'c CatalogueEntry) -> impl Iterator<Item = &'c str> {
    entry.operation_list.iter().map(String::as_str)
}

impl<'c> Index<'c> {
    pub(super) fn of(catalogue: &'c Catalogue) -> Self {
        let mut services: HashMap<String, Service<'c>> = HashMap::new();
        let mut by_operation = HashMap::new();
        for entry in catalogue.entries() {
            let service = services.entry(entry.service_type.to_ascii_lowercase()).or_default();
            service.entries.push(entry);
            service.resources.entry(&entry.resource_type).or_default().entries.push(entry);
            for name in operations(&entry) {
                by_operation.entry(name).or_insert(entry);
                service.by_operation.entry(name).or_default().push(entry);
            }
        }
        Self { catalogue, services, by_operation, names: OnceCell::new() }
    }

    pub(super) fn service(&self, service_type: &str) -> Option<&Service<'c>> {
        self.services.get(&service_type.to_ascii_lowercase())
    }

    pub(super) fn nearest_service(&self, service_type: &str) -> Option<&'c str> {
        let all =
            || self.catalogue.entries().iter().map(|entry| entry.service_type.as_str()).collect();
        self.names.get_or_init(all).nearest(service_type)
    }

    /// Returns the first entry, of any service, that has the operation.
    pub(super) fn with_operation(&self, name: &str) -> Option<&'c CatalogueEntry> {
        self.by_operation.get(name).copied()
    }
}

impl<'c> Service<'c> {
    /// Returns the spelling of the service in the catalogue: the given one if it is there,
    /// otherwise the first one.
    pub(super) fn spelling(&self, service_type: &str) -> Option<&'c str> {
        let mut spellings = self.entries.iter().map(|entry| entry.service_type.as_str());
        let first = spellings.next()?;
        Some(if first == service_type {
            first
        } else {
            spellings.find(|s| *s == service_type).unwrap_or(first)
        })
    }

    pub(super) fn has_resource(&self, resource_type: &str) -> bool {
        self.resources.contains_key(resource_type)
    }

    pub(super) fn has(&self, resource_type: &str, operation: &str) -> bool {
        self.with_operation(operation).iter().any(|entry| entry.resource_type == resource_type)
    }

    /// Returns the entries that have the operation.
    pub(super) fn with_operation(&self, name: &str) -> &[&'c CatalogueEntry] {
        self.by_operation.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn nearest_resource(&self, resource_type: &str) -> Option<&'c str> {
        let all = || self.entries.iter().map(|entry| entry.resource_type.as_str()).collect();
        self.resource_names.get_or_init(all).nearest(resource_type)
    }

    pub(super) fn nearest_operation(&self, name: &str) -> Option<&'c str> {
        self.operation_names
            .get_or_init(|| self.entries.iter().flat_map(operations).collect())
            .nearest(name)
    }

    pub(super) fn nearest_operation_of(&self, resource_type: &str, name: &str) -> Option<&'c str> {
        let resource = self.resources.get(resource_type)?;
        resource
            .names
            .get_or_init(|| resource.entries.iter().flat_map(operations).collect())
            .nearest(name)
    }
}
