//! What is requested from STS, as set in the program or in the environment.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::credentials::token_file::TokenFile;
use crate::credentials::{CredentialsError, check};

pub(super) const HOUR: Duration = Duration::from_secs(3600);

const PROVIDER: &str = "HUAWEICLOUD_OIDC_PROVIDER_URN";
const AGENCY: &str = "HUAWEICLOUD_OIDC_AGENCY_URN";
const TOKEN: &str = "HUAWEICLOUD_OIDC_ID_TOKEN";
const TOKEN_FILE: &str = "HUAWEICLOUD_OIDC_TOKEN_FILE";
const SESSION: &str = "HUAWEICLOUD_OIDC_SESSION_NAME";
const DURATION: &str = "HUAWEICLOUD_OIDC_DURATION_SECONDS";
const POLICY: &str = "HUAWEICLOUD_OIDC_POLICY";
const POLICY_IDS: &str = "HUAWEICLOUD_OIDC_POLICY_IDS";

/// What the token is, in messages.
const WHAT: &str = "id token";

/// The default session name of the official SDKs.
pub(super) const DEFAULT_SESSION: &str = "oidc-sts-session";

/// The identity provider, the token, the agency, and what its credentials are restricted to.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) provider_urn: String,
    pub(super) agency_urn: String,
    pub(super) token: Token,
    pub(super) session: String,
    pub(super) duration: u64,
    pub(super) policy: Option<String>,
    pub(super) policy_ids: Vec<String>,
}

#[derive(Clone)]
pub(super) enum Token {
    Given(Zeroizing<String>),
    File(TokenFile),
}

impl Token {
    pub(super) fn of_file(path: impl Into<PathBuf>) -> Self {
        Self::File(TokenFile::new(WHAT, path))
    }

    pub(super) fn get(&self) -> Result<Zeroizing<String>, CredentialsError> {
        match self {
            Self::Given(token) => check(WHAT, token).map(|()| token.clone()),
            Self::File(file) => file.token(),
        }
    }
}

impl Identity {
    pub(super) fn check(&self) -> Result<(), CredentialsError> {
        for (what, kind, urn) in [
            ("identity provider", "oidcProvider", &self.provider_urn),
            ("agency", "agency", &self.agency_urn),
        ] {
            let parts = urn.strip_prefix("iam::").and_then(|rest| rest.split_once(':'));
            let is_urn = parts.is_some_and(|(account, rest)| {
                let name = rest.strip_prefix(kind).and_then(|rest| rest.strip_prefix(':'));
                !account.is_empty() && name.is_some_and(|name| !name.is_empty())
            });
            if !is_urn {
                return Err(CredentialsError::invalid(format!(
                    "the URN of the {what} does not have the form iam::<account id>:{kind}:<name>"
                )));
            }
        }
        if self.duration == 0 {
            return Err(CredentialsError::invalid("duration(…) is less than a second"));
        }
        Ok(())
    }
}

