//! Kinds of errors.

/// The kind of an [`Error`](super::Error): how far the call got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is invalid and was not sent. Correct it.
    Request,
    /// There are no usable credentials. See [`Error::credentials`](super::Error::credentials) and
    /// [`Error::sign`](super::Error::sign).
    Credentials,
    /// The project id or the account id can't be looked up, and the call was not sent. Set it. See
    /// [`Error::project_lookup`](super::Error::project_lookup).
    Project,
    /// There is no response, or only part of one. See [`Error::transport`](super::Error::transport)
    /// for how far the request got.
    Transport,
    /// The service, or a gateway in front of it, responded with an error. See
    /// [`Error::api`](super::Error::api).
    Api,
    /// The gateway has throttled calls like this one, and it can't go again before its time limit
    /// passes. Not sent, or not once more. See [`Error::retry_after`](super::Error::retry_after).
    Throttled,
    /// The response has a status of success, but not the documented body: often a proxy's page.
    Decode,
    /// There is no notification with the requested id or name, or no tracker with the requested
    /// name.
    NotFound,
    /// Several notifications have the requested name, or the new and the former name of a rename
    /// are both in use. Choose one by its id, see
    /// [`Error::ambiguous_ids`](super::Error::ambiguous_ids).
    Ambiguous,
    /// The topic of a notification has a placeholder such as `{region}` in it. Not sent. See
    /// [`NotificationSet::for_client`](crate::provision::NotificationSet::for_client).
    Placeholder,
    /// The plan was made in another project than the one that the client works in. Not sent.
    WrongProject,
    /// The service accepted a notification, but returns some of its fields with other values. See
    /// [`Error::fields_not_kept`](super::Error::fields_not_kept).
    NotKept,
    /// A notification changed after the plan was made, so the step of the plan was not applied.
    /// Plan again.
    Changed,
}
