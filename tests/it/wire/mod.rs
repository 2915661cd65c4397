//! Values as the service sends them, well formed or not.

mod allocations;
mod enums;
mod field;
mod newtypes;
mod odd_answers;
mod unknown_fields;
