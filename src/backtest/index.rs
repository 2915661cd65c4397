//! The operations of traces, numbered.

use std::collections::HashMap;

use crate::trace::Trace;
use crate::wire::loose::filled;

/// An operation: service, resource type and name. What a trace lacks is empty.
pub(super) type OperationName = [String; 3];

/// Numbers for the operations that occurred. Whether a notification lists an operation is found out
/// once for each number, as a notification may list thousands.
#[derive(Clone, Debug, Default)]
pub(super) struct OperationIndex {
    /// By service, resource type and name, so that a lookup needs no owned key.
    numbers: HashMap<String, HashMap<String, HashMap<String, usize>>>,
    names: Vec<OperationName>,
}

impl OperationIndex {
    /// Returns the number of the operation of a trace. A new operation gets the next one.
    pub(super) fn number(&mut self, trace: &Trace) -> usize {
        let [service, resource, name] = operation_of(trace);
        let known =
            self.numbers.get(service).and_then(|of_service| of_service.get(resource)?.get(name));
        if let Some(number) = known {
            return *number;
        }
        let number = self.names.len();
        self.names.push([service, resource, name].map(str::to_owned));
        let of_service = self.numbers.entry(service.to_owned()).or_default();
        of_service.entry(resource.to_owned()).or_default().insert(name.to_owned(), number);
        number
    }

    pub(super) fn name(&self, number: usize) -> OperationName {
        self.names.get(number).cloned().unwrap_or_default()
    }
}

pub(super) fn operation_of(trace: &Trace) -> [&str; 3] {
    [&trace.service_type, &trace.resource_type, &trace.trace_name]
        .map(|of| filled(of.as_deref()).unwrap_or_default())
}
