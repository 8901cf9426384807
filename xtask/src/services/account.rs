//! The account that a server runs as: PostgreSQL refuses to run as root.

use anyhow::{Context, Result};
use rustix::process::geteuid;
use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Is this root?
pub(super) fn is_root() -> bool {
    geteuid().is_root()
}

/// Who runs a program and owns its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Account {
    /// Whoever runs this.
    Own,
    /// Another, which only root can be.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// The account `name` for root; for everybody else, their own.
    pub(super) fn unless_root(name: &str) -> Result<Self> {
        if !is_root() {
            return Ok(Self::Own);
        }
        let accounts = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        find(&accounts, name).with_context(|| format!("there is no account {name}, which the server's package brings"))
    }

    /// Has `command` run as this account.
    pub(super) fn run(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Own => command,
            Self::Other { uid, gid } => command.uid(uid).gid(gid),
        }
    }

    /// Gives it a file or a folder.
    pub(super) fn give(self, path: &Path) -> Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid } => {
                chown(path, Some(uid), Some(gid)).with_context(|| format!("cannot give {} away", path.display()))
            }
        }
    }
}

/// The account `name` among the lines of a passwd file.
fn find(accounts: &str, name: &str) -> Option<Account> {
    let mut lines = accounts.lines().map(|line| line.split(':'));
    lines.find_map(|mut fields| {
        let found = fields.next()? == name;
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        found.then_some(Account::Other { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_passwd_file_then_an_account_is_found_by_its_whole_name() {
        let accounts = "root:x:0:0:root:/root:/bin/bash\nbroken\npostgres:x:107:116::/var/lib/postgresql:/bin/bash\n";
        assert_eq!(find(accounts, "postgres"), Some(Account::Other { uid: 107, gid: 116 }));
        assert_eq!(find(accounts, "post"), None);
    }
}
