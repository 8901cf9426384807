//! Is the file at the path still the one that was opened?
//!
//! A file that was deleted or replaced, by a restored backup say, stays readable and writable to
//! whoever has it open. What is written to it then is acknowledged, and gone.

use governance_persistence::Error;
use std::path::PathBuf;

/// The file that was opened.
#[derive(Clone, Debug)]
pub(crate) struct FileIdentity {
    path: PathBuf,
    id: Option<(u64, u64)>,
}

/// The file at the path is not the one that was opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replaced;

impl From<Replaced> for Error {
    fn from(_: Replaced) -> Self {
        Self::not_applied("the database file was moved, deleted or replaced; open the backplane anew", None)
    }
}

impl FileIdentity {
    /// The file that is at this path now.
    pub(crate) fn of(path: PathBuf) -> Self {
        let id = id_of(&path);
        Self { path, id }
    }

    /// Is it still there?
    pub(crate) fn check(&self) -> Result<(), Replaced> {
        if id_of(&self.path) == self.id { Ok(()) } else { Err(Replaced) }
    }
}

/// Device and inode.
#[cfg(unix)]
fn id_of(path: &std::path::Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Elsewhere a file that is open cannot be replaced.
#[cfg(not(unix))]
fn id_of(_: &std::path::Path) -> Option<(u64, u64)> {
    None
}
