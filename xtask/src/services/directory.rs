//! The temporary directory that holds all that some servers have: data, logs, sockets, certificates.

use super::account::Account;
use super::authority::{Authority, Certificate};
use super::process::Process;
use anyhow::{Context, Result, bail};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

/// How the name of every directory begins; the owner's pid and start follow.
const PREFIX: &str = "governance";
const CERTIFICATES: &str = "certificates";
/// A socket's path may have 107 bytes, and a server adds up to these to its folder.
const LONGEST_PATH: usize = 107 - "/postgres99/.s.PGSQL.65535".len();
/// Servers that were just killed may still be writing into it, which fails a removal.
const REMOVALS: usize = 20;

/// A temporary directory of servers. It is removed with the last of those that share it.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    /// One that others left running stays theirs.
    remove: bool,
}

impl Directory {
    /// Makes one, with a certificate authority in it.
    ///
    /// # Errors
    ///
    /// When a file cannot be written, `openssl` is missing, or the path is too long for a socket.
    pub fn create() -> Result<Arc<Self>> {
        let own =
            Process::of(std::process::id()).context("there is no /proc here: give the URLs of servers instead")?;
        // The owner is part of the name, so that no moment is without one.
        let name = format!("{PREFIX}-{}-{}-", own.pid, own.started);
        let path = tempfile::Builder::new().prefix(&name).tempdir()?.keep();
        let directory = Self { path, remove: true };
        // Others may pass, as the account of a server has to. What is inside is closed to them.
        fs::set_permissions(directory.path(), Permissions::from_mode(0o755))?;
        if directory.path.as_os_str().len() > LONGEST_PATH {
            bail!("{} is too long a path for sockets; set TMPDIR to a shorter one", directory.path.display());
        }
        let certificates = subfolder(directory.path(), CERTIFICATES, Account::Own)?;
        let authority = Authority::create(&certificates)?;
        // Clients of other accounts verify servers too. The keys beside it stay closed.
        fs::set_permissions(&certificates, Permissions::from_mode(0o711))?;
        fs::set_permissions(authority.file(), Permissions::from_mode(0o644))?;
        Ok(Arc::new(directory))
    }

    /// The directory of servers that were left running, for others to join them.
    pub(super) fn shared(path: &Path) -> Arc<Self> {
        Arc::new(Self { path: path.to_owned(), remove: false })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The certificate by which clients know the servers.
    pub fn ca(&self) -> PathBuf {
        self.authority().file()
    }

    /// A new certificate of the same authority, for a client.
    ///
    /// # Errors
    ///
    /// When `openssl` fails.
    pub fn client_certificate(&self) -> Result<Certificate> {
        self.authority().client()
    }

    pub(super) fn authority(&self) -> Authority {
        Authority::at(&self.path.join(CERTIFICATES))
    }

    /// A folder of its own for one server, closed to others. Names that are taken get a number.
    pub(super) fn folder(&self, name: &str, account: Account) -> Result<PathBuf> {
        let names = (1..).map(|n: u32| if n == 1 { name.to_owned() } else { format!("{name}{n}") });
        for name in names {
            match subfolder(self.path(), &name, account) {
                Err(error) if is_taken(&error) => {}
                outcome => return outcome,
            }
        }
        bail!("no name is left for {name}")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.remove.then(|| remove(self.path())) {
            eprintln!("{error:#}");
        }
    }
}

fn is_taken(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::AlreadyExists)
}

fn subfolder(parent: &Path, name: &str, account: Account) -> Result<PathBuf> {
    let folder = parent.join(name);
    fs::create_dir(&folder)?;
    fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
    account.give(&folder)?;
    Ok(folder)
}

/// Removes a directory and all that is in it.
pub(super) fn remove(directory: &Path) -> Result<()> {
    let mut tries = 1;
    loop {
        match fs::remove_dir_all(directory) {
            Err(_) if !directory.exists() => return Ok(()),
            Err(_) if tries < REMOVALS => {
                tries += 1;
                sleep(Duration::from_millis(50));
            }
            outcome => return outcome.with_context(|| format!("cannot remove {}", directory.display())),
        }
    }
}

/// Every directory of ours in `parent`, with its owner, who may be gone.
pub(super) fn all(parent: &Path) -> Vec<(PathBuf, Process)> {
    let uid = rustix::process::geteuid().as_raw();
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.metadata().is_ok_and(|file| file.is_dir() && file.uid() == uid));
    ours.filter_map(|entry| Some((entry.path(), owner(entry.file_name().to_str()?)?))).collect()
}

fn owner(name: &str) -> Option<Process> {
    let mut parts = name.strip_prefix(PREFIX)?.strip_prefix('-')?.split('-');
    Some(Process { pid: parts.next()?.parse().ok()?, started: parts.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_directory_says_who_owns_it() {
        assert_eq!(owner("governance-12-345-aBc"), Some(Process { pid: 12, started: 345 }));
        assert_eq!(owner("governance-aBc"), None);
        assert_eq!(owner("others-12-345-aBc"), None);
    }

    #[test]
    fn given_directories_of_others_then_only_those_with_an_owner_are_ours() {
        let parent = tempfile::tempdir().unwrap();
        let ours = parent.path().join("governance-12-345-aBc");
        fs::create_dir(&ours).unwrap();
        fs::create_dir(parent.path().join("governance")).unwrap();
        fs::write(parent.path().join("governance-12-345-file"), "").unwrap();
        assert_eq!(all(parent.path()), [(ours, Process { pid: 12, started: 345 })]);
    }

    #[test]
    fn given_a_directory_that_is_gone_when_removed_then_nothing_is_wrong() {
        remove(Path::new("/nowhere/at-all")).unwrap();
    }
}
