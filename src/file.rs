//! Reads files, such as may hold secrets.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

/// The largest file that is read, in bytes: far beyond any profile or token.
const MAX: usize = 1024 * 1024;

/// A file's contents, which are wiped when they are dropped. Only a regular file is read: to open a pipe or a device may
/// take forever.
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
    // One piece from the start, for a vector that grows leaves its former contents behind. Files in /proc have no size.
    let mut contents = Zeroizing::new(Vec::with_capacity(size.max(16 * 1024) + 64));
    let limit = u64::try_from(MAX + 1).unwrap_or(u64::MAX);
    file.by_ref().take(limit).read_to_end(&mut contents)?;
    if contents.len() > MAX {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(contents)
}

/// Returns `true` if a file that was not named counts as absent. The home directory of a service account may be `/dev/null`,
/// or unreadable.
pub(crate) fn counts_as_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied)
}

/// What changes when a file is replaced or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    inode: u64,
}

/// How old a change must be for the next one to have another time: file systems count in steps of up to two seconds.
const STEP: Duration = Duration::from_secs(2);

impl Stamp {
    /// The stamp of a file as it is now; `None` if there is none, or none that can be looked at.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let data = std::fs::metadata(path).ok()?;
        Some(Self {
            size: data.len(),
            modified: data.modified().ok(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(&data),
        })
    }

    /// Whether the file would show by its stamp if it changed now.
    pub(crate) fn is_settled(&self) -> bool {
        let age = self.modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        age.is_some_and(|age| age > STEP)
    }
}

/// A path as it can be shown. People have been seen to put a token, or what a file holds, where its name belongs, so a step of
/// the path that could be a secret is not repeated; nor is anything, unless the path starts at a root and its first step is
/// plain.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    let (root, steps) = match text.find(|c| !is_separator(c)) {
        Some(start) => text.split_at(start),
        None => (&*text, ""),
    };
    let first = steps.split(is_separator).next().unwrap_or_default();
    let is_rooted = !root.is_empty() || matches!(first, "." | ".." | "~") || path.is_absolute();
    let any = steps.split(is_separator).any(could_be_secret);
    if text.len() > 1024 || (any && (!is_rooted || could_be_secret(first))) {
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

/// Whether a step of a path has a word that is made like keys and tokens are: of 16 and more letters and digits, both of them,
/// or of 40 and more. Words of UUIDs, dates and names of people's own are not.
fn could_be_secret(step: &str) -> bool {
    let is_long = |word: &str| {
        let has = |is: fn(&u8) -> bool| word.bytes().any(|b| is(&b));
        word.len() >= 40 || (word.len() >= 16 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic))
    };
    step.starts_with("eyJ")
        || step.contains(|c: char| c.is_control() || matches!(c, '"' | '{'))
        || step.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '=' | '%')).any(is_long)
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
