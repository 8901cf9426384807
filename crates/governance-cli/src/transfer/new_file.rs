//! A file that appears under its name when it is whole, and not before.

use crate::failure::Failure;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file that is being written under another name, beside the place it is for. Dropped, it is
/// removed; only a process that is killed leaves a hidden `.partial` behind.
pub(crate) struct NewFile {
    path: PathBuf,
    directory: PathBuf,
    replace: bool,
    partial: BufWriter<NamedTempFile>,
}

impl NewFile {
    /// Begins the file. One that is there already is replaced only if `replace`.
    pub(crate) fn create(path: &Path, replace: bool) -> Result<Self, Failure> {
        let path = match fs::metadata(path) {
            Ok(there) if !there.is_file() => {
                let message = format!("{} is not a file", path.display());
                return Err(Failure::usage(message, "name a file, or - for standard output"));
            }
            Ok(_) if !replace => return Err(exists(path)),
            // What a link points to is replaced, not the link.
            Ok(_) => fs::canonicalize(path).map_err(|error| unwritable(path, &error))?,
            Err(_) => path.to_owned(),
        };
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let directory = directory.to_owned();
        let partial = tempfile::Builder::new().prefix(".governance-").suffix(".partial").tempfile_in(&directory);
        let partial = BufWriter::new(partial.map_err(|error| unwritable(&path, &error))?);
        Ok(Self { path, directory, replace, partial })
    }

    /// Where to write.
    pub(crate) fn writer(&mut self) -> &mut impl Write {
        &mut self.partial
    }

    /// Syncs the file, and gives it its name.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let partial = self.partial.into_inner().map_err(|error| Failure::Output(error.into_error()))?;
        partial.as_file().sync_all()?;
        let named = if self.replace { partial.persist(&self.path) } else { partial.persist_noclobber(&self.path) };
        match named {
            Ok(_) => Ok(sync_directory(&self.directory)?),
            // It came while this one was being written.
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(exists(&self.path)),
            Err(error) => Err(Failure::Output(error.error)),
        }
    }
}

/// A name is durable when its directory is. Elsewhere than on Unix a directory cannot be opened.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

fn exists(path: &Path) -> Failure {
    Failure::usage(format!("{} exists already", path.display()), "name another file, or say --force to replace it")
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("{} cannot be written: {error}", path.display()), "name a file that can be written")
}
