//! What several tests share.

pub(crate) mod answers;
pub(crate) mod colleague;
