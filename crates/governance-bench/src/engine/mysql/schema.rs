//! The server that is measured, a database of each workload's own, and bare connections to it.

use super::call;
use crate::engine::histories::Filled;
use crate::work::create_experiments;
use anyhow::{Context, Result, ensure};
use governance_persistence::{Backplane, ETag, ExperimentKey};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use mysql::prelude::Queryable;
use mysql::{Conn, Opts, OptsBuilder};
use std::cell::Cell;
use tokio::runtime::Runtime;
use xtask::services::{Directory, MariaDb, MariaDbOptions, Service};

/// A private server. It syncs with every transaction, as it does by itself, and has memory and a log as one
/// that serves such a database: MariaDB caches nothing but what is in its own pool.
pub(super) struct Server {
    pub(super) mariadb: MariaDb,
    databases: Cell<usize>,
}

const SETTINGS: [&str; 5] = [
    // Many sessions of both sides.
    "--max-connections=300",
    "--innodb-buffer-pool-size=1G",
    "--innodb-log-file-size=512M",
    // The defaults, which are what is measured.
    "--innodb-flush-log-at-trx-commit=1",
    "--skip-log-bin",
];

impl Server {
    pub(super) fn start() -> Result<Self> {
        ensure!(Service::Mariadb.is_available()?, "MariaDB is not installed; `cargo xtask test --provision` does");
        let arguments = SETTINGS.map(str::to_owned).into();
        let mariadb = MariaDb::start(&Directory::create()?, &MariaDbOptions { arguments })?;
        Ok(Self { mariadb, databases: Cell::new(0) })
    }

    /// Does what takes long and is not measured: the server syncs once a second meanwhile.
    pub(super) fn without_syncs<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let sync = |when| self.mariadb.sql(&format!("SET GLOBAL innodb_flush_log_at_trx_commit = {when}"));
        sync(0)?;
        let done = work();
        sync(1)?;
        done
    }
}

/// What our sessions have, writers and readers.
const SESSION: [&str; 2] = [
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE",
];

/// A database of its own on the server. It goes with the server.
pub(super) struct Schema {
    url: String,
}

impl Schema {
    /// A new one, with all tables, and with the procedure that the limit calls.
    pub(super) fn create(runtime: &Runtime, server: &Server) -> Result<Self> {
        server.databases.set(server.databases.get() + 1);
        // The account has all rights on databases whose names begin as its own does.
        let name = format!("governance_bench_{}", server.databases.get());
        server.mariadb.sql(&format!("CREATE DATABASE {name}"))?;
        let url = server.mariadb.url();
        let (account, _) = url.rsplit_once('/').context("the server's URL names no database")?;
        let schema = Self { url: format!("{account}/{name}") };
        runtime.block_on(async {
            let made = schema.connect().await?;
            made.close().await?;
            anyhow::Ok(())
        })?;
        schema.bare()?.query_drop(call::PROCEDURE)?;
        Ok(schema)
    }

    /// Without TLS, as the other side.
    pub(super) async fn connect(&self) -> Result<SqlBackplane> {
        let options = SqlOptions::new(&format!("{}?ssl-mode=disabled", self.url))?;
        Ok(SqlBackplane::connect(&options.migrate(Migrate::OnConnect)).await?)
    }

    /// The backplane, and so many experiments to begin with.
    pub(super) async fn seeded(&self, experiments: usize) -> Result<(SqlBackplane, Vec<(ExperimentKey, ETag)>)> {
        let backplane = self.connect().await?;
        let seeded = create_experiments(&backplane, experiments).await?;
        Ok((backplane, seeded))
    }

    /// A bare connection over TCP, as ours are, with their settings.
    pub(super) fn bare(&self) -> Result<Conn> {
        let options = OptsBuilder::from_opts(Opts::from_url(&self.url)?).prefer_socket(false);
        Ok(Conn::new(options.init(SESSION.into()))?)
    }

    /// Brings the optimizer's statistics up to date, as the server does by itself in time.
    pub(super) fn analyze(&self) -> Result<()> {
        let mut connection = self.bare()?;
        let tables: Vec<String> = connection.query(
            "SELECT table_name FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'",
        )?;
        Ok(connection.query_drop(format!("ANALYZE TABLE {}", tables.join(", ")))?)
    }
}

impl Filled for Schema {
    type Backplane = SqlBackplane;

    fn open(&self, runtime: &Runtime) -> Result<SqlBackplane> {
        runtime.block_on(self.connect())
    }
}
