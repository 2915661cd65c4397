//! What SMN sends.

pub(super) mod function;
