//! Credentials from the profile of KooCLI, `hcloud`.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::settings::{Iam, Last, Setting, Settings, Source, by_settings};
use super::{Credentials, CredentialsContext, CredentialsError, ProvideCredentials};
use crate::BoxFuture;
use crate::file::{self, Stamp};
use crate::text::printable;
use crate::transport::Transport;

/// Credentials from a profile of KooCLI, the command line tool `hcloud`: `~/.hcloud/config.json`.
///
/// By default, KooCLI encrypts the file in a way that is not documented. Turn this off with
/// `hcloud configure set --cli-auth-encrypt=false`; an encrypted file is an error. This provider is
/// never part of [`DefaultCredentials`](super::DefaultCredentials).
///
/// | mode of the profile | credentials |
/// |---|---|
/// | `AKSK` | its access key, secret key and security token |
/// | `SSO` | the temporary ones of the last login |
/// | `ecsAgency` | those of [`MetadataCredentials`](super::MetadataCredentials) |
/// | others | an error; for `AssumeRole`, see [`AssumeAgency`](super::AssumeAgency) |
///
/// In each mode, the project and the account are the profile's `projectId` and `domainId`, if they
/// are set. Its `region` is not read: set the region of the client.
///
/// The file is read again when its size or time has changed. Nothing is sent, except to the
/// metadata service in the mode `ecsAgency`. If the default file is missing, the provider is
/// [not configured](super::CredentialsErrorKind::NotConfigured); a profile that is missing or can't
/// be used is an error. The temporary credentials of the mode `SSO` are not renewed: log in again.
///
/// ```
/// use huaweicloud_cts::credentials::KooCliCredentials;
///
/// let provider = KooCliCredentials::new().profile("audit");
/// ```
///
/// Source: the manual of KooCLI, April 2026.
#[derive(Clone, Default)]
pub struct KooCliCredentials {
    path: Option<PathBuf>,
    profile: Option<String>,
    last: Last,
    iam: Iam,
}

impl KooCliCredentials {
    /// Creates a provider for the current profile, which is the one that was configured last. Reads
    /// nothing yet.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::KooCliCredentials;
    ///
    /// let provider = KooCliCredentials::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the profile.
    #[must_use]
    pub fn profile(self, name: impl Into<String>) -> Self {
        Self { profile: Some(name.into()), last: Last::default(), ..self }
    }

    /// Sets the file, in place of `~/.hcloud/config.json`.
    #[must_use]
    pub fn path(self, path: impl Into<PathBuf>) -> Self {
        Self { path: Some(path.into()), last: Last::default(), ..self }
    }

    /// Sets the transport to the metadata service, in place of the client's.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        Self {
            last: Last::default(),
            iam: Iam { transport: Some(Arc::new(transport)), ..self.iam },
            ..self
        }
    }

    fn load(&self) -> Result<Arc<Source>, CredentialsError> {
        let path = match (&self.path, std::env::home_dir()) {
            (Some(path), _) => path.clone(),
            (None, Some(home)) if !home.as_os_str().is_empty() => {
                home.join(".hcloud").join("config.json")
            }
            (None, _) => {
                return Err(CredentialsError::not_configured(
                    "there is no home directory to look in",
                ));
            }
        };
        // Taken before the file is read, so that a change in between is noticed the next time.
        let stamp = Stamp::of(&path);
        if let Some(found) = self.last.of_file(&path, stamp) {
            return Ok(found);
        }
        let shown = file::shown(&path);
        let settings = self.read(&path).map_err(|error| error.after(&shown))?;
        let found = self.last.find(settings, stamp.map(|stamp| (path, stamp)), &self.iam);
        found.map_err(|error| error.after(&shown))?.ok_or_else(|| {
            CredentialsError::invalid(format!(
                "{shown}: the profile has no accessKeyId and secretAccessKey: log in with KooCLI (mode SSO), or run hcloud \
                 configure set (mode AKSK)"
            ))
        })
    }

    fn read(&self, path: &Path) -> Result<Settings, CredentialsError> {
        let contents = match file::read(path) {
            Ok(contents) => contents,
            Err(error) if error.kind() == ErrorKind::NotFound && self.path.is_none() => {
                return Err(CredentialsError::not_configured("there is no such file"));
            }
            Err(error) => return Err(CredentialsError::failed("it can't be read", error)),
        };
        // The message of serde would show the value that it did not expect.
        let config: Config = serde_json::from_slice(&contents).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            CredentialsError::invalid(format!(
                "it is not a configuration of KooCLI (line {line}, column {column})"
            ))
        })?;
        config.select(self.profile.as_deref())
    }
}

