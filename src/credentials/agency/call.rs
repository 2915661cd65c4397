//! The two calls that assume an agency: their parameters and bodies.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{AgencyAccount, HOUR};
use crate::credentials::CredentialsError;
use crate::text::printable;

#[derive(Clone, Debug)]
pub(super) enum Call {
    Iam(Iam),
    Sts(Sts),
}

#[derive(Clone, Debug)]
pub(super) struct Iam {
    pub(super) agency: String,
    pub(super) account: AgencyAccount,
    pub(super) session: Option<String>,
    pub(super) policy: Option<Value>,
}

#[derive(Clone, Debug)]
pub(super) struct Sts {
    urn: String,
    pub(super) session: String,
    pub(super) policy: Option<Value>,
    pub(super) external_id: Option<String>,
    pub(super) source_identity: Option<String>,
    pub(super) tags: Vec<(String, String)>,
}

impl Sts {
    pub(super) fn new(urn: String, session: String) -> Self {
        Self {
            urn,
            session,
            policy: None,
            external_id: None,
            source_identity: None,
            tags: Vec::new(),
        }
    }
}

impl Call {
    /// Refuses what can never be right. The service judges limits.
    pub(super) fn check(&self, duration: Duration) -> Result<(), CredentialsError> {
        let wrong = |reason: &str| {
            Err(CredentialsError::invalid(format!("{self} can't be assumed: {reason}")))
        };
        if duration.as_secs() == 0 {
            return wrong("duration(…) is less than a second");
        }
        match self {
            Self::Iam(Iam {
                agency,
                account: AgencyAccount::Id(account) | AgencyAccount::Name(account),
                ..
            }) => {
                if agency.is_empty() || account.is_empty() {
                    return wrong("the agency or its account has no name");
                }
            }
            Self::Sts(Sts { urn, session, .. }) => {
                let is_urn = urn
                    .strip_prefix("iam::")
                    .and_then(|rest| rest.split_once(":agency:"))
                    .is_some_and(|(account, agency)| !account.is_empty() && !agency.is_empty());
                if !is_urn {
                    return wrong("its URN does not have the form iam::<account id>:agency:<name>");
                }
                if session.is_empty() {
                    return wrong("its session has no name");
                }
            }
        }
        Ok(())
    }

    /// Refuses what STS refuses a caller with temporary credentials.
    pub(super) fn check_further_hop(&self, duration: Duration) -> Result<(), CredentialsError> {
        if matches!(self, Self::Sts(_)) && duration > HOUR {
            return Err(CredentialsError::invalid(format!(
                "{self} can't be assumed for {} s: a caller with temporary credentials, as in a chain, gets at most 3600 s \
                 from STS; call duration(…) with no more",
                duration.as_secs()
            )));
        }
        Ok(())
    }

    pub(super) fn path(&self) -> &'static str {
        match self {
            Self::Iam(_) => "/v3.0/OS-CREDENTIAL/securitytokens",
            Self::Sts(_) => "/v5/agencies/assume",
        }
    }

    /// Returns what to do if the service denies the call. It does not say whether the agency
    /// exists.
    pub(super) fn remedy(&self) -> String {
        match self {
            Self::Iam(_) => "check the names of the agency and its account, that the agency trusts the caller's account, and that \
                             the caller may assume it: by the role Agent Operator, or a policy that allows iam:agencies:assume"
                .to_owned(),
            Self::Sts(Sts { external_id, .. }) => {
                let external_id = match external_id {
                    Some(_) => " with the external id that is set",
                    None => "; if it requires an external id, call external_id(…)",
                };
                format!(
                    "check the URN, that the caller has the permission sts:agencies:assume, and that the agency's trust policy \
                     allows the caller{external_id}"
                )
            }
        }
    }

    pub(super) fn body(&self, duration: Duration) -> Vec<u8> {
        let seconds = duration.as_secs();
        let body = match self {
            Self::Iam(Iam { agency, account, session, policy }) => {
                let mut assume = Map::new();
                assume.insert("agency_name".to_owned(), json!(agency));
                match account {
                    AgencyAccount::Id(id) => assume.insert("domain_id".to_owned(), json!(id)),
                    AgencyAccount::Name(name) => {
                        assume.insert("domain_name".to_owned(), json!(name))
                    }
                };
                assume.insert("duration_seconds".to_owned(), json!(seconds));
                if let Some(session) = session {
                    assume.insert("session_user".to_owned(), json!({ "name": session }));
                }
                let mut identity = Map::new();
                identity.insert("methods".to_owned(), json!(["assume_role"]));
                identity.insert("assume_role".to_owned(), Value::Object(assume));
                if let Some(policy) = policy {
                    identity.insert("policy".to_owned(), policy.clone());
                }
                json!({ "auth": { "identity": identity } })
            }
            Self::Sts(Sts { urn, session, policy, external_id, source_identity, tags }) => {
                let mut body = Map::new();
                body.insert("agency_urn".to_owned(), json!(urn));
                body.insert("agency_session_name".to_owned(), json!(session));
                body.insert("duration_seconds".to_owned(), json!(seconds));
                if let Some(policy) = policy {
                    body.insert("policy".to_owned(), json!(policy.to_string()));
                }
                if let Some(id) = external_id {
                    body.insert("external_id".to_owned(), json!(id));
                }
                if let Some(identity) = source_identity {
                    body.insert("source_identity".to_owned(), json!(identity));
                }
                if !tags.is_empty() {
                    let tags = tags
                        .iter()
                        .map(|(key, value)| json!({ "key": key, "value": value }))
                        .collect();
                    body.insert("tags".to_owned(), Value::Array(tags));
                }
                Value::Object(body)
            }
        };
        body.to_string().into_bytes()
    }
}

/// Names the agency and its account.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |name: &str| printable(name, 200);
        match self {
            Self::Iam(Iam { agency, account, .. }) => {
                write!(
                    f,
                    "the agency {:?} of the account {:?}",
                    shown(agency),
                    shown(&account.to_string())
                )
            }
            Self::Sts(Sts { urn, .. }) => write!(f, "the agency {:?}", shown(urn)),
        }
    }
}
