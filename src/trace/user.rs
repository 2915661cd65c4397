//! The user of an operation.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::wire::enums::string_enum;
use crate::wire::loose::{
    BoolValue, Field, List, TimeValue, debug, filled, loose_struct, string_values,
};

/// The user of an operation: an object, its JSON as a string, a name, or none.
///
/// The service's own operations have no user. The fields of an object are in
/// [`details`](Self::details), and the accessors here work on any form.
///
/// ```
/// use huaweicloud_cts::trace::TraceUser;
///
/// let user: TraceUser = serde_json::from_str(r#"{"name": "alice", "domain": {"name": "acme"}}"#)?;
/// let same: TraceUser = serde_json::from_str(r#""{\"name\":\"alice\",\"domain\":{\"name\":\"acme\"}}""#)?;
/// let name: TraceUser = serde_json::from_str(r#""alice""#)?;
/// for user in [&user, &same, &name] {
///     assert_eq!(user.name(), Some("alice"));
/// }
/// assert_eq!(user.details(), same.details());
/// assert!(name.details().is_none());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TraceUser {
    /// What came, unless it was an object.
    scalar: Option<Value>,
    /// The object, in either form.
    details: Option<Box<UserDetails>>,
}

loose_struct! {
    /// The fields of a [`TraceUser`].
    ///
    /// These are the fields of the API's `UserInfo`, of which live events have some, and
    /// `OriginUser`.
    pub struct UserDetails {
        /// The name; for an agency `account/agency`.
        name: Option<String>,
        /// The id. Some services leave it out.
        id: Option<String>,
        /// The account.
        domain: Option<TraceDomain>,
        /// What kind of identity it is.
        user_type: Option<UserType> = "type",
        /// The name again, of an IAM user.
        user_name: Option<String>,
        /// The id of the identity: `<user id>`, `<agency id>:<session>` or
        /// `<provider id>:<session>`.
        principal_id: Option<String>,
        /// The identity. See [`TraceUser::principal`].
        principal_urn: Option<String>,
        /// Whether it is the account's root user. A string in events, a boolean in a runtime's
        /// samples.
        principal_is_root_user: BoolValue,
        /// The account's id.
        account_id: Option<String>,
        /// The access key that signed the request, unmasked.
        access_key_id: Option<String>,
        /// The service that acted for the user: `service.console`.
        invoked_by: List<String>,
        /// The session, for temporary credentials.
        session_context: Option<SessionContext>,
        /// The original user, if another acts for them.
        origin_user: Option<String> = "OriginUser",
    }
}

loose_struct! {
    /// The account of a [`TraceUser`].
    pub struct TraceDomain {
        /// The account's name.
        name: Option<String>,
        /// The account's id. Some services leave it out.
        id: Option<String>,
    }
}

loose_struct! {
    /// The session of a [`TraceUser`].
    pub struct SessionContext {
        /// What is known of it.
        attributes: Option<SessionAttributes>,
    }
}

loose_struct! {
    /// What is known of a session.
    pub struct SessionAttributes {
        /// When it began.
        created_at: TimeValue,
        /// Whether it began with a second factor. A string in the API's model, a boolean in a
        /// runtime's samples.
        mfa_authenticated: BoolValue,
    }
}

string_enum! {
    /// What kind of identity a user is.
    pub enum UserType {
        /// An IAM user.
        User = "User",
        /// A session of an agency.
        AssumedAgency = "AssumedAgency",
        /// A session of a user of an identity provider.
        ExternalUser = "ExternalUser",
    }
}

string_values!(UserType);

/// The identity behind an operation, parsed from its URN.
///
/// Names and sessions are chosen by users: compare the account too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Principal<'u> {
    /// `iam::<account>:user:<name>`
    #[non_exhaustive]
    User {
        /// The account's id.
        account_id: &'u str,
        /// The user's name.
        name: &'u str,
    },
    /// `sts::<account>:assumed-agency:<agency>/<session>`
    #[non_exhaustive]
    AssumedAgency {
        /// The account's id.
        account_id: &'u str,
        /// The agency's name.
        agency: &'u str,
        /// The session's name.
        session: &'u str,
    },
    /// `sts::<account>:external-user:<provider>/<session>`
    #[non_exhaustive]
    ExternalUser {
        /// The account's id.
        account_id: &'u str,
        /// The identity provider's id.
        provider: &'u str,
        /// The session's name.
        session: &'u str,
    },
    /// A URN of another form.
    Other(&'u str),
}

