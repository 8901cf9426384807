//! The server that is measured, and a schema of each workload's own.

use crate::engine::histories::Filled;
use crate::engine::postgres::script;
use anyhow::{Context, Result, ensure};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::rc::Rc;
use tokio::runtime::Runtime;
use xtask::services::{Directory, Postgres, PostgresOptions, Service};

/// A private server with the settings that it comes with: it syncs with every transaction.
pub(super) struct Server {
    postgres: Postgres,
    schemas: Cell<usize>,
}

impl Server {
    pub(super) fn start() -> Result<Self> {
        ensure!(Service::Postgres.is_available()?, "PostgreSQL is not installed; `cargo xtask test --provision` does");
        // Many hundred sessions of both sides.
        let settings = vec![("max_connections".to_owned(), "300".to_owned())];
        let postgres = Postgres::start(&Directory::create()?, &PostgresOptions { settings })?;
        Ok(Self { postgres, schemas: Cell::new(0) })
    }

    /// Does what takes long and is not measured: the server does not sync meanwhile, and writes all of it afterwards.
    pub(super) fn without_syncs<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let sql = |sql: &str| self.postgres.sql("postgres", sql);
        let sync = |sync| {
            sql(&format!("ALTER SYSTEM SET fsync = {sync}"))?;
            sql("SELECT pg_reload_conf()")
        };
        sync("off")?;
        let done = work();
        sync("on")?;
        sql("CHECKPOINT")?;
        done
    }
}

/// The settings of our writers: without them the limit plans its statement anew time and again, and
/// scans the heads, which are few and change all the time.
const PINNED: [&str; 8] = [
    "max_parallel_workers_per_gather=0",
    "plan_cache_mode=force_generic_plan",
    "jit=off",
    "enable_hashjoin=off",
    "enable_mergejoin=off",
    "enable_material=off",
    "enable_seqscan=off",
    "enable_bitmapscan=off",
];

/// A schema of its own on the server. It goes with the server.
#[derive(Clone)]
pub(super) struct Schema {
    name: String,
    server_url: String,
    bin: PathBuf,
}

impl Schema {
    /// A new one, with all tables.
    pub(super) fn create(runtime: &Runtime, server: &Rc<Server>) -> Result<Self> {
        server.schemas.set(server.schemas.get() + 1);
        let name = format!("bench_{}", server.schemas.get());
        let schema = Self { name, server_url: server.postgres.url(), bin: server.postgres.bin().to_owned() };
        schema.psql(&format!("CREATE SCHEMA {}", schema.name))?;
        runtime.block_on(async {
            let made = schema.connect().await?;
            governance_persistence::Backplane::close(&made).await?;
            anyhow::Ok(schema)
        })
    }

    /// Without TLS, as the other side.
    pub(super) async fn connect(&self) -> Result<SqlBackplane> {
        Ok(SqlBackplane::connect(&SqlOptions::new(&self.url())?.migrate(Migrate::OnConnect)).await?)
    }

    /// Where clients find it.
    pub(super) fn url(&self) -> String {
        format!("{}?sslmode=disable&options=-c%20search_path%3D{}", self.server_url, self.name)
    }

    /// Brings the planner's statistics up to date, as the server does by itself in time.
    pub(super) fn analyze(&self) -> Result<()> {
        self.psql("ANALYZE").map(drop)
    }

    /// The experiments that the limit commits to, shared out among so many clients.
    pub(super) fn seed(&self, experiments: usize, clients: usize) -> Result<()> {
        self.psql(&script::seeds(experiments, clients)).map(drop)
    }

    /// Runs SQL by the server's own client.
    pub(super) fn psql(&self, sql: &str) -> Result<String> {
        let mut psql = self.command(&self.bin.join("psql"));
        let output = psql.args(["--quiet", "--no-psqlrc", "--tuples-only", "--set=ON_ERROR_STOP=1", "--command", sql]);
        told(&output.arg(&self.server_url).output().context("psql cannot be started")?)
    }

    pub(super) fn pgbench(&self, arguments: &[String]) -> Result<String> {
        let mut pgbench = self.command(&self.bin.join("pgbench"));
        told(&pgbench.args(arguments).arg(&self.server_url).output().context("pgbench cannot be started")?)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let settings = PINNED.iter().map(|setting| format!(" -c {setting}"));
        let options = format!("-c search_path={}{}", self.name, settings.collect::<String>());
        command.env("PGOPTIONS", options).env("PGSSLMODE", "disable").stdin(Stdio::null());
        command
    }
}

impl Filled for Schema {
    type Backplane = SqlBackplane;

    fn open(&self, runtime: &Runtime) -> Result<SqlBackplane> {
        runtime.block_on(self.connect())
    }
}

/// What a program printed, if it ended well. `pgbench` tells its progress beside its result.
fn told(output: &Output) -> Result<String> {
    let beside = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}", beside.trim());
    Ok(format!("{}{beside}", String::from_utf8_lossy(&output.stdout)))
}
