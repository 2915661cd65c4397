//! Reads files, such as may hold secrets.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::SystemTime;

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

/// Whether a file that nobody named is as good as absent. Service accounts have `/dev/null` for a home, or one that they must
/// not look into.
pub(crate) fn counts_as_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied)
}

/// What changes when a file is replaced or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// The stamp of a file as it is now; `None` if there is none, or none that can be looked at.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let data = std::fs::metadata(path).ok()?;
        Some(Self { size: data.len(), modified: data.modified().ok() })
    }
}

/// A path as it can be shown: people have been seen to put the token where the name of its file belongs.
pub(super) fn shown(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    if name.len() > 255 || name.as_encoded_bytes().starts_with(b"eyJ") {
        "[not shown: it looks like a token, not like the name of a file]".to_owned()
    } else {
        path.display().to_string()
    }
}
