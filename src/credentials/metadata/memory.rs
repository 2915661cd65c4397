//! What is remembered of the service.

use tokio::time::Instant;

#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The endpoint has responded before.
    pub(super) answered: bool,
    /// What was answered can only be from Huawei Cloud's metadata service.
    pub(super) known: bool,
    /// There was none.
    pub(super) absent: Option<Absent>,
    /// It has no token mode, and is not asked for a token again before.
    pub(super) tokenless_until: Option<Instant>,
}

#[derive(Clone, Debug)]
pub(super) struct Absent {
    /// It is not looked for again before.
    pub(super) until: Instant,
    /// What another server responded in its place.
    pub(super) answer: Option<String>,
}
