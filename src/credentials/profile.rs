//! Credentials from a file in the user's home directory.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::ini::{self, BadLine};
use super::settings::{Iam, Last, Setting, Settings, Source, by_settings};
use super::{Credentials, CredentialsContext, CredentialsError, ProvideCredentials};
use crate::BoxFuture;
use crate::file::{self, Stamp};
use crate::region::Region;
use crate::transport::Transport;

const VARIABLE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";

/// Credentials from the profile file that the official SDKs read: `~/.huaweicloud/credentials`, or
/// the one that `HUAWEICLOUD_SDK_CREDENTIALS_FILE` names.
///
/// ```ini
/// [basic]
/// ak = …
/// sk = …
/// # only for temporary credentials:
/// security_token = …
/// project_id = …
/// ```
///
/// With `idp_id` and `id_token_file` (and optionally `iam_endpoint`), the credentials are
/// [`FederatedCredentials`](super::FederatedCredentials), even if `ak` and `sk` are set too. Other
/// keys and sections are ignored. A `%` has no special meaning, and a comment needs a line of its
/// own.
///
/// The size and time of the file are checked each time that credentials are needed, and the file is
/// read again if they have changed: replace it, best by renaming, and the next call uses the new
/// credentials. [`CachedCredentials`] is not needed, and would keep permanent credentials forever.
/// A file that was named must exist and be readable. The default one may be missing or unreadable,
/// or have no `[basic]` or no credentials in it; the provider is then not configured. It must be a
/// regular file of at most 1 MiB. Half of a pair, and a line that could be misread, are errors with
/// the file and the line. Nothing is sent, unless there is an id token to exchange.
///
/// [`CachedCredentials`]: super::CachedCredentials
#[derive(Clone, Default)]
pub struct ProfileCredentials {
    path: Option<PathBuf>,
    last: Last,
    iam: Iam,
}

impl ProfileCredentials {
    /// Creates a provider. Reads nothing yet.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::ProfileCredentials;
    ///
    /// let provider = ProfileCredentials::new().path("/etc/audit/credentials");
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the file, in place of the default one and the one in
    /// `HUAWEICLOUD_SDK_CREDENTIALS_FILE`.
    #[must_use]
    pub fn path(self, path: impl Into<PathBuf>) -> Self {
        Self { path: Some(path.into()), last: Last::default(), ..self }
    }

    /// Sets the region whose IAM exchanges an id token, if the file names no endpoint. It takes
    /// precedence over `HUAWEICLOUD_SDK_IAM_ENDPOINT`. By default, it is the region of the client,
    /// over which the variable takes precedence.
    #[must_use]
    pub fn region(self, region: impl Into<Region>) -> Self {
        let iam = Iam { region: Some(region.into()), ..self.iam };
        Self { iam, last: Last::default(), ..self }
    }

    /// Sets the transport for the exchange of an id token, in place of the client's.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        let iam = Iam { transport: Some(Arc::new(transport)), ..self.iam };
        Self { iam, last: Last::default(), ..self }
    }

    fn load(&self) -> Result<Arc<Source>, CredentialsError> {
        let (path, origin) =
            located(self.path.as_deref(), std::env::var_os(VARIABLE), std::env::home_dir())?;
        // Taken before the file is read, so that a change in between is noticed the next time.
        let stamp = Stamp::of(&path);
        if let Some(found) = self.last.of_file(&path, stamp) {
            return Ok(found);
        }
        let settings = read(&path, origin)?;
        let shown = file::shown(&path);
        let found = self.last.find(settings, stamp.map(|stamp| (path, stamp)), &self.iam);
        found.map_err(|error| error.after(&shown))?.ok_or_else(|| {
            CredentialsError::not_configured(format!(
                "{shown} has neither ak and sk nor idp_id and id_token_file"
            ))
        })
    }
}

impl ProvideCredentials for ProfileCredentials {
    by_settings!();

    fn name(&self) -> &'static str {
        "profile"
    }
}

impl fmt::Debug for ProfileCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileCredentials")
            .field("path", &self.path.as_deref().map(file::shown))
            .field("last", &self.last)
            .field("iam", &self.iam)
            .finish()
    }
}

/// What named the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Program,
    Variable,
    Default,
}

/// Returns the file to read, and what named it.
fn located(
    path: Option<&Path>,
    variable: Option<OsString>,
    home: Option<PathBuf>,
) -> Result<(PathBuf, Origin), CredentialsError> {
    if let Some(path) = path {
        return Ok((path.to_owned(), Origin::Program));
    }
    if let Some(path) = variable.filter(|path| !path.is_empty()) {
        return Ok((PathBuf::from(path), Origin::Variable));
    }
    match home.filter(|home| !home.as_os_str().is_empty()) {
        Some(home) => Ok((home.join(".huaweicloud").join("credentials"), Origin::Default)),
        None => Err(CredentialsError::not_configured("there is no home directory to look in")),
    }
}

