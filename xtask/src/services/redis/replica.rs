//! The replica of a Redis server, which answers reads.

use super::{Redis, RedisOptions};
use anyhow::{Result, bail};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a replica may take until it has its primary's data.
const PATIENCE: Duration = Duration::from_secs(30);

impl Redis {
    /// Starts a server that follows this one, and has its data. `arguments` are more of `redis-server`.
    ///
    /// # Errors
    ///
    /// When it does not answer, or has not the data in time.
    pub fn replica(&self, arguments: &[&str]) -> Result<Self> {
        self.replica_by(self.port(), arguments)
    }

    /// The same, over another port of this one.
    pub(super) fn replica_by(&self, port: u16, arguments: &[&str]) -> Result<Self> {
        let port = port.to_string();
        let own = ["--replicaof", "127.0.0.1", &port];
        let arguments = own.iter().chain(arguments).map(|argument| (*argument).to_owned()).collect();
        // The primary waits for others who might want the data too, if it is let.
        self.cli(&["CONFIG", "SET", "repl-diskless-sync-delay", "0"])?;
        let replica = Self::start(self.directory(), &RedisOptions { arguments })?;
        let deadline = Instant::now() + PATIENCE;
        while !replica.cli(&["INFO", "replication"])?.contains("master_link_status:up") {
            if Instant::now() > deadline {
                bail!("the replica had not its primary's data after {} s", PATIENCE.as_secs());
            }
            sleep(Duration::from_millis(20));
        }
        Ok(replica)
    }
}
