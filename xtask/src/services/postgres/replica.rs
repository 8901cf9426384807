//! The streaming replica of a PostgreSQL server, which answers reads.

use super::{Files, Postgres, SUPERUSER};
use crate::services::command::run;
use crate::services::daemon::on_free_port;
use anyhow::{Result, bail};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

pub(super) const NAME: &str = "postgres-replica";
/// How long a replica may stay behind.
const PATIENCE: Duration = Duration::from_secs(30);

impl Postgres {
    /// Copies the data of this server to a new one that follows it, by a replication slot of its own.
    ///
    /// # Errors
    ///
    /// When the copy fails, or the replica does not answer; then the error shows its log.
    pub fn replica(&self) -> Result<Self> {
        let Files { account, bin, folder: primary, port: primary_port } = &self.server;
        let folder = self.directory().folder("replica", *account)?;
        let slot = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let copy = |port| Files { account: *account, bin: bin.clone(), folder: folder.clone(), port };
        let mut backup = copy(0).program("pg_basebackup");
        backup.arg("-h").arg(primary).args(["-p", &primary_port.to_string(), "-U", SUPERUSER, "-D"]);
        backup.arg(copy(0).data()).args(["-R", "-X", "stream", "-C", "-S", &slot, "-c", "fast", "--no-sync"]);
        run(&mut backup)?;
        let (server, daemon) = on_free_port(|port| Ok((copy(port), copy(port).start()?)))?;
        Ok(Self { name: NAME, daemon, server, directory: Arc::clone(self.directory()) })
    }

    /// Waits until this replica shows all that `primary` has written up to now.
    ///
    /// # Errors
    ///
    /// When it does not get there in time, or one of them does not answer.
    pub fn catch_up(&self, primary: &Self) -> Result<()> {
        let written = primary.sql("postgres", "SELECT pg_current_wal_lsn()")?;
        let deadline = Instant::now() + PATIENCE;
        while self.sql("postgres", &format!("SELECT pg_last_wal_replay_lsn() >= '{written}'"))? != "t" {
            if Instant::now() > deadline {
                bail!("the replica has not come to {written} in {} s", PATIENCE.as_secs());
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Makes a primary of this replica, and returns when it takes writes.
    ///
    /// # Errors
    ///
    /// When it is not a replica, or does not become a primary in time.
    pub fn promote(&self) -> Result<()> {
        if self.sql("postgres", "SELECT pg_promote(true, 60)")? != "t" {
            bail!("the replica was not promoted in time");
        }
        Ok(())
    }

    /// Is it a replica, which takes no writes?
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn is_replica(&self) -> Result<bool> {
        Ok(self.sql("postgres", "SELECT pg_is_in_recovery()")? == "t")
    }
}
