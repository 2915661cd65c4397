//! Operations: their number, repetitions, and whether the catalogue has them.

use std::collections::{HashMap, HashSet};

use super::finding::{Findings, Severity, shown, source};
use super::index::{Index, Service};
use super::shape;
use super::similar::nearest;
use crate::catalogue::CatalogueEntry;
use crate::notification::{Operation, OperationType};

const OPERATIONS: usize = 1000;
const SERVICES: usize = 100;
const TRACE_NAMES: usize = 64;

pub(super) fn check(
    findings: &mut Findings,
    operation_type: &OperationType,
    operations: &[Operation],
    index: Option<&Index<'_>>,
) {
    const FIELD: &str = "operations";
    match operation_type {
        OperationType::Complete => {
            if !operations.is_empty() {
                let message = "a complete notification covers all operations, so these are ignored: omit them, or make the \
                               notification customized";
                findings.add(Severity::Warning, FIELD, message, source::API);
            }
            return;
        }
        OperationType::Customized => {}
        OperationType::Unknown(unknown) => {
            let known = OperationType::KNOWN.iter().map(OperationType::as_str);
            let message =
                format!("{} is neither complete nor customized{}", shown(unknown.as_str()), {
                    did_you_mean(nearest(unknown.as_str(), known))
                });
            findings.add(Severity::Error, "operation_type", message, source::API);
        }
    }
    if operations.is_empty() {
        let message = "is empty: a customized notification names its operations";
        findings.add(Severity::Error, FIELD, message, source::API);
    }
    let count: usize = operations.iter().map(|operation| operation.trace_names.len()).sum();
    if count > OPERATIONS {
        let message = format!("has {count} operations, but at most {OPERATIONS} are documented");
        findings.add(Severity::Error, FIELD, message, source::GUIDE_OTC);
    }
    let services: HashSet<_> =
        operations.iter().map(|operation| operation.service_type.to_ascii_lowercase()).collect();
    if services.len() > SERVICES {
        let message =
            format!("names {} services, but at most {SERVICES} are documented", services.len());
        findings.add(Severity::Error, FIELD, message, source::GUIDE_OTC);
    }
    let mut seen = HashMap::new();
    for (number, operation) in operations.iter().enumerate() {
        let field = format!("{FIELD}[{number}]");
        sizes(findings, &field, operation);
        repeated(findings, &field, operation, &mut seen);
        if let Some(index) = index {
            listed(findings, &field, operation, index);
        }
    }
}

fn sizes(findings: &mut Findings, field: &str, operation: &Operation) {
    shape::text(findings, &format!("{field}.service_type"), &operation.service_type);
    shape::text(findings, &format!("{field}.resource_type"), &operation.resource_type);
    let names = &operation.trace_names;
    if names.is_empty() {
        findings.add(
            Severity::Error,
            format!("{field}.trace_names"),
            "is empty",
            source::API_LIMITS,
        );
    } else if names.len() > TRACE_NAMES {
        let message = format!(
            "has {} names, but at most {TRACE_NAMES} are documented: split the operation into several",
            names.len()
        );
        findings.add(Severity::Error, format!("{field}.trace_names"), message, source::API_LIMITS);
    }
    for (index, name) in names.iter().enumerate().filter(|(_, name)| name.is_empty()) {
        shape::text(findings, &format!("{field}.trace_names[{index}]"), name);
    }
}

/// Service in lower case, resource, name.
type Key<'o> = (String, &'o str, &'o str);

fn repeated<'o>(
    findings: &mut Findings,
    field: &str,
    operation: &'o Operation,
    seen: &mut HashMap<Key<'o>, String>,
) {
    let service = operation.service_type.to_ascii_lowercase();
    for (index, name) in operation.trace_names.iter().enumerate() {
        let field = format!("{field}.trace_names[{index}]");
        let key = (service.clone(), operation.resource_type.as_str(), name.as_str());
        if let Some(first) = seen.get(&key) {
            let message = format!("{} is repeated, first in {first}", shown(name));
            findings.add(Severity::Warning, field, message, source::API);
        } else {
            seen.insert(key, field);
        }
    }
}

