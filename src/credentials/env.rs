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
/// | `HUAWEICLOUD_SDK_PROJECT_ID` | the [project](Credentials::project_id) that the keys are for |
/// | `HUAWEICLOUD_SDK_IDP_ID`, `HUAWEICLOUD_SDK_ID_TOKEN_FILE` | an identity provider and the file with its id token: both, for [`FederatedCredentials`](super::FederatedCredentials), and then they go before the keys |
/// | `HUAWEICLOUD_SDK_IAM_ENDPOINT` | where the token is exchanged |
/// | `CLOUD_SDK_AK`, `CLOUD_SDK_SK` | the names in older samples; looked at when none of the above keys is set |
///
/// An empty variable counts as unset. The environment is looked at each time that credentials are asked for, so this needs no
/// [`CachedCredentials`](super::CachedCredentials), which would keep permanent ones for good.
#[derive(Debug, Default)]
pub struct EnvCredentials {
    family: Family,
    last: Last,
    iam: Iam,
}

/// Whose variables are read.
#[derive(Clone, Copy, Debug, Default)]
enum Family {
    #[default]
    Sdk,
    Terraform,
    OpenStack,
}

impl EnvCredentials {
    /// Reads nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the variables of the Terraform provider for Huawei Cloud in place of those of the SDKs: `HW_ACCESS_KEY`,
    /// `HW_SECRET_KEY`, `HW_SECURITY_TOKEN` and `HW_PROJECT_ID`, or where no `HW_` key is set, the variables of
    /// [`openstack`](Self::openstack). They are never part of [`DefaultCredentials`](super::DefaultCredentials).
    ///
    /// ```
    /// use huaweicloud_cts::credentials::{CredentialsChain, EnvCredentials};
    ///
    /// let provider = CredentialsChain::new().then(EnvCredentials::new()).then(EnvCredentials::terraform());
    /// ```
    #[must_use]
    pub fn terraform() -> Self {
        Self { family: Family::Terraform, ..Self::default() }
    }

    /// Reads the variables of the tools for OpenStack and Open Telekom Cloud in place of those of the SDKs: `OS_ACCESS_KEY`,
    /// `OS_SECRET_KEY`, `OS_SECURITY_TOKEN` and `OS_PROJECT_ID`. User names and passwords are not read. They are never part of
    /// [`DefaultCredentials`](super::DefaultCredentials).
    #[must_use]
    pub fn openstack() -> Self {
        Self { family: Family::OpenStack, ..Self::default() }
    }

    /// The region whose IAM exchanges an id token, unless `HUAWEICLOUD_SDK_IAM_ENDPOINT` says where. Unless
    /// set, it is that of the client.
    #[must_use]
    pub fn region(self, region: impl Into<Region>) -> Self {
        Self { last: Last::default(), iam: Iam { region: Some(region.into()), ..self.iam }, ..self }
    }

    /// How an id token is sent to IAM, in place of the client's transport.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        Self { last: Last::default(), iam: Iam { transport: Some(Arc::new(transport)), ..self.iam }, ..self }
    }

    fn load(&self) -> Result<Arc<Found>, CredentialsError> {
        let settings = self.family.read(|name| std::env::var_os(name))?;
        let (access_key, secret_key) = (settings.access_key.name, settings.secret_key.name);
        self.last.find(settings, None, &self.iam)?.ok_or_else(|| unset(access_key, secret_key))
    }
}

fn unset(access_key: &str, secret_key: &str) -> CredentialsError {
    CredentialsError::not_configured(format!("{access_key} and {secret_key} are not set"))
}

impl ProvideCredentials for EnvCredentials {
    fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        match self.load() {
            Ok(found) => Box::pin(async move { found.provide(context).await }),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        self.load()?.check(context)
    }

    fn refused(&self, credentials: &Credentials) {
        if let Some(found) = self.last.found() {
            found.refused(credentials);
        }
    }

    fn name(&self) -> &'static str {
        match self.family {
            Family::Sdk => "environment",
            Family::Terraform => "environment (Terraform)",
            Family::OpenStack => "environment (OpenStack)",
        }
    }
}

