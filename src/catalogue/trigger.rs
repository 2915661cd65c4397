//! Operations as a CTS trigger of a function names them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::notification::Operation;

/// Operations of one service in the form of FunctionGraph:
/// `SERVICE:resource;resource:operation;operation`.
///
/// FunctionGraph keeps the operations of a CTS trigger as a list of such strings; CTS keeps an
/// [`Operation`] for each type of resource. A string means every operation on every one of its
/// resource types, so one with several resource types converts to several [`Operation`]s.
///
/// ```
/// use huaweicloud_cts::catalogue::TriggerOperations;
/// use huaweicloud_cts::notification::Operation;
///
/// let trigger: TriggerOperations = "CBR:vault;policy:associatePolicy".parse()?;
/// let operations = trigger.operations();
/// assert_eq!(operations[1], Operation::new("CBR", "policy", ["associatePolicy"]));
///
/// let strings = TriggerOperations::from_operations(&operations)?;
/// assert_eq!(strings[0].to_string(), "CBR:vault;policy:associatePolicy");
/// # Ok::<(), huaweicloud_cts::catalogue::TriggerOperationsError>(())
/// ```
///
/// White space is part of a name. FunctionGraph documents at most 10 services with 10 operations
/// each for one trigger; that is not checked here.
///
/// Source: FunctionGraph's user guide on CTS triggers, and the form in which Cloud Custodian's
/// `c7n_huaweicloud` creates them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TriggerOperations {
    // None of these strings is empty or contains a separator, and both lists have items.
    service_type: String,
    resource_types: Vec<String>,
    trace_names: Vec<String>,
}

impl TriggerOperations {
    /// Converts operations to as few strings as possible, in the same order: neighbours that differ
    /// only in the resource type are merged.
    ///
    /// # Errors
    ///
    /// [`TriggerOperationsError`] if a name is empty or contains a separator, or an operation has
    /// no names.
    pub fn from_operations(operations: &[Operation]) -> Result<Vec<Self>, TriggerOperationsError> {
        let mut strings: Vec<Self> = Vec::new();
        for operation in operations {
            let next = Self::try_from(operation)?;
            match strings.last_mut() {
                Some(last)
                    if last.service_type == next.service_type
                        && last.trace_names == next.trace_names =>
                {
                    last.resource_types.extend(next.resource_types);
                }
                _ => strings.push(next),
            }
        }
        Ok(strings)
    }

    /// Returns an [`Operation`] for each type of resource.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        let of = |resource| Operation::new(&self.service_type, resource, &self.trace_names);
        self.resource_types.iter().map(of).collect()
    }

    /// Returns the service.
    #[must_use]
    pub fn service_type(&self) -> &str {
        &self.service_type
    }

    /// Returns the types of resources, of which there is at least one.
    #[must_use]
    pub fn resource_types(&self) -> &[String] {
        &self.resource_types
    }

    /// Returns the names of the operations, of which there is at least one.
    #[must_use]
    pub fn trace_names(&self) -> &[String] {
        &self.trace_names
    }
}

impl TryFrom<&Operation> for TriggerOperations {
    type Error = TriggerOperationsError;

    fn try_from(operation: &Operation) -> Result<Self, TriggerOperationsError> {
        let Operation { service_type, resource_type, trace_names, other: _ } = operation;
        for name in [service_type, resource_type].into_iter().chain(trace_names) {
            if let Some(at) = name.find([':', ';']) {
                return Err(TriggerOperationsError::at(
                    name,
                    at,
                    "a name can't contain a separator",
                ));
            }
        }
        // No name contains a separator, so the string has exactly these parts.
        format!("{service_type}:{resource_type}:{}", trace_names.join(";")).parse()
    }
}

impl FromStr for TriggerOperations {
    type Err = TriggerOperationsError;

    fn from_str(string: &str) -> Result<Self, TriggerOperationsError> {
        let wrong = |at, reason| Err(TriggerOperationsError::at(string, at, reason));
        let mut parts = string.splitn(3, ':');
        let service_type = parts.next().unwrap_or_default();
        if service_type.is_empty() {
            return wrong(0, "the service is missing");
        }
        if let Some(at) = service_type.find(';') {
            return wrong(at, "only one service can be named");
        }
        let Some(resources) = parts.next() else {
            return wrong(string.len(), "the resource types are missing");
        };
        let resources_at = service_type.len() + 1;
        let resource_types = names(string, resources_at, resources, "a resource type is missing")?;
        let Some(operations) = parts.next() else {
            return wrong(string.len(), "the operations are missing");
        };
        let operations_at = resources_at + resources.len() + 1;
        if let Some(at) = operations.find(':') {
            return wrong(operations_at + at, "nothing can follow the operations");
        }
        let trace_names = names(string, operations_at, operations, "an operation is missing")?;
        Ok(Self { service_type: service_type.to_owned(), resource_types, trace_names })
    }
}

/// Returns the names in `part`, which starts at byte `at` of `string`.
fn names(
    string: &str,
    mut at: usize,
    part: &str,
    missing: &'static str,
) -> Result<Vec<String>, TriggerOperationsError> {
    let mut names = Vec::new();
    for name in part.split(';') {
        if name.is_empty() {
            return Err(TriggerOperationsError::at(string, at, missing));
        }
        at += name.len() + 1;
        names.push(name.to_owned());
    }
    Ok(names)
}

impl fmt::Display for TriggerOperations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service_type, resource_types, trace_names } = self;
        f.pad(&format!("{service_type}:{}:{}", resource_types.join(";"), trace_names.join(";")))
    }
}

impl TryFrom<String> for TriggerOperations {
    type Error = TriggerOperationsError;

    fn try_from(string: String) -> Result<Self, TriggerOperationsError> {
        string.parse()
    }
}

impl From<TriggerOperations> for String {
    fn from(operations: TriggerOperations) -> Self {
        operations.to_string()
    }
}

/// An error of parsing [`TriggerOperations`], or of an operation that does not convert to them.
///
/// ```
/// use huaweicloud_cts::catalogue::TriggerOperations;
///
/// let error = "CTS".parse::<TriggerOperations>().unwrap_err();
/// assert_eq!((error.input(), error.position()), ("CTS", 4));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{input:?}, character {position}: {reason}; the form is SERVICE:resource;resource:operation;operation"
)]
pub struct TriggerOperationsError {
    input: String,
    position: usize,
    reason: &'static str,
}

impl TriggerOperationsError {
    fn at(input: &str, byte: usize, reason: &'static str) -> Self {
        let position = input.char_indices().take_while(|(index, _)| *index < byte).count() + 1;
        Self { input: input.to_owned(), position, reason }
    }

    /// Returns the string that can't be parsed, or the name that can't be converted.
    #[must_use]
    pub fn input(&self) -> &str {
        &self.input
    }

    /// Returns the number of the character with the error, counted from 1. If something is missing
    /// at the end, it is one more than the number of characters.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}