/// Reads the variables. Not configured if none of the required ones is set; an error if only some
/// are.
pub(super) fn from_environment(
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Identity, CredentialsError> {
    let read = |name: &str| match variable(name)
        .filter(|value| !value.is_empty())
        .map(OsString::into_string)
    {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value)),
        Some(Err(_)) => Err(CredentialsError::invalid(format!("{name} is not UTF-8"))),
    };
    let token = match (read(TOKEN)?, variable(TOKEN_FILE).filter(|path| !path.is_empty())) {
        (Some(token), _) => Some(Token::Given(Zeroizing::new(token.trim().to_owned()))),
        (None, file) => file.map(|path| Token::File(TokenFile::new(WHAT, path).from(TOKEN_FILE))),
    };
    let (provider_urn, agency_urn, token) = match (read(PROVIDER)?, read(AGENCY)?, token) {
        (Some(provider), Some(agency), Some(token)) => (provider, agency, token),
        (None, None, None) => {
            return Err(CredentialsError::not_configured(format!(
                "{PROVIDER} and {AGENCY} are not set"
            )));
        }
        (provider, agency, token) => {
            let missing = [
                (provider.is_none(), PROVIDER.to_owned()),
                (agency.is_none(), AGENCY.to_owned()),
                (token.is_none(), format!("either {TOKEN_FILE} or {TOKEN}")),
            ];
            let missing: Vec<_> = missing
                .into_iter()
                .filter_map(|(is_missing, name)| is_missing.then_some(name))
                .collect();
            return Err(CredentialsError::invalid(format!(
                "the variables for the exchange of an id token at STS are incomplete: also set {}",
                missing.join(", ")
            )));
        }
    };
    let duration = match read(DURATION)? {
        None => HOUR.as_secs(),
        Some(seconds) => seconds.trim().parse().map_err(|_| {
            CredentialsError::invalid(format!("{DURATION} is not a number of seconds"))
        })?,
    };
    let ids = read(POLICY_IDS)?.unwrap_or_default();
    Ok(Identity {
        provider_urn: provider_urn.trim().to_owned(),
        agency_urn: agency_urn.trim().to_owned(),
        token,
        session: read(SESSION)?.unwrap_or_else(|| DEFAULT_SESSION.to_owned()),
        duration,
        policy: read(POLICY)?,
        policy_ids: ids
            .split(',')
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::CredentialsErrorKind;

    fn of(variables: &[(&str, &str)]) -> Result<Identity, CredentialsError> {
        from_environment(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    const ALL: [(&str, &str); 3] = [
        (PROVIDER, "iam::a:oidcProvider:p"),
        (AGENCY, "iam::a:agency:g"),
        (TOKEN_FILE, "/run/token"),
    ];

    #[test]
    fn the_environment_sets_everything_and_a_part_of_it_is_an_error() {
        assert_eq!(of(&[]).err().unwrap().kind(), CredentialsErrorKind::NotConfigured);
        assert_eq!(
            of(&[(PROVIDER, ""), (SESSION, "s")]).err().unwrap().kind(),
            CredentialsErrorKind::NotConfigured
        );
        for (left_out, named) in [(0, PROVIDER), (1, AGENCY), (2, TOKEN_FILE)] {
            let mut some = ALL.to_vec();
            some.remove(left_out);
            let error = of(&some).err().unwrap();
            assert_eq!(error.kind(), CredentialsErrorKind::Invalid);
            assert!(error.to_string().contains(named), "{error}");
        }
        let bare = of(&ALL).unwrap();
        assert_eq!((bare.session.as_str(), bare.duration), ("oidc-sts-session", 3600));
        let more = [(SESSION, "s"), (DURATION, " 900 "), (POLICY, "{}"), (POLICY_IDS, "a, b,,")];
        let full = of(&[&ALL[..], &more].concat()).unwrap();
        assert_eq!((full.session.as_str(), full.duration, full.policy_ids.len()), ("s", 900, 2));
        assert!(of(&[&ALL[..], &[(DURATION, "1h")]].concat()).is_err());
        let both = of(&[&ALL[..], &[(TOKEN, "\nt\n")]].concat()).unwrap();
        assert_eq!(
            both.token.get().unwrap().as_str(),
            "t",
            "the token takes precedence over the file"
        );
    }

    #[test]
    fn a_urn_of_another_kind_is_refused() {
        for (provider, agency, part) in [
            ("github", "iam::a:agency:g", "identity provider"),
            ("iam::a:oidcProvider:", "iam::a:agency:g", "identity provider"),
            ("iam::a:samlProvider:p", "iam::a:agency:g", "oidcProvider"),
            ("iam::a:oidcProvider:p", "iam::a:user:u", "agency"),
            ("iam::a:oidcProvider:p", "iam:::agency:g", "agency"),
        ] {
            let error = of(&[(PROVIDER, provider), (AGENCY, agency), (TOKEN, "t")])
                .unwrap()
                .check()
                .unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
