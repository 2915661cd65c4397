//! The ids that errors name too, below all that has them.

use crate::wire::newtype::string_newtype;

string_newtype! {
    /// The id of a notification: a UUID, given by the service.
    pub struct NotificationId;
}
