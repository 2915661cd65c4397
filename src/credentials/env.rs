//! Keys from the environment.

use std::sync::OnceLock;

use crate::BoxFuture;
use crate::credentials::{Credentials, CredentialsError, ProvideCredentials};

/// Keys from the environment variables that the official SDKs read.
///
/// | variable | meaning |
/// |---|---|
/// | `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` | access key and secret key |
/// | `HUAWEICLOUD_SDK_SECURITY_TOKEN` | security token of temporary keys, if they are |
/// | `CLOUD_SDK_AK`, `CLOUD_SDK_SK` | the names in older samples; looked at when none of the above keys is set |
///
/// An empty variable counts as unset. The environment is read once, at the first use.
#[derive(Debug, Default)]
pub struct EnvCredentials {
    found: OnceLock<Credentials>,
}

impl EnvCredentials {
    /// Reads nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn load(&self) -> Result<Credentials, CredentialsError> {
        if let Some(found) = self.found.get() {
            return Ok(found.clone());
        }
        let credentials = read(|name| std::env::var(name).ok())?;
        Ok(self.found.get_or_init(|| credentials).clone())
    }
}

impl ProvideCredentials for EnvCredentials {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(std::future::ready(self.load()))
    }

    fn check(&self) -> Result<(), CredentialsError> {
        self.load().map(drop)
    }
}

fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Credentials, CredentialsError> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let mut nearly = None;
    for (ak_name, sk_name) in [("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"), ("CLOUD_SDK_AK", "CLOUD_SDK_SK")] {
        match (variable(ak_name), variable(sk_name)) {
            (Some(access_key), Some(secret_key)) => {
                let mut credentials = Credentials::new(access_key, secret_key);
                if let Some(token) = variable("HUAWEICLOUD_SDK_SECURITY_TOKEN") {
                    credentials = credentials.security_token(token);
                }
                return match credentials.validate() {
                    Ok(()) => Ok(credentials),
                    Err(error) => {
                        Err(CredentialsError::invalid(format!("{error} (keys from {ak_name} and {sk_name})")))
                    }
                };
            }
            (Some(_), None) => nearly = nearly.or(Some((ak_name, sk_name))),
            (None, Some(_)) => nearly = nearly.or(Some((sk_name, ak_name))),
            (None, None) => {}
        }
    }
    Err(match nearly {
        Some((set, unset)) => CredentialsError::invalid(format!("{set} is set but {unset} is not: set both")),
        None => CredentialsError::not_configured("HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK are not set"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::CredentialsErrorKind::{Invalid, NotConfigured};

    fn with(variables: &[(&str, &str)]) -> Result<Credentials, CredentialsError> {
        read(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn official_names_win_over_older_ones() {
        let both = [
            ("CLOUD_SDK_AK", "old"),
            ("CLOUD_SDK_SK", "old"),
            ("HUAWEICLOUD_SDK_AK", "new"),
            ("HUAWEICLOUD_SDK_SK", "new"),
            ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "token"),
        ];
        let found = with(&both).unwrap();
        assert_eq!((found.access_key(), found.session_token()), ("new", Some("token")));
        assert_eq!(with(&both[..2]).unwrap().access_key(), "old");
    }

    #[test]
    fn half_a_pair_empty_values_and_stray_line_breaks_are_told_apart() {
        let cases: [(&[(&str, &str)], _, &str); 5] = [
            (&[], NotConfigured, "HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK are not set"),
            (&[("HUAWEICLOUD_SDK_AK", ""), ("HUAWEICLOUD_SDK_SK", "")], NotConfigured, "are not set"),
            (&[("HUAWEICLOUD_SDK_AK", "a")], Invalid, "HUAWEICLOUD_SDK_AK is set but HUAWEICLOUD_SDK_SK is not"),
            (&[("HUAWEICLOUD_SDK_SK", "s")], Invalid, "HUAWEICLOUD_SDK_SK is set but HUAWEICLOUD_SDK_AK is not"),
            (&[("HUAWEICLOUD_SDK_AK", "a"), ("HUAWEICLOUD_SDK_SK", "s3cr3t\n")], Invalid, "at position 7 of 7"),
        ];
        for (variables, kind, part) in cases {
            let error = with(variables).unwrap_err();
            assert_eq!(error.kind(), kind, "{variables:?}");
            assert!(error.to_string().contains(part), "{error}");
            assert!(!error.to_string().contains("s3cr3t"), "{error}");
        }
    }
}
