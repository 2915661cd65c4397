//! The call that an error belongs to, and its attempts.

/// The attempts of a call that failed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct History {
    /// How often the request was sent.
    pub(crate) attempts: u32,
    /// Whether one of them may have changed something.
    pub(crate) may_have_applied: bool,
}

/// The call that an error belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallName {
    /// As the API reference names it: `CreateNotification`.
    pub(crate) operation: &'static str,
    /// The IAM actions that it needs.
    pub(crate) actions: &'static str,
    pub(crate) class: Class,
}

/// What a call does, and so whether it can be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// It only reads.
    Read,
    /// It writes, and doing so twice is the same as once.
    Idempotent,
    /// It makes something: twice would be two.
    Create,
}

impl Class {
    pub(crate) fn writes(self) -> bool {
        self != Self::Read
    }
}
