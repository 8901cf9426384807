//! The files of a PostgreSQL server: its settings, who may come in, and what it says of itself.

use super::{Files, PostgresOptions, SUPERUSER};
use crate::services::command::run;
use crate::services::directory::Directory;
use anyhow::Result;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The superuser comes by the socket, in a folder that is closed to others. Everybody else has a password.
const WHO_MAY_COME_IN: &str = "\
local all postgres trust
local replication postgres trust
host all postgres 127.0.0.1/32 reject
host all all 127.0.0.1/32 scram-sha-256
";

/// Makes new data for a primary, with its settings and its certificate.
pub(super) fn create(server: &Files, directory: &Directory, options: &PostgresOptions) -> Result<()> {
    let mut initdb = server.program("initdb");
    initdb.args(["-A", "trust", "-U", SUPERUSER, "--no-locale", "-E", "UTF8", "--no-sync", "-D"]);
    run(initdb.arg(server.data()))?;
    let certificate = directory.authority().equip(&server.folder, server.account)?;
    // What the server does with its own writes stays as it is by default: tests and benchmarks are about that.
    let mut settings = format!(
        "max_connections = 200\npassword_encryption = 'scram-sha-256'\nssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\n",
        certificate.chain.display(),
        certificate.key.display()
    );
    for (name, value) in &options.settings {
        writeln!(settings, "{name} = {value}")?;
    }
    append(&server.data().join("postgresql.conf"), &settings)?;
    fs::write(server.data().join("pg_hba.conf"), WHO_MAY_COME_IN)?;
    Ok(())
}

fn append(file: &Path, text: &str) -> Result<()> {
    let old = fs::read_to_string(file)?;
    Ok(fs::write(file, old + "\n" + text)?)
}

/// Does the server with this pid take connections? It says so in its lock file.
pub(super) fn is_ready(data: &Path, pid: u32) -> bool {
    fs::read_to_string(data.join("postmaster.pid")).is_ok_and(|lock| says_ready(&lock, pid))
}

fn says_ready(lock: &str, pid: u32) -> bool {
    // The file may be left from a server that crashed: the first line is the pid, the eighth the status.
    let mut lines = lock.lines();
    lines.next() == Some(&pid.to_string()) && lines.nth(6).is_some_and(|status| status.trim() == "ready")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_lock_file_then_only_its_own_server_is_ready_when_it_says_so() {
        let lock = |status: &str| format!("42\n/data\n1700000000\n5432\n/run\n127.0.0.1\n 1 2\n{status}\n");
        assert!(says_ready(&lock("ready   "), 42));
        assert!(!says_ready(&lock("ready   "), 43));
        assert!(!says_ready(&lock("starting"), 42));
        assert!(!says_ready("42\n", 42));
    }
}
