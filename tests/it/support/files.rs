//! Files and directories that go with their test.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file that goes with the test.
pub(crate) struct TestFile(PathBuf);

impl TestFile {
    pub(crate) fn new(contents: impl AsRef<[u8]>) -> Self {
        let file = Self(new_path());
        file.write(contents);
        file
    }

    pub(crate) fn write(&self, contents: impl AsRef<[u8]>) {
        std::fs::write(&self.0, contents).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A directory that goes with the test.
#[cfg(feature = "reqwest")]
pub(crate) struct TestDirectory(PathBuf);

#[cfg(feature = "reqwest")]
impl TestDirectory {
    pub(crate) fn new() -> Self {
        let path = new_path();
        // What a run that was killed left there.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

#[cfg(feature = "reqwest")]
impl Drop for TestDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn new_path() -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name =
        format!("credentials-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A pipe without a writer: opening it would block forever.
#[cfg(unix)]
pub(crate) fn fifo() -> TestFile {
    let file = TestFile::new("");
    std::fs::remove_file(file.path()).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(file.path()).status().unwrap().success());
    file
}
