//! What the provider remembers of the service.

use tokio::time::Instant;

#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The endpoint has responded before.
    pub(super) has_responded: bool,
    /// A response showed that this is Huawei Cloud's metadata service.
    pub(super) is_huawei: bool,
    /// There was no service.
    pub(super) absent: Option<Absent>,
    /// The service has no token mode, and is not asked for a token before this time.
    pub(super) tokenless_until: Option<Instant>,
}

#[derive(Clone, Debug)]
pub(super) struct Absent {
    /// The service is not searched for before this time.
    pub(super) until: Instant,
    /// The response of another server at its address.
    pub(super) other: Option<String>,
}