impl Family {
    fn read(self, variable: impl Fn(&str) -> Option<OsString>) -> Result<Settings, CredentialsError> {
        const TERRAFORM: [&str; 4] = ["HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN", "HW_PROJECT_ID"];
        const OPENSTACK: [&str; 4] = ["OS_ACCESS_KEY", "OS_SECRET_KEY", "OS_SECURITY_TOKEN", "OS_PROJECT_ID"];

        let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
        let [access_key, secret_key, security_token, project_id] = match self {
            Self::Sdk => return read(variable),
            // Never a key of one family with one of the other.
            Self::Terraform if TERRAFORM.iter().take(2).any(is_set) => TERRAFORM,
            Self::Terraform if OPENSTACK.iter().take(2).any(is_set) => OPENSTACK,
            Self::Terraform => TERRAFORM,
            Self::OpenStack => OPENSTACK,
        };
        let setting = |name| setting(&variable, name);
        Ok(Settings {
            access_key: setting(access_key)?,
            secret_key: setting(secret_key)?,
            security_token: setting(security_token)?,
            project_id: setting(project_id)?,
            iam_endpoint: None,
            idp_id: Setting { name: "", value: None },
            id_token_file: Setting { name: "", value: None },
        })
    }
}

/// Reads one variable. An empty one counts as unset.
fn setting(variable: impl Fn(&str) -> Option<OsString>, name: &'static str) -> Result<Setting, CredentialsError> {
    let value = match variable(name).map(OsString::into_string) {
        Some(Ok(value)) if !value.is_empty() => Some(Zeroizing::new(value)),
        Some(Err(_)) => return Err(CredentialsError::invalid(format!("{name} is not Unicode text"))),
        _ => None,
    };
    Ok(Setting { name, value })
}

fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Settings, CredentialsError> {
    let setting = |name| setting(&variable, name);
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
        read(variable)?.find(&Iam::default())?.ok_or_else(|| unset("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"))
    }

    fn with(variables: &[(&str, &str)]) -> Result<Credentials, CredentialsError> {
        match found(variables)? {
            Found::Keys(keys) => Ok(keys),
            Found::Federated(federal) => panic!("{federal:?}"),
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
        assert_eq!((found.access_key(), found.session_token(), found.project_id()), ("new", Some("token"), Some("p1")));
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
        let Found::Federated(federal) = found(&all).unwrap() else { panic!("keys") };
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

    #[test]
    fn the_variables_of_other_tools_are_read_by_name_and_never_mixed() {
        let read = |family: Family, set: &[&str]| {
            let variable = |name: &str| set.contains(&name).then(|| OsString::from(name.replace('_', "-")));
            let found = family.read(variable)?.find(&Iam::default())?;
            Ok::<_, CredentialsError>(found.map(|found| match found {
                Found::Keys(keys) => {
                    format!("{} {:?} {:?}", keys.access_key(), keys.session_token(), keys.project_id())
                }
                Found::Federated(federal) => panic!("{federal:?}"),
            }))
        };
        let hw = ["HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN", "HW_PROJECT_ID"];
        let os = ["OS_ACCESS_KEY", "OS_SECRET_KEY", "OS_PROJECT_ID", "OS_PASSWORD"];
        let both = [&hw[..], &os[..]].concat();
        let of_hw = Some("HW-ACCESS-KEY Some(\"HW-SECURITY-TOKEN\") Some(\"HW-PROJECT-ID\")".to_owned());
        let of_os = Some("OS-ACCESS-KEY None Some(\"OS-PROJECT-ID\")".to_owned());
        for (family, set, expected) in [
            (Family::Terraform, &both[..], &of_hw),
            (Family::Terraform, &os[..], &of_os),
            (Family::OpenStack, &both[..], &of_os),
            (Family::OpenStack, &hw[..], &None),
            (Family::Terraform, &["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"][..], &None),
            (Family::Sdk, &both[..], &None),
        ] {
            assert_eq!(read(family, set).unwrap_or_else(|error| panic!("{error}")), *expected, "{family:?}");
        }
        let mixed = read(Family::Terraform, &["HW_ACCESS_KEY", "OS_SECRET_KEY"]).unwrap_err();
        assert_eq!(mixed.to_string(), "HW_ACCESS_KEY is set but HW_SECRET_KEY is not: set both");
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