impl<'u> Principal<'u> {
    fn of(urn: &'u str) -> Self {
        Self::known(urn).unwrap_or(Self::Other(urn))
    }

    fn known(urn: &'u str) -> Option<Self> {
        let mut parts = urn.splitn(5, ':');
        let (service, region, account_id) = (parts.next()?, parts.next()?, parts.next()?);
        let (kind, name) = (parts.next()?, parts.next()?);
        match (service, region, kind) {
            ("iam", "", "user") => Some(Self::User { account_id, name }),
            ("sts", "", "assumed-agency") => {
                let (agency, session) = name.split_once('/')?;
                Some(Self::AssumedAgency { account_id, agency, session })
            }
            ("sts", "", "external-user") => {
                let (provider, session) = name.split_once('/')?;
                Some(Self::ExternalUser { account_id, provider, session })
            }
            _ => None,
        }
    }
}

impl TraceUser {
    /// Returns the fields, if there is an object, as such or as JSON in a string.
    #[must_use]
    pub fn details(&self) -> Option<&UserDetails> {
        self.details.as_deref()
    }

    /// Returns the string, if it came as one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.scalar.as_ref()?.as_str()
    }

    /// Returns `true` if there is no user: the field is absent or `null`.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.details.is_none() && self.scalar.as_ref().is_none_or(Value::is_null)
    }

    /// Returns the name: that of the object, or the string if it is not JSON.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self.details() {
            Some(user) => filled(user.name.as_deref()).or(filled(user.user_name.as_deref())),
            None => filled(self.as_str()),
        }
    }

    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        filled(self.details()?.id.as_deref())
    }

    /// Returns the name of the account.
    #[must_use]
    pub fn account_name(&self) -> Option<&str> {
        filled(self.details()?.domain.as_ref()?.name.as_deref())
    }

    /// Returns the id of the account: `account_id`, or that of `domain`.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        let user = self.details()?;
        let domain = || filled(user.domain.as_ref()?.id.as_deref());
        filled(user.account_id.as_deref()).or_else(domain)
    }

    /// Returns the identity in `principal_urn`, which older traces do not have.
    #[must_use]
    pub fn principal(&self) -> Option<Principal<'_>> {
        filled(self.details()?.principal_urn.as_deref()).map(Principal::of)
    }

    /// Returns whether it is the account's root user, if the trace says so.
    #[must_use]
    pub fn is_root(&self) -> Option<bool> {
        self.details()?.principal_is_root_user.get()
    }
}

impl fmt::Debug for TraceUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug("TraceUser", self, f)
    }
}

impl From<UserDetails> for TraceUser {
    fn from(details: UserDetails) -> Self {
        Self { scalar: None, details: Some(Box::new(details)) }
    }
}

impl From<Value> for TraceUser {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(fields) => UserDetails::from_fields(fields).into(),
            Value::String(text) => {
                let object = text
                    .trim_start()
                    .starts_with('{')
                    .then(|| serde_json::from_str(&text).ok())
                    .flatten();
                Self { scalar: Some(Value::String(text)), details: object.map(Box::new) }
            }
            scalar => Self { scalar: Some(scalar), details: None },
        }
    }
}

impl Field for TraceUser {
    fn read(value: Value) -> Result<Self, Value> {
        Ok(value.into())
    }

    fn is_absent(&self) -> bool {
        self.scalar.is_none() && self.details.is_none()
    }
}

impl Serialize for TraceUser {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (&self.scalar, &self.details) {
            (Some(scalar), _) => scalar.serialize(serializer),
            (None, details) => details.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for TraceUser {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}