/// Finds what the catalogue lacks. If it has something similar, that is an error; if not, the
/// catalogue may be incomplete, because it can be fetched in part.
fn listed(findings: &mut Findings, field: &str, operation: &Operation, index: &Index<'_>) {
    let written = operation.service_type.as_str();
    let Some((service, spelling)) =
        index.service(written).and_then(|of| Some((of, of.spelling(written)?)))
    else {
        let meant = index.nearest_service(written);
        let message =
            format!("the catalogue has no service {}{}", shown(written), did_you_mean(meant));
        findings.add(severity(meant), format!("{field}.service_type"), message, source::OPERATIONS);
        return;
    };
    if spelling != written {
        let message = format!(
            "the catalogue spells it {}, and no document says whether case matters",
            shown(spelling)
        );
        findings.add(Severity::Hint, format!("{field}.service_type"), message, source::OPERATIONS);
    }
    let Some(resource) = resource(findings, field, operation, service, spelling) else { return };
    for (number, name) in operation.trace_names.iter().enumerate() {
        if name.is_empty() || service.has(resource, name) {
            continue;
        }
        let field = format!("{field}.trace_names[{number}]");
        let message =
            format!("the catalogue has no operation {} of {}", shown(name), of(spelling, resource));
        let (severity, suggestion) = instead(index, service, resource, name);
        findings.add(severity, field, format!("{message}{suggestion}"), source::OPERATIONS);
    }
}

/// Returns the resource type to look for names under: that of the operation, or if the catalogue
/// lacks it, the one that is probably meant.
fn resource<'r, 'c: 'r>(
    findings: &mut Findings,
    field: &str,
    operation: &'r Operation,
    service: &Service<'c>,
    spelling: &str,
) -> Option<&'r str> {
    let resource = operation.resource_type.as_str();
    if service.has_resource(resource) {
        return Some(resource);
    }
    let names = &operation.trace_names;
    let with_first = names.first().map_or(&[] as &[_], |first| service.with_operation(first));
    let with_all = with_first
        .iter()
        .find(|entry| names.iter().all(|name| service.has(&entry.resource_type, name)));
    let meant = with_all
        .map(|entry| entry.resource_type.as_str())
        .or_else(|| service.nearest_resource(resource));
    let message = format!(
        "the catalogue has no resource type {} of {spelling}{}",
        shown(resource),
        did_you_mean(meant)
    );
    findings.add(severity(meant), format!("{field}.resource_type"), message, source::OPERATIONS);
    meant
}

/// Returns what may be meant by a name that the resource type does not have.
fn instead(
    index: &Index<'_>,
    service: &Service<'_>,
    resource: &str,
    name: &str,
) -> (Severity, String) {
    let is_one_of = |entry: &CatalogueEntry| {
        format!("; it is an operation of {}", of(&entry.service_type, &entry.resource_type))
    };
    let meant = service.nearest_operation_of(resource, name);
    // A name in another case is certainly a typo; otherwise the same name elsewhere is the better
    // guess.
    if let Some(same) = meant.filter(|meant| meant.eq_ignore_ascii_case(name)) {
        return (Severity::Error, did_you_mean(Some(same)));
    }
    if let Some(entry) = service.with_operation(name).first() {
        return (Severity::Error, is_one_of(entry));
    }
    if meant.is_some() {
        return (Severity::Error, did_you_mean(meant));
    }
    if let Some(entry) = index.with_operation(name) {
        return (Severity::Error, is_one_of(entry));
    }
    let meant = service.nearest_operation(name);
    if let Some((meant, entry)) =
        meant.and_then(|meant| Some((meant, service.with_operation(meant).first()?)))
    {
        let text = format!(
            "; did you mean {} of {}?",
            shown(meant),
            of(&entry.service_type, &entry.resource_type)
        );
        return (Severity::Error, text);
    }
    (Severity::Warning, String::new())
}

fn of(service: &str, resource: &str) -> String {
    format!("{} {}", shown(service), shown(resource))
}

fn severity(meant: Option<&str>) -> Severity {
    if meant.is_some() { Severity::Error } else { Severity::Warning }
}

pub(super) fn did_you_mean(meant: Option<&str>) -> String {
    meant.map_or_else(String::new, |meant| format!("; did you mean {}?", shown(meant)))
}
