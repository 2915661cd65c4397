//! A file with a token, which another program renews.

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use super::{CredentialsError, check};
use crate::file;

/// A file with a token. It is read each time that the token is needed.
#[derive(Clone)]
pub(super) struct TokenFile {
    /// What the token is, in messages.
    what: &'static str,
    /// The variable or key that the path is from, if it is not set in the program.
    origin: Option<&'static str>,
    path: PathBuf,
    /// The file as it was when it was last read.
    read: Arc<Mutex<Option<file::Stamp>>>,
}

impl TokenFile {
    pub(super) fn new(what: &'static str, path: impl Into<PathBuf>) -> Self {
        Self { what, origin: None, path: path.into(), read: Arc::default() }
    }

    /// Notes that the path is from this variable or key.
    pub(super) fn from(self, origin: &'static str) -> Self {
        Self { origin: Some(origin), ..self }
    }

    /// Returns `true` if the file has changed since it was read.
    pub(super) fn has_changed(&self) -> bool {
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) != file::Stamp::of(&self.path)
    }

    /// Returns the token, without white space around it.
    pub(super) fn token(&self) -> Result<Zeroizing<String>, CredentialsError> {
        let (what, shown) = (self.what, file::shown(&self.path));
        let origin = self.origin.map(|origin| format!(" ({origin})")).unwrap_or_default();
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = file::Stamp::of(&self.path);
        let contents = match file::read(&self.path) {
            Ok(contents) => contents,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(CredentialsError::invalid(format!(
                    "there is no file {shown}, which should hold the {what}{origin}: create it, or correct its path"
                )));
            }
            Err(error) => {
                let hint =
                    if error.kind() == ErrorKind::PermissionDenied { " by this user" } else { "" };
                let message = format!(
                    "the file {shown}, which should hold the {what}{origin}, can't be read{hint}"
                );
                return Err(CredentialsError::failed(message, error));
            }
        };
        let token = std::str::from_utf8(&contents).map_or("\u{fffd}", str::trim);
        match check(what, token) {
            Ok(()) => Ok(Zeroizing::new(token.to_owned())),
            Err(error) => Err(error.after(shown)),
        }
    }
}

impl fmt::Debug for TokenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenFile").field("path", &file::shown(&self.path)).finish_non_exhaustive()
    }
}
