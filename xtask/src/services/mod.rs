//! Servers for tests: private instances on free ports of 127.0.0.1, with all they have in one temporary directory.
//!
//! Each kind of server is one file or folder here, and a line in [`Service`].

mod account;
mod authority;
mod command;
mod daemon;
mod directory;
mod leftovers;
mod mariadb;
mod postgres;
mod process;
mod redis;
mod running;
mod state;

pub use authority::Certificate;
pub use directory::Directory;
pub use leftovers::{clear_leftovers, clear_own};
pub use mariadb::{MariaDb, MariaDbOptions};
pub use postgres::{Postgres, PostgresOptions};
pub use process::Process;
pub use redis::{Redis, RedisCluster, RedisOptions, RedisSentinel};
pub use running::Running;
pub use state::State;

use crate::programs::Program;
use anyhow::{Result, bail};
use clap::ValueEnum;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The role that tests log in as, its password, and its database.
const ROLE: &str = "governance";
const PASSWORD: &str = "governance";
const DATABASE: &str = "governance";
/// Where tests find the certificate of the authority that all servers have theirs from.
const CA_VARIABLE: &str = "GOVERNANCE_TEST_CA";
/// With one of these set, a test that lacks a server fails, where by hand it would be skipped.
const REQUIRED: [&str; 2] = ["CI", "GOVERNANCE_REQUIRE_ENGINES"];
const OPENSSL: Program = Program { command: "openssl", packages: &["openssl"], purpose: "certificates for servers" };

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// PostgreSQL, a primary and its streaming replica.
    Postgres,
    /// MariaDB, a primary and its replica.
    Mariadb,
    /// Redis, one server.
    Redis,
    /// Redis Cluster: three masters, and a replica of each.
    RedisCluster,
    /// Redis, a primary and its replica, and three Sentinels that watch them.
    RedisSentinel,
}

impl Service {
    /// Every kind there is.
    pub const ALL: &[Self] = &[Self::Postgres, Self::Mariadb, Self::Redis, Self::RedisCluster, Self::RedisSentinel];

    /// The programs that it needs.
    pub fn programs(self) -> &'static [Program] {
        match self {
            Self::Postgres => postgres::PROGRAMS,
            Self::Mariadb => mariadb::PROGRAMS,
            Self::Redis | Self::RedisCluster | Self::RedisSentinel => redis::PROGRAMS,
        }
    }

    /// The variable that gives tests its URL. When it is set already, that server is used, and none started.
    pub fn url_variable(self) -> &'static str {
        match self {
            Self::Postgres => "GOVERNANCE_TEST_POSTGRES_URL",
            Self::Mariadb => "GOVERNANCE_TEST_MYSQL_URL",
            Self::Redis => "GOVERNANCE_TEST_REDIS_URL",
            Self::RedisCluster => "GOVERNANCE_TEST_REDIS_CLUSTER_URL",
            Self::RedisSentinel => "GOVERNANCE_TEST_REDIS_SENTINEL_URL",
        }
    }

    /// The other variables by which a server of ours is given whole: tests of the SQL backplane want its superuser, its
    /// replica, and the authority of its certificate.
    pub fn other_variables(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &[
                "GOVERNANCE_TEST_POSTGRES_ADMIN_URL",
                "GOVERNANCE_TEST_POSTGRES_REPLICA_URL",
                "GOVERNANCE_TEST_POSTGRES_REPLICA_ADMIN_URL",
                CA_VARIABLE,
            ],
            Self::Mariadb => &[
                "GOVERNANCE_TEST_MYSQL_ADMIN_URL",
                "GOVERNANCE_TEST_MYSQL_REPLICA_URL",
                "GOVERNANCE_TEST_MYSQL_REPLICA_ADMIN_URL",
                CA_VARIABLE,
            ],
            Self::Redis | Self::RedisCluster | Self::RedisSentinel => &[],
        }
    }

    /// Are its programs installed? A test that is told no ends there; why stands on its standard error.
    ///
    /// # Errors
    ///
    /// When they are not, but have to be: `CI` or `GOVERNANCE_REQUIRE_ENGINES` is set.
    pub fn is_available(self) -> Result<bool> {
        let missing = self.programs().iter().filter(|program| !program.is_there());
        let missing: Vec<_> = missing.map(|program| program.command).collect();
        if missing.is_empty() {
            return Ok(true);
        }
        let missing = format!("not installed: {}", missing.join(", "));
        if required() {
            bail!(missing);
        }
        eprintln!("skipped: {missing}");
        Ok(false)
    }

    /// The names by which `/proc` knows its processes.
    fn processes(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => postgres::PROCESSES,
            Self::Mariadb => mariadb::PROCESSES,
            Self::Redis | Self::RedisCluster | Self::RedisSentinel => redis::PROCESSES,
        }
    }

    /// The signal on which its server stops in order.
    fn stop_signal(self) -> Signal {
        match self {
            Self::Postgres => postgres::STOP,
            Self::Mariadb => mariadb::STOP,
            Self::Redis | Self::RedisCluster | Self::RedisSentinel => redis::STOP,
        }
    }

    /// Starts its servers, those that others follow first.
    fn start(self, directory: &Arc<Directory>) -> Result<Vec<Box<dyn Server>>> {
        match self {
            Self::Postgres => {
                let primary = Postgres::start(directory, &PostgresOptions::default())?;
                let replica = primary.replica()?;
                Ok(vec![Box::new(primary), Box::new(replica)])
            }
            Self::Mariadb => {
                let primary = MariaDb::start(directory, &MariaDbOptions::followed())?;
                let replica = primary.replica()?;
                Ok(vec![Box::new(primary), Box::new(replica)])
            }
            Self::Redis => Ok(vec![Box::new(Redis::start(directory, &RedisOptions::default())?)]),
            Self::RedisCluster => Ok(RedisCluster::start(directory)?.into_servers()),
            Self::RedisSentinel => Ok(RedisSentinel::start(directory, &[])?.into_servers()),
        }
    }
}

/// A server that runs, whichever it is. Dropped, it stops.
trait Server: Send {
    fn record(&self) -> Record;
}

/// What there is to know of a running server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What it is.
    pub service: Service,
    /// What it is called, such as `postgres-replica`.
    pub name: String,
    /// Its process; that of PostgreSQL has others below it.
    pub process: Process,
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// The folder of its data.
    pub data: PathBuf,
    /// What tests read from their environment: URLs, folders, the authority's certificate.
    pub variables: BTreeMap<String, String>,
}

impl Record {
    /// Does it run? Its process must be the one that was started, on the same data.
    pub fn is_running(&self) -> bool {
        let data = self.data.to_string_lossy();
        self.process.command_line().iter().any(|argument| argument.contains(data.as_ref()))
    }
}

/// Is it a failure when something is missing that tests need, rather than a reason to skip them?
pub fn required() -> bool {
    REQUIRED.iter().any(|name| std::env::var_os(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_that_can_be_named_is_part_of_all() {
        assert_eq!(Service::ALL, Service::value_variants());
    }

    #[test]
    fn proc_can_tell_each_process_by_its_name() {
        let names = Service::ALL.iter().flat_map(|service| service.processes());
        assert!(names.into_iter().all(|name| name.len() <= 15));
    }

    #[test]
    fn given_the_process_of_another_program_then_the_server_does_not_run() {
        let record = Record {
            service: Service::Postgres,
            name: "postgres".to_owned(),
            process: Process::of(std::process::id()).unwrap(),
            port: 1,
            data: "/nowhere/at-all".into(),
            variables: BTreeMap::new(),
        };
        assert!(!record.is_running());
    }
}
