//! Operations as the CTS trigger of a function names them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::notification::Operation;

/// Operations of one service in the text form of FunctionGraph: `SERVICE:resource;resource:operation;operation`.
///
/// FunctionGraph keeps the operations of a CTS trigger as a list of such texts, where CTS keeps an [`Operation`] for each
/// kind of resource. A text means every operation on every one of its resources, so one with several resources makes
/// several [`Operation`]s.
///
/// ```
/// use huaweicloud_cts::catalogue::TriggerOperations;
/// use huaweicloud_cts::notification::Operation;
///
/// let trigger: TriggerOperations = "CBR:vault;policy:associatePolicy".parse()?;
/// let operations = trigger.operations();
/// assert_eq!(operations[1], Operation::new("CBR", "policy", ["associatePolicy"]));
///
/// let texts = TriggerOperations::from_operations(&operations)?;
/// assert_eq!(texts[0].to_string(), "CBR:vault;policy:associatePolicy");
/// # Ok::<(), huaweicloud_cts::catalogue::TriggerTextError>(())
/// ```
///
/// White space is part of a name. FunctionGraph documents at most 10 services with 10 operations each for one trigger;
/// that is not checked here.
///
/// Source: FunctionGraph's user guide on CTS triggers, and the form in which Cloud Custodian's `c7n_huaweicloud` creates
/// them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TriggerOperations {
    // None of these texts is empty or has a separator, and both lists have items.
    service_type: String,
    resource_types: Vec<String>,
    trace_names: Vec<String>,
}

impl TriggerOperations {
    /// As few texts as say the same in the same order: neighbours that differ in nothing but the resource become one.
    ///
    /// # Errors
    ///
    /// [`TriggerTextError`] if a name is empty or has a separator in it, or an operation has no names.
    pub fn from_operations(operations: &[Operation]) -> Result<Vec<Self>, TriggerTextError> {
        let mut texts: Vec<Self> = Vec::new();
        for operation in operations {
            let next = Self::try_from(operation)?;
            match texts.last_mut() {
                Some(last) if last.service_type == next.service_type && last.trace_names == next.trace_names => {
                    last.resource_types.extend(next.resource_types);
                }
                _ => texts.push(next),
            }
        }
        Ok(texts)
    }

    /// An [`Operation`] for each resource.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        let of = |resource| Operation::new(&self.service_type, resource, &self.trace_names);
        self.resource_types.iter().map(of).collect()
    }

    /// The service.
    #[must_use]
    pub fn service_type(&self) -> &str {
        &self.service_type
    }

    /// The kinds of resources; one at least.
    #[must_use]
    pub fn resource_types(&self) -> &[String] {
        &self.resource_types
    }

    /// The names of the operations; one at least.
    #[must_use]
    pub fn trace_names(&self) -> &[String] {
        &self.trace_names
    }
}

impl TryFrom<&Operation> for TriggerOperations {
    type Error = TriggerTextError;

    fn try_from(operation: &Operation) -> Result<Self, TriggerTextError> {
        let Operation { service_type, resource_type, trace_names, other: _ } = operation;
        for name in [service_type, resource_type].into_iter().chain(trace_names) {
            if let Some(at) = name.find([':', ';']) {
                return Err(TriggerTextError::at(name, at, "a separator can't be part of a name"));
            }
        }
        // With no separator in a name, the text has these parts and no others.
        format!("{service_type}:{resource_type}:{}", trace_names.join(";")).parse()
    }
}

impl FromStr for TriggerOperations {
    type Err = TriggerTextError;

    fn from_str(text: &str) -> Result<Self, TriggerTextError> {
        let wrong = |at, reason| Err(TriggerTextError::at(text, at, reason));
        let mut parts = text.splitn(3, ':');
        let service_type = parts.next().unwrap_or_default();
        if service_type.is_empty() {
            return wrong(0, "the service is missing");
        }
        if let Some(at) = service_type.find(';') {
            return wrong(at, "only one service can be named");
        }
        let Some(resources) = parts.next() else {
            return wrong(text.len(), "the resource types are missing");
        };
        let resources_at = service_type.len() + 1;
        let resource_types = names(text, resources_at, resources, "a resource type is missing")?;
        let Some(operations) = parts.next() else {
            return wrong(text.len(), "the operations are missing");
        };
        let operations_at = resources_at + resources.len() + 1;
        if let Some(at) = operations.find(':') {
            return wrong(operations_at + at, "nothing can follow the operations");
        }
        let trace_names = names(text, operations_at, operations, "an operation is missing")?;
        Ok(Self { service_type: service_type.to_owned(), resource_types, trace_names })
    }
}

/// The names in `part`, which starts at byte `at` of `text`.
fn names(text: &str, mut at: usize, part: &str, missing: &'static str) -> Result<Vec<String>, TriggerTextError> {
    let mut names = Vec::new();
    for name in part.split(';') {
        if name.is_empty() {
            return Err(TriggerTextError::at(text, at, missing));
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
    type Error = TriggerTextError;

    fn try_from(text: String) -> Result<Self, TriggerTextError> {
        text.parse()
    }
}

impl From<TriggerOperations> for String {
    fn from(operations: TriggerOperations) -> Self {
        operations.to_string()
    }
}

/// Why a text is not the text form of operations, or an operation has none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?}, character {position}: {reason}; the form is SERVICE:resource;resource:operation;operation")]
pub struct TriggerTextError {
    text: String,
    position: usize,
    reason: &'static str,
}

impl TriggerTextError {
    fn at(text: &str, byte: usize, reason: &'static str) -> Self {
        let position = text.char_indices().take_while(|(index, _)| *index < byte).count() + 1;
        Self { text: text.to_owned(), position, reason }
    }

    /// The text that can't be read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The character at which reading stopped, counted from 1; one more than there are if something is missing at the
    /// end.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}