/// The fields of the file that are read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    /// A string in the documented files.
    auth_encrypt: Option<Value>,
    current: Option<String>,
    profiles: Vec<Profile>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Profile {
    name: Option<String>,
    mode: Option<String>,
    // Not flattened, because serde would keep copies that are not wiped.
    access_key_id: Option<Zeroizing<String>>,
    secret_access_key: Option<Zeroizing<String>>,
    security_token: Option<Zeroizing<String>>,
    project_id: Option<Zeroizing<String>>,
    domain_id: Option<Zeroizing<String>>,
    sso_auth: Option<SsoAuth>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StsToken {
    access_key_id: Option<Zeroizing<String>>,
    secret_access_key: Option<Zeroizing<String>>,
    security_token: Option<Zeroizing<String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SsoAuth {
    sts_token: Option<StsToken>,
}

impl Config {
    fn select(self, wanted: Option<&str>) -> Result<Settings, CredentialsError> {
        let is_plain = match &self.auth_encrypt {
            Some(Value::Bool(is_encrypted)) => !is_encrypted,
            Some(Value::String(value)) => value.eq_ignore_ascii_case("false"),
            _ => false,
        };
        if !is_plain {
            return Err(CredentialsError::invalid(
                "its credentials are encrypted, and only KooCLI can read them: run hcloud configure set \
                 --cli-auth-encrypt=false, which stores them in plain text, or use other credentials",
            ));
        }
        let name = wanted.or(self.current.as_deref()).unwrap_or_default().to_owned();
        let shown = printable(&name, 100);
        let names: Vec<_> =
            self.profiles.iter().filter_map(|profile| profile.name.as_deref()).collect();
        let known = printable(&names.join(", "), 200);
        let profile =
            self.profiles.into_iter().find(|profile| profile.name.as_deref() == Some(&name));
        let profile = profile.ok_or_else(|| {
            CredentialsError::invalid(if known.is_empty() {
                "it has no profiles: run hcloud configure set".to_owned()
            } else if name.is_empty() {
                format!("it has no current profile: call profile(…) with one of {known}")
            } else {
                format!("it has no profile {shown:?}: call profile(…) with one of {known}")
            })
        })?;
        let is_server = profile.mode.as_deref() == Some("ecsAgency");
        let credentials = match profile.mode.as_deref().unwrap_or("AKSK") {
            "AKSK" => StsToken {
                access_key_id: profile.access_key_id,
                secret_access_key: profile.secret_access_key,
                security_token: profile.security_token,
            },
            "SSO" => profile.sso_auth.and_then(|auth| auth.sts_token).unwrap_or_default(),
            "ecsAgency" => StsToken::default(),
            "AssumeRole" => {
                return Err(CredentialsError::invalid(format!(
                    "the profile {shown:?} assumes an agency: use AssumeAgency with a profile of mode AKSK as its source"
                )));
            }
            mode => {
                let mode = printable(mode, 40);
                return Err(CredentialsError::invalid(format!(
                    "the profile {shown:?} has the mode {mode:?}, which has no access key: use one of mode AKSK or SSO"
                )));
            }
        };
        let setting = |name, value: Option<Zeroizing<String>>| Setting {
            name,
            value: value.filter(|value| !value.is_empty()),
        };
        Ok(Settings {
            access_key: setting("accessKeyId", credentials.access_key_id),
            secret_key: setting("secretAccessKey", credentials.secret_access_key),
            security_token: setting("securityToken", credentials.security_token),
            project_id: setting("projectId", profile.project_id),
            domain_id: setting("domainId", profile.domain_id),
            iam_endpoint: None,
            idp_id: Setting::NONE,
            id_token_file: Setting::NONE,
            is_server,
        })
    }
}

impl ProvideCredentials for KooCliCredentials {
    by_settings!();

    fn name(&self) -> &'static str {
        "KooCLI"
    }
}

impl fmt::Debug for KooCliCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KooCliCredentials")
            .field("path", &self.path.as_deref().map(file::shown))
            .field("profile", &self.profile)
            .field("last", &self.last)
            .field("iam", &self.iam)
            .finish()
    }
}
