//! The id that errors have too: below both, so that they do not depend on each other.

use crate::wire::newtype::string_newtype;

string_newtype! {
    /// The id of a notification: a UUID that the service assigned.
    pub struct NotificationId;
}
