//! Keys from the environment.

use std::ffi::OsString;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::settings::{Found, Iam, Last, Setting, Settings};
use super::{Credentials, CredentialsContext, CredentialsError, ProvideCredentials};
use crate::BoxFuture;
use crate::region::Region;
use crate::transport::Transport;

/// Keys from the environment variables that the official SDKs read.
///
/// | variable | meaning |
/// |---|---|
/// | `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` | access key and secret key |
/// | `HUAWEICLOUD_SDK_SECURITY_TOKEN` | security token of temporary keys, if they are |
/// | `HUAWEICLOUD_SDK_PROJECT_ID` | the [project](Credentials::project) that the keys are for |
/// | `HUAWEICLOUD_SDK_IDP_ID`, `HUAWEICLOUD_SDK_ID_TOKEN_FILE` | an identity provider and the file with its id token: both, for [`FederalCredentials`](super::FederalCredentials), and then they go before the keys |
/// | `HUAWEICLOUD_SDK_IAM_ENDPOINT` | where the token is exchanged |
/// | `CLOUD_SDK_AK`, `CLOUD_SDK_SK` | the names in older samples; looked at when none of the above keys is set |
///
/// An empty variable counts as unset. The environment is looked at each time that credentials are asked for, so this needs no
/// [`CachedCredentials`](super::CachedCredentials), which would keep permanent ones for good.
#[derive(Debug, Default)]
pub struct EnvCredentials {
    last: Last,
    iam: Iam,
}

impl EnvCredentials {
    /// Reads nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The region whose IAM exchanges an id token, unless `HUAWEICLOUD_SDK_IAM_ENDPOINT` says where. Unless
    /// set, it is that of the client.
    #[must_use]
    pub fn region(self, region: impl Into<Region>) -> Self {
        Self { last: Last::default(), iam: Iam { region: Some(region.into()), ..self.iam } }
    }

    /// How an id token is sent to IAM, in place of the client's transport.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        Self { last: Last::default(), iam: Iam { transport: Some(Arc::new(transport)), ..self.iam } }
    }

    fn load(&self) -> Result<Arc<Found>, CredentialsError> {
        let settings = read(|name| std::env::var_os(name))?;
        self.last.find(settings, None, &self.iam)?.ok_or_else(unset)
    }
}

fn unset() -> CredentialsError {
    CredentialsError::not_configured("HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK are not set")
}

impl ProvideCredentials for EnvCredentials {
    fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        match self.load() {
            Ok(found) => Box::pin(async move { found.provide(context).await }),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn check(&self) -> Result<(), CredentialsError> {
        self.load()?.check()
    }

    fn refused(&self, credentials: &Credentials) {
        if let Some(found) = self.last.found() {
            found.refused(credentials);
        }
    }

    fn name(&self) -> &'static str {
        "environment"
    }
}

fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Settings, CredentialsError> {
    let text = |name: &'static str| match variable(name).map(OsString::into_string) {
        Some(Ok(value)) if !value.is_empty() => Ok(Some(Zeroizing::new(value))),
        Some(Err(_)) => Err(CredentialsError::invalid(format!("{name} is not Unicode text"))),
        _ => Ok(None),
    };
    let setting = |name| Ok::<_, CredentialsError>(Setting { name, value: text(name)? });

    let (mut access_key, mut secret_key) = (setting("HUAWEICLOUD_SDK_AK")?, setting("HUAWEICLOUD_SDK_SK")?);
    if access_key.value.is_none() && secret_key.value.is_none() {
        let older = (setting("CLOUD_SDK_AK")?, setting("CLOUD_SDK_SK")?);
        if older.0.value.is_some() || older.1.value.is_some() {
            (access_key, secret_key) = older;
        }
    }
    Ok(Settings {
        access_key,
        secret_key,
        security_token: setting("HUAWEICLOUD_SDK_SECURITY_TOKEN")?,
        project_id: setting("HUAWEICLOUD_SDK_PROJECT_ID")?,
        // Read where it is needed: what the client was told goes before it.
        iam_endpoint: None,
        idp_id: setting("HUAWEICLOUD_SDK_IDP_ID")?,
        id_token_file: setting("HUAWEICLOUD_SDK_ID_TOKEN_FILE")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::CredentialsErrorKind::{Invalid, NotConfigured};

    fn found(variables: &[(&str, &str)]) -> Result<Found, CredentialsError> {
        let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
        read(variable)?.find(&Iam::default())?.ok_or_else(unset)
    }

    fn with(variables: &[(&str, &str)]) -> Result<Credentials, CredentialsError> {
        match found(variables)? {
            Found::Keys(keys) => Ok(keys),
            Found::Federal(federal) => panic!("{federal:?}"),
        }
    }

    #[test]
    fn official_names_win_over_older_ones() {
        let both = [
            ("CLOUD_SDK_AK", "old"),
            ("CLOUD_SDK_SK", "old"),
            ("HUAWEICLOUD_SDK_AK", "new"),
            ("HUAWEICLOUD_SDK_SK", "new"),
            ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "token"),
            ("HUAWEICLOUD_SDK_PROJECT_ID", "p1"),
        ];
        let found = with(&both).unwrap();
        assert_eq!((found.access_key(), found.session_token(), found.project()), ("new", Some("token"), Some("p1")));
        assert_eq!(with(&both[..2]).unwrap().access_key(), "old");
        let half = with(&both[..3]).unwrap_err();
        assert_eq!(half.kind(), Invalid, "other keys than those that were begun with: {half}");
    }

    #[test]
    fn values_that_are_replaced_are_seen_and_the_same_keep_what_was_found() {
        let (last, iam) = (Last::default(), Iam::default());
        let found = |token: &str| {
            let set =
                [("HUAWEICLOUD_SDK_AK", "a"), ("HUAWEICLOUD_SDK_SK", "s"), ("HUAWEICLOUD_SDK_SECURITY_TOKEN", token)];
            let variable = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
            last.find(read(variable).unwrap_or_else(|error| panic!("{error}")), None, &iam).unwrap().unwrap()
        };
        let first = found("OLDTOKEN");
        assert!(Arc::ptr_eq(&first, &found("OLDTOKEN")));
        let Found::Keys(second) = &*found("NEWTOKEN") else { panic!("an identity provider") };
        assert_eq!(second.session_token(), Some("NEWTOKEN"));
    }

    #[test]
    fn an_identity_provider_wins_over_keys() {
        let all = [
            ("HUAWEICLOUD_SDK_IDP_ID", "idp"),
            ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/var/run/token"),
            ("HUAWEICLOUD_SDK_AK", "a"),
            ("HUAWEICLOUD_SDK_SK", "s"),
            ("HUAWEICLOUD_SDK_PROJECT_ID", "p1"),
        ];
        let Found::Federal(federal) = found(&all).unwrap() else { panic!("keys") };
        let shown = format!("{federal:?}");
        for part in ["\"idp\"", "/var/run/token", "p1"] {
            assert!(shown.contains(part), "{shown}");
        }
        let half = found(&all[1..]).unwrap_err();
        assert_eq!(half.kind(), Invalid);
        assert_eq!(
            half.to_string(),
            "HUAWEICLOUD_SDK_ID_TOKEN_FILE is set but HUAWEICLOUD_SDK_IDP_ID is not: set both"
        );
    }

    #[test]
    fn what_can_not_be_right_is_told_by_its_variable() {
        let right = [
            ("HUAWEICLOUD_SDK_AK", "AKAKAKAKAKAKAKAKAKAK"),
            ("HUAWEICLOUD_SDK_SK", "secret"),
            ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "token"),
            ("HUAWEICLOUD_SDK_PROJECT_ID", "p1"),
        ];
        with(&right).unwrap();
        for (at, (name, _)) in right.iter().enumerate() {
            for (value, part) in [
                ("\"AKAKAKAKAKAKAKAKAKAK\"", "has a quotation mark at position 1 of 22"),
                ("'AKAKAKAKAKAKAKAKAKAK'", "has a quotation mark at position 1 of 22"),
                ("\u{200b}AKAKAKAKAKAKAKAKAKAK", "has the character U+200B at position 1 of 21"),
                ("{your_ak_string}", "has a brace"),
                ("YOUR_VALUE", "is a placeholder"),
            ] {
                let mut variables = right;
                variables[at].1 = value;
                let error = with(&variables).unwrap_err();
                let text = error.to_string();
                assert_eq!(error.kind(), Invalid, "{text}");
                assert!(text.starts_with(&format!("{name} {part}")) && !text.contains("KAKA"), "{text}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_unicode_is_told() {
        use std::os::unix::ffi::OsStringExt;
        let variable = |name: &str| (name == "HUAWEICLOUD_SDK_SK").then(|| OsString::from_vec(vec![b's', 0xff]));
        let error = read(variable).err().unwrap();
        assert_eq!((error.kind(), error.to_string().as_str()), (Invalid, "HUAWEICLOUD_SDK_SK is not Unicode text"));
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
