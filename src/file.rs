//! Files that may contain secrets.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

/// The maximum size of a file, in bytes, far beyond that of any profile or token.
const MAX: usize = 1024 * 1024;

/// Reads a file. The contents are wiped when they are dropped. Only a regular file is read, because
/// opening a pipe or a device may take forever.
pub(crate) fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let irregular = || io::Error::new(ErrorKind::InvalidInput, "it is not a regular file");
    if !std::fs::metadata(path)?.is_file() {
        return Err(irregular());
    }
    let mut file = File::open(path)?;
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(irregular());
    }
    let size = usize::try_from(data.len()).unwrap_or(MAX).min(MAX);
    // Allocated once, because a vector that grows leaves its former contents behind. Files in /proc
    // have no size.
    let mut contents = Zeroizing::new(Vec::with_capacity(size.max(16 * 1024) + 64));
    let limit = u64::try_from(MAX + 1).unwrap_or(u64::MAX);
    file.by_ref().take(limit).read_to_end(&mut contents)?;
    if contents.len() > MAX {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(contents)
}

/// Returns `true` if a file that was not named counts as absent. The home directory of a service
/// account may be `/dev/null`, or unreadable.
pub(crate) fn counts_as_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied
    )
}

/// The metadata of a file that changes when it is replaced or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    inode: u64,
}

/// The age of a change after which the next one surely has another time: file systems count in
/// steps of up to two seconds.
const STEP: Duration = Duration::from_secs(2);

impl Stamp {
    /// Returns the stamp of a file; `None` if it does not exist or can't be inspected.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let data = std::fs::metadata(path).ok()?;
        Some(Self {
            size: data.len(),
            modified: data.modified().ok(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(&data),
        })
    }

    /// Returns `true` if a change of the file from now on would change the stamp.
    pub(crate) fn is_settled(&self) -> bool {
        let age =
            self.modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        age.is_some_and(|age| age > STEP)
    }
}

/// Returns a path as it can be shown. Users set a token or the contents of a file by mistake where
/// its name belongs. So parts of the path that could be a secret are hidden, and the whole path is
/// if it does not start at a root or its first part could be one.
pub(crate) fn shown(path: &Path) -> String {
    let whole = path.to_string_lossy();
    let (root, steps) = match whole.find(|c| !is_separator(c)) {
        Some(start) => whole.split_at(start),
        None => (&*whole, ""),
    };
    let first = steps.split(is_separator).next().unwrap_or_default();
    let is_rooted = !root.is_empty() || matches!(first, "." | ".." | "~") || path.is_absolute();
    let any = steps.split(is_separator).any(could_be_secret);
    if whole.len() > 1024 || (any && (!is_rooted || could_be_secret(first))) {
        return "[not shown: it looks like a token, not like the name of a file]".to_owned();
    }
    let mut shown = root.to_owned();
    for step in steps.split_inclusive(is_separator) {
        let name = step.trim_end_matches(is_separator);
        shown.push_str(if could_be_secret(name) { "[hidden]" } else { name });
        shown.push_str(step.get(name.len()..).unwrap_or_default());
    }
    shown
}

fn is_separator(c: char) -> bool {
    matches!(c, '/' | '\\')
}

/// Returns `true` if a part of a path has a word that looks like a key or a token: 16 or more
/// characters with both letters and digits, or 40 or more. The words of UUIDs, dates and usual
/// names do not.
fn could_be_secret(step: &str) -> bool {
    let is_long = |word: &str| {
        let has = |is: fn(&u8) -> bool| word.bytes().any(|b| is(&b));
        word.len() >= 40
            || (word.len() >= 16 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic))
    };
    step.starts_with("eyJ")
        || step.contains(|c: char| c.is_control() || matches!(c, '"' | '{'))
        || step
            .split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '=' | '%'))
            .any(is_long)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCESS_KEY: &str = "HSTA1B2C3D4E5F6G7H8I";
    const SECRET: &str = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmF4";

    #[test]
    fn paths_are_shown() {
        for path in [
            "token",
            "id-token.jwt",
            "./keys/credentials 2026-11-25.ini",
            "~/.huaweicloud/credentials",
            "/var/run/secrets/kubernetes.io/serviceaccount/..2026_11_25_11_00_00.1234567890123456/token",
            "/var/lib/kubelet/pods/0b9e8f6a-5c4d-4e3f-8a2b-1c0d9e8f7a6b/volumes",
            "C:\\Users\\alice\\My Documents\\huaweicloud-service-account-token",
            "/home/ä/ApplicationSupportFiles/ключ",
            "/dev/null",
            "//server//share/",
            "/",
            "",
        ] {
            assert_eq!(shown(Path::new(path)), path);
        }
        let store = format!("/nix/store/{ACCESS_KEY}-keys/credentials");
        assert_eq!(shown(Path::new(&store)), "/nix/store/[hidden]/credentials");
        assert_eq!(shown(Path::new(&format!("..\\{SECRET}\\"))), "..\\[hidden]\\");
    }

    #[test]
    fn what_could_be_a_secret_is_not_shown() {
        for secret in [
            ACCESS_KEY.to_owned(),
            SECRET.to_owned(),
            "eyJhbGciOiJ.e.s".to_owned(),
            format!("eyJhbGciOiJSUzI1NiJ9.{SECRET}.a-b_c"),
            format!("MIIF/a+b/{SECRET}=="),
            format!("/9j/{SECRET}"),
            format!("/{SECRET}/sentinel/a"),
            format!("{{\"token\":\"{ACCESS_KEY}\"}}"),
            format!("[basic]\nak={ACCESS_KEY}\nsk=sentinel"),
            "{\"token\":\"sentinel\"}".to_owned(),
            "sentinel\n".to_owned(),
            "sentinel-a/".repeat(200),
        ] {
            let shown = shown(Path::new(&secret));
            for part in [ACCESS_KEY, SECRET, "sentinel", "eyJ"] {
                assert!(!shown.contains(part), "{shown}");
            }
        }
    }
}
