//! Values as the service sends them, well formed or not.

mod allocations;
mod enums;
mod field;
mod odd_answers;
mod unknown_fields;
