//! The buckets of OBS and the keys of KMS, as far as trackers need them.

use std::collections::BTreeSet;

/// The buckets that differ from others. Any other of a well-formed name exists, but not for a
/// tracker that has CTS create it: otherwise a test would have to name each.
#[derive(Clone, Debug, Default)]
pub(super) struct Obs {
    pub(super) named: BTreeSet<String>,
    pub(super) removed: BTreeSet<String>,
    pub(super) removed_keys: BTreeSet<String>,
    /// Whether an update replaces `obs_info`, and so resets what it leaves out.
    pub(super) replaces: bool,
}

impl Obs {
    pub(super) fn exists(&self, name: &str) -> bool {
        is_bucket_name(name) && !self.removed.contains(name)
    }

    pub(super) fn is_named(&self, name: &str) -> bool {
        self.named.contains(name)
    }

    pub(super) fn is_unknown_key(&self, id: &str) -> bool {
        self.removed_keys.contains(id)
    }
}

/// 3 to 63 lower-case letters, digits, `-` and `.`, the first a letter or a digit.
pub(super) fn is_bucket_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.bytes().all(|byte| is_plain(byte) || matches!(byte, b'-' | b'.'))
        && name.bytes().next().is_some_and(is_plain)
}
