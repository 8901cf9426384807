//! Debian packages, installed so that no server of theirs starts by itself.

use anyhow::{Context, Result};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use xshell::{Shell, cmd};

/// Debian asks this script whether a server may be started; 101 is no.
const POLICY: (&str, &str) = ("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
/// Debian makes a first database when PostgreSQL is installed, unless it is told not to.
const NO_CLUSTER: (&str, &str) =
    ("/etc/postgresql-common/createcluster.d/governance-tests.conf", "create_main_cluster = false\n");

/// Installs `packages` with apt.
pub(super) fn install(sh: &Shell, packages: &[&str]) -> Result<()> {
    let _unattended = sh.push_env("DEBIAN_FRONTEND", "noninteractive");
    let _no_start = Temporary::create(Path::new(POLICY.0), POLICY.1)?;
    let brings_postgres = packages.iter().any(|package| package.starts_with("postgresql"));
    let _no_cluster = brings_postgres.then(|| Temporary::create(Path::new(NO_CLUSTER.0), NO_CLUSTER.1)).transpose()?;
    // Another apt may be at work, as on a machine that has just started.
    let wait = ["-o", "DPkg::Lock::Timeout=120"];
    cmd!(sh, "apt-get {wait...} --quiet update").run()?;
    cmd!(sh, "apt-get {wait...} --quiet --yes --no-install-recommends install {packages...}").run()?;
    Ok(())
}

/// Files that are there for a while: those that were missing, with their folders.
struct Temporary {
    file: Option<PathBuf>,
}

impl Temporary {
    /// Writes `text` to `file`, which can then be run. A file that is there already stays as it is.
    fn create(file: &Path, text: &str) -> Result<Self> {
        if file.exists() {
            return Ok(Self { file: None });
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
        let created = Self { file: Some(file.to_owned()) };
        fs::set_permissions(file, Permissions::from_mode(0o755))?;
        Ok(created)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Folders stay: the package may have them too.
        if let Some(Err(error)) = self.file.take().map(fs::remove_file) {
            eprintln!("a file that was to be temporary is still there: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_no_file_then_it_is_there_only_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("conf.d/policy");
        let temporary = Temporary::create(&file, POLICY.1).unwrap();
        assert!(std::process::Command::new(&file).status().unwrap().code() == Some(101));
        drop(temporary);
        assert!(!file.exists());
    }

    #[test]
    fn given_a_file_of_somebody_then_it_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy");
        fs::write(&file, "theirs").unwrap();
        drop(Temporary::create(&file, POLICY.1).unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), "theirs");
    }
}
