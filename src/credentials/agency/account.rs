//! The account that an agency is in.

use std::fmt;

/// An account that has an agency, by its id or its name.
///
/// ```
/// use huaweicloud_cts::credentials::AgencyAccount;
///
/// assert_eq!(AgencyAccount::name("customer-1").to_string(), "customer-1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AgencyAccount {
    /// By its id (`domain_id`), from "My Credentials" in its console.
    Id(String),
    /// By its name (`domain_name`).
    Name(String),
}

impl AgencyAccount {
    /// Creates the reference to an account by its id.
    pub fn id(id: impl Into<String>) -> Self {
        Self::Id(id.into())
    }

    /// Creates the reference to an account by its name.
    pub fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }
}

impl fmt::Display for AgencyAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Id(account) | Self::Name(account)) = self;
        f.write_str(account)
    }
}