fn read(path: &Path, origin: Origin) -> Result<Settings, CredentialsError> {
    let shown = file::shown(path);
    let contents = match file::read(path) {
        Ok(contents) => contents,
        Err(error) => return Err(unreadable(path, origin, error)),
    };
    let contents = std::str::from_utf8(&contents).map_err(|error| {
        CredentialsError::invalid(format!(
            "{shown} is not valid UTF-8 at byte {}",
            error.valid_up_to()
        ))
    })?;
    let basic = ini::basic(contents)
        .map_err(|BadLine { line, reason }| {
            CredentialsError::invalid(format!("{shown}, line {line}: {reason}"))
        })?
        .ok_or_else(|| {
            CredentialsError::not_configured(format!("{shown} has no section [basic]"))
        })?;
    let secret = |key| basic.get(key).map(|value| Zeroizing::new(value.to_owned()));
    let public = |key| basic.get(key).map(str::to_owned);
    let setting = |name| Setting { name, value: secret(name) };
    Ok(Settings {
        access_key: setting("ak"),
        secret_key: setting("sk"),
        security_token: setting("security_token"),
        project_id: setting("project_id"),
        domain_id: Setting::NONE,
        iam_endpoint: public("iam_endpoint"),
        idp_id: setting("idp_id"),
        id_token_file: setting("id_token_file"),
        is_server: false,
    })
}

fn unreadable(path: &Path, origin: Origin, error: io::Error) -> CredentialsError {
    let mut shown = file::shown(path);
    if origin == Origin::Variable {
        shown = format!("{shown} ({VARIABLE})");
    }
    let is_missing = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
    match (is_missing, origin) {
        (true, Origin::Default) => {
            CredentialsError::not_configured(format!("there is no file {shown}"))
        }
        (true, _) => CredentialsError::invalid(format!(
            "there is no file {shown}: create it, or correct its path"
        )),
        (false, Origin::Default) if file::counts_as_absent(&error) => {
            CredentialsError::not_configured(format!("{shown} can't be read: {error}"))
        }
        (false, _) => CredentialsError::failed(format!("{shown} can't be read"), error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::CredentialsErrorKind;

    #[test]
    fn a_default_profile_that_is_not_readable_counts_as_absent() {
        let path = Path::new("/root/.huaweicloud/credentials");
        let denied = || io::Error::from(ErrorKind::PermissionDenied);
        let error = unreadable(path, Origin::Default, denied());
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (
                CredentialsErrorKind::NotConfigured,
                "/root/.huaweicloud/credentials can't be read: permission denied"
            )
        );
        assert_eq!(
            unreadable(path, Origin::Program, denied()).kind(),
            CredentialsErrorKind::Failed
        );
        // After other errors, the next provider could have the credentials of another identity.
        let other = io::Error::from(ErrorKind::TimedOut);
        assert_eq!(unreadable(path, Origin::Default, other).kind(), CredentialsErrorKind::Failed);
    }

    #[test]
    fn the_file_is_the_one_in_the_program_or_the_environment_or_the_home_directory() {
        let home = || Some(PathBuf::from("home"));
        let at = |path: Option<&str>, variable: Option<&str>, home| {
            located(path.map(Path::new), variable.map(OsString::from), home)
        };
        assert_eq!(
            at(Some("own"), Some("variable"), home()).unwrap(),
            (PathBuf::from("own"), Origin::Program)
        );
        assert_eq!(
            at(None, Some("variable"), home()).unwrap(),
            (PathBuf::from("variable"), Origin::Variable)
        );
        let default = (Path::new("home").join(".huaweicloud").join("credentials"), Origin::Default);
        assert_eq!(at(None, Some(""), home()).unwrap(), default);
        for home in [None, Some(PathBuf::new())] {
            assert_eq!(
                at(None, None, home).unwrap_err().kind(),
                CredentialsErrorKind::NotConfigured
            );
        }
    }

    #[test]
    fn the_default_file_may_be_missing() {
        let missing = Path::new("/nonexistent/.huaweicloud/credentials");
        let error = read(missing, Origin::Default).err().unwrap();
        assert_eq!(error.kind(), CredentialsErrorKind::NotConfigured);
        assert_eq!(error.to_string(), "there is no file /nonexistent/.huaweicloud/credentials");
        // Service accounts have `/dev/null` for a home.
        let under_a_file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").join("credentials");
        assert_eq!(
            read(&under_a_file, Origin::Default).err().unwrap().kind(),
            CredentialsErrorKind::NotConfigured
        );
        let named = read(missing, Origin::Variable).err().unwrap();
        assert_eq!(named.kind(), CredentialsErrorKind::Invalid);
        assert!(
            named.to_string().contains("(HUAWEICLOUD_SDK_CREDENTIALS_FILE): create it"),
            "{named}"
        );
    }
}
