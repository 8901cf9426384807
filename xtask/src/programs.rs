//! Programs of this machine: where they are, and which packages bring them.

use std::path::{Path, PathBuf};

/// A program, and how to get it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// The command, as it is called.
    pub command: &'static str,
    /// The Debian packages that bring it.
    pub packages: &'static [&'static str],
    /// What it is needed for.
    pub purpose: &'static str,
}

impl Program {
    /// Is it installed?
    pub fn is_there(&self) -> bool {
        find(self.command).is_some()
    }
}

/// Where servers are that Debian keeps off the PATH of users.
const SYSTEM_FOLDERS: &[&str] = &["/usr/local/sbin", "/usr/sbin"];

/// Debian has a folder here for each version of PostgreSQL, and none of them is on the PATH.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";

/// The file that runs as `command`.
pub fn find(command: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(SYSTEM_FOLDERS.iter().map(PathBuf::from));
    folders
        .chain(newest_postgres(Path::new(POSTGRES_VERSIONS)))
        .map(|folder| folder.join(command))
        .find(|file| file.is_file())
}

/// The `bin` folder of PostgreSQL: the newest of those that Debian installs, or the one on the PATH.
pub fn postgres_bin() -> Option<PathBuf> {
    newest_postgres(Path::new(POSTGRES_VERSIONS)).or_else(|| {
        // A link on the PATH leads to the folder where its companions are.
        let initdb = find("initdb")?.canonicalize().ok()?;
        initdb.parent().map(Path::to_owned)
    })
}

/// The `bin` folder of the highest version in `versions` that has a server.
fn newest_postgres(versions: &Path) -> Option<PathBuf> {
    let folders = versions.read_dir().ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let numbered = folders.filter_map(|folder| {
        let number: u32 = folder.file_name()?.to_str()?.parse().ok()?;
        // Some packages bring the client alone.
        Some((number, folder.join("bin"))).filter(|(_, bin)| bin.join("initdb").is_file())
    });
    numbered.max_by_key(|(number, _)| *number).map(|(_, bin)| bin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn given_several_versions_then_the_highest_that_has_a_server_is_taken() {
        let versions = tempfile::tempdir().unwrap();
        for (version, program) in [("9", "initdb"), ("15", "initdb"), ("17", "psql"), ("old", "initdb")] {
            let bin = versions.path().join(version).join("bin");
            fs::create_dir_all(&bin).unwrap();
            fs::write(bin.join(program), "").unwrap();
        }
        assert_eq!(newest_postgres(versions.path()), Some(versions.path().join("15/bin")));
    }

    #[test]
    fn given_no_version_then_there_is_none() {
        let versions = tempfile::tempdir().unwrap();
        assert_eq!(newest_postgres(versions.path()), None);
        assert_eq!(newest_postgres(&versions.path().join("nowhere")), None);
    }

    #[test]
    fn what_is_installed_nowhere_is_not_found() {
        assert_eq!(find("no-such-program-anywhere"), None);
        assert!(find("sh").is_some());
    }
}
