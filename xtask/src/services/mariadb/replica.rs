//! The replica of a MariaDB server, which answers reads.

use super::{MariaDb, MariaDbOptions, PASSWORD};
use anyhow::{Result, bail};

pub(super) const NAME: &str = "mariadb-replica";
/// Who reads the primary's log.
const FOLLOWER: &str = "follower";
/// How long a replica may stay behind, in seconds.
const PATIENCE: u32 = 30;

impl MariaDbOptions {
    /// A server that others can follow: it logs what it writes, row by row. Who migrates has not the right
    /// `SUPER`, and makes triggers all the same.
    pub fn followed() -> Self {
        let arguments =
            ["--log-bin=binlog", "--binlog-format=ROW", "--server-id=1", "--log-bin-trust-function-creators=1"];
        Self { arguments: arguments.map(String::from).into() }
    }
}

impl MariaDb {
    /// Starts a new server that follows this one from its first commit on. This one must be
    /// [`followed`](MariaDbOptions::followed).
    ///
    /// # Errors
    ///
    /// When it is not, or the replica does not answer; then the error shows its log.
    pub fn replica(&self) -> Result<Self> {
        // Only what is logged here reaches the replica, this account too.
        self.sql(&format!(
            "CREATE USER IF NOT EXISTS {FOLLOWER}@127.0.0.1 IDENTIFIED BY '{PASSWORD}'; \
             GRANT REPLICATION SLAVE ON *.* TO {FOLLOWER}@127.0.0.1;"
        ))?;
        let MariaDbOptions { mut arguments } = MariaDbOptions::followed();
        arguments.extend(["--server-id=2", "--read-only=1"].map(String::from));
        let replica = Self::install(NAME, self.directory(), &MariaDbOptions { arguments })?;
        replica.sql(&format!(
            "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {}, MASTER_USER = '{FOLLOWER}', \
             MASTER_PASSWORD = '{PASSWORD}', MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, \
             MASTER_HEARTBEAT_PERIOD = 1; START SLAVE;",
            self.port()
        ))?;
        replica.catch_up(self)?;
        Ok(replica)
    }

    /// Waits until this replica shows all that `primary` has written up to now.
    ///
    /// # Errors
    ///
    /// When it does not get there in time, or one of them does not answer.
    pub fn catch_up(&self, primary: &Self) -> Result<()> {
        let written = primary.sql("SELECT @@gtid_binlog_pos")?;
        if self.sql(&format!("SELECT MASTER_GTID_WAIT('{written}', {PATIENCE})"))? != "0" {
            let status = self.sql("SHOW SLAVE STATUS").unwrap_or_default();
            bail!("the replica has not come to {written} in {PATIENCE} s: {status}");
        }
        Ok(())
    }

    /// Has this replica stand still: it is sent what is written, and does not show it.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn hold_back(&self) -> Result<()> {
        self.sql("STOP SLAVE SQL_THREAD").map(|_| ())
    }

    /// Lets it go on after [`hold_back`](Self::hold_back).
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn let_go_on(&self) -> Result<()> {
        self.sql("START SLAVE SQL_THREAD").map(|_| ())
    }

    /// Makes a primary of this replica: it shows all that it was sent, follows nobody, and takes writes.
    ///
    /// # Errors
    ///
    /// When it is not a replica, does not get there in time, or does not answer.
    pub fn promote(&self) -> Result<()> {
        self.sql("STOP SLAVE IO_THREAD")?;
        let status = self.sql("SHOW SLAVE STATUS")?;
        // Behind how it follows stands up to where it was sent what was written.
        let sent = status.split('\t').skip_while(|column| *column != "Slave_Pos").nth(1).unwrap_or_default();
        if self.sql(&format!("SELECT MASTER_GTID_WAIT('{sent}', {PATIENCE})"))? != "0" {
            bail!("the replica does not show {sent}, which it was sent, in {PATIENCE} s: {status}");
        }
        self.sql("STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = 0").map(|_| ())
    }

    /// Is it a replica, which takes no writes?
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub fn is_replica(&self) -> Result<bool> {
        Ok(self.sql("SELECT @@global.read_only")? == "1")
    }
}
