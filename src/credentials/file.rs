//! Reads the files that hold secrets.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// The largest file that is read, in bytes: far beyond any profile or token.
const MAX: usize = 1024 * 1024;

/// A file's contents, which are wiped when they are dropped.
pub(super) fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut file = File::open(path)?;
    let size = file.metadata().map_or(0, |data| usize::try_from(data.len()).unwrap_or(MAX)).min(MAX);
    // One piece from the start, for a vector that grows leaves its former contents behind. Pipes have no size.
    let mut contents = Zeroizing::new(Vec::with_capacity(size.max(16 * 1024) + 64));
    let limit = u64::try_from(MAX + 1).unwrap_or(u64::MAX);
    file.by_ref().take(limit).read_to_end(&mut contents)?;
    if contents.len() > MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(contents)
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
