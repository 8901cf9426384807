//! PostgreSQL: a server of one's own, and its streaming replica.

mod files;
mod replica;

use super::account::Account;
use super::command::run;
use super::daemon::{Daemon, on_free_port};
use super::directory::Directory;
use super::process::Process;
use super::{DATABASE, PASSWORD, ROLE, Record, Server, Service};
use crate::programs::{Program, postgres_bin};
use anyhow::{Context, Result};
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

pub(super) const PROGRAMS: &[Program] = &[
    Program { command: "initdb", packages: &["postgresql", "postgresql-contrib"], purpose: "a PostgreSQL server" },
    super::OPENSSL,
];
/// By these names `/proc` knows its processes.
pub(super) const PROCESSES: &[&str] = &["postgres", "initdb", "pg_basebackup"];
/// Ends connections and transactions, and shuts down in order.
pub(super) const STOP: Signal = Signal::INT;
const SUPERUSER: &str = "postgres";

/// What a server may have that the default does not.
#[derive(Clone, Debug, Default)]
pub struct PostgresOptions {
    /// Lines for `postgresql.conf`, as name and value; a text value needs its quotes.
    pub settings: Vec<(String, String)>,
}

/// A PostgreSQL server, primary or replica. Dropped, it stops.
///
/// The role `governance` owns the database of that name, may create databases and roles, and gives its
/// password over TCP, with TLS or without. The superuser comes by the socket alone.
#[derive(Debug)]
pub struct Postgres {
    name: &'static str,
    daemon: Daemon,
    server: Files,
    // The last field: the directory goes after the server.
    directory: Arc<Directory>,
}

/// Where a server's files are, its port, and who runs it.
#[derive(Clone, Debug)]
struct Files {
    account: Account,
    bin: PathBuf,
    /// Holds the data, the log, the socket and the certificate.
    folder: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts a primary with new data in `directory`.
    ///
    /// # Errors
    ///
    /// When a program is missing, or the server does not answer; then the error shows its log.
    pub fn start(directory: &Arc<Directory>, options: &PostgresOptions) -> Result<Self> {
        let bin = postgres_bin().context("PostgreSQL is not installed")?;
        let account = Account::unless_root(SUPERUSER)?;
        let folder = directory.folder("postgres", account)?;
        files::create(&Files { account, bin: bin.clone(), folder: folder.clone(), port: 0 }, directory, options)?;
        let (server, daemon) = on_free_port(|port| {
            let server = Files { account, bin: bin.clone(), folder: folder.clone(), port };
            Ok((server.clone(), server.start()?))
        })?;
        let primary = Self { name: "postgres", daemon, server, directory: Arc::clone(directory) };
        primary.sql("postgres", &format!("CREATE ROLE {ROLE} LOGIN CREATEDB CREATEROLE PASSWORD '{PASSWORD}'"))?;
        primary.sql("postgres", &format!("CREATE DATABASE {DATABASE} OWNER {ROLE}"))?;
        Ok(primary)
    }

    /// The URL of the database `governance`, for the role of that name.
    pub fn url(&self) -> String {
        format!("postgres://{ROLE}:{PASSWORD}@127.0.0.1:{}/{DATABASE}", self.server.port)
    }

    /// The URL of the database `governance`, for the superuser by the socket.
    pub fn admin_url(&self) -> String {
        format!(
            "postgres://{SUPERUSER}@localhost:{}/{DATABASE}?host={}",
            self.server.port,
            self.server.folder.display()
        )
    }

    /// Its port, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.server.data()
    }

    /// The folder of its programs.
    pub fn bin(&self) -> &Path {
        &self.server.bin
    }

    /// The process that all others of it come from.
    pub fn process(&self) -> Process {
        self.daemon.process()
    }

    /// The directory it lives in.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Runs statements as the superuser, and returns what they print: a line a row, `|` between columns.
    ///
    /// # Errors
    ///
    /// When the server does not answer, or refuses.
    pub fn sql(&self, database: &str, statements: &str) -> Result<String> {
        let mut psql = self.server.program("psql");
        psql.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER, "-d", database]);
        psql.arg("-h").arg(&self.server.folder).args(["-p", &self.server.port.to_string(), "-c", statements]);
        run(&mut psql)
    }

    /// Kills the server with all its processes, as a crash would.
    ///
    /// # Errors
    ///
    /// When the system does not let us.
    pub fn kill(&mut self) -> Result<()> {
        self.daemon.kill()
    }

    /// Has the server stand still with all its processes, as a machine does that is out of reach.
    ///
    /// # Errors
    ///
    /// When the system does not let us.
    pub fn pause(&self) -> Result<()> {
        self.process().pause()
    }

    /// Lets it go on after [`pause`](Self::pause).
    ///
    /// # Errors
    ///
    /// When the system does not let us.
    pub fn resume(&self) -> Result<()> {
        self.process().resume()
    }

    /// Stops it in order, and returns when it has. The data stays until it is dropped.
    ///
    /// # Errors
    ///
    /// When it does not stop in time; then it was killed.
    pub fn stop(&mut self) -> Result<()> {
        self.daemon.stop()
    }

    /// Starts it again on its data and its port, after it was stopped if it still ran.
    ///
    /// # Errors
    ///
    /// When it does not stop, or does not answer again.
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.daemon = self.server.start()?;
        Ok(())
    }
}

impl Server for Postgres {
    fn record(&self) -> Record {
        let role = if self.name == replica::NAME { "POSTGRES_REPLICA" } else { "POSTGRES" };
        let variable = |what: &str| format!("GOVERNANCE_TEST_{role}_{what}");
        let folder = |path: &Path| path.display().to_string();
        Record {
            service: Service::Postgres,
            name: self.name.to_owned(),
            process: self.process(),
            port: self.port(),
            data: self.data(),
            variables: [
                (variable("URL"), self.url()),
                (variable("ADMIN_URL"), self.admin_url()),
                (variable("DATA"), folder(&self.data())),
                ("GOVERNANCE_TEST_POSTGRES_BIN".to_owned(), folder(self.bin())),
                (super::CA_VARIABLE.to_owned(), folder(&self.directory.ca())),
            ]
            .into(),
        }
    }
}

impl Files {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A program of this server, run as its account.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        // It may not be allowed to look into the folder that we are in.
        command.current_dir(&self.folder).env("HOME", &self.folder).env("LC_ALL", "C.UTF-8");
        // Somebody's PGOPTIONS or PGDATA is not meant for this server.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        self.account.run(&mut command);
        command
    }

    fn start(&self) -> Result<Daemon> {
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(&self.folder).args(["-p", &self.port.to_string()]);
        command.args(["-c", "listen_addresses=127.0.0.1"]);
        let mut daemon = Daemon::spawn(&mut command, &self.folder.join("log"), STOP)?;
        let pid = daemon.process().pid;
        daemon.wait_until(|| files::is_ready(&self.data(), pid)).context("PostgreSQL did not start")?;
        Ok(daemon)
    }
}
