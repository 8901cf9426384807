//! MariaDB: a server of one's own, and its replica.

mod replica;

use super::account::{Account, is_root};
use super::command::run;
use super::daemon::{Daemon, on_free_port};
use super::directory::Directory;
use super::process::Process;
use super::{DATABASE, PASSWORD, ROLE, Record, Server, Service};
use crate::programs::{Program, find};
use anyhow::{Context, Result};
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

pub(super) const PROGRAMS: &[Program] = &[
    Program { command: "mariadbd", packages: &["mariadb-server-core"], purpose: "a MariaDB server" },
    Program { command: "mariadb", packages: &["mariadb-client-core"], purpose: "sets up a MariaDB server" },
    super::OPENSSL,
];
/// By these names `/proc` knows its processes; it cuts them off after 15 bytes.
pub(super) const PROCESSES: &[&str] = &["mariadbd", "mariadb-install"];
/// A folder of a server's own: one that starts removes the temporary tables that it finds, whoever's
/// they are.
const TEMPORARY: &str = "tmp";
/// Shuts down in order.
pub(super) const STOP: Signal = Signal::TERM;

/// What a server may have that the default does not.
#[derive(Clone, Debug, Default)]
pub struct MariaDbOptions {
    /// Arguments of `mariadbd`, such as `--lower-case-table-names=1`.
    pub arguments: Vec<String>,
}

/// A MariaDB server, primary or replica. Dropped, it stops.
///
/// The user `governance` has a password and all rights on databases whose names begin so, over TCP, with
/// TLS or without. The user `root` comes by the socket alone.
#[derive(Debug)]
pub struct MariaDb {
    name: &'static str,
    daemon: Daemon,
    server: Files,
    // The last field: the directory goes after the server.
    directory: Arc<Directory>,
}

/// Where a server's files are, and what it is started with.
#[derive(Clone, Debug)]
struct Files {
    /// Holds the data, the log, the socket and the certificate.
    folder: PathBuf,
    port: u16,
    arguments: Vec<String>,
}

impl MariaDb {
    /// Starts a server with new data in `directory`.
    ///
    /// # Errors
    ///
    /// When a program is missing, or the server does not answer; then the error shows its log.
    pub fn start(directory: &Arc<Directory>, options: &MariaDbOptions) -> Result<Self> {
        let server = Self::install("mariadb", directory, options)?;
        server.sql(&format!(
            "CREATE DATABASE {DATABASE}; CREATE USER {ROLE}@127.0.0.1 IDENTIFIED BY '{PASSWORD}'; \
             GRANT ALL ON `{DATABASE}%`.* TO {ROLE}@127.0.0.1;"
        ))?;
        Ok(server)
    }

    /// Starts a server that has nobody and nothing yet but `root`.
    fn install(name: &'static str, directory: &Arc<Directory>, options: &MariaDbOptions) -> Result<Self> {
        let folder = directory.folder(name, Account::Own)?;
        let certificate = directory.authority().equip(&folder, Account::Own)?;
        std::fs::create_dir(folder.join(TEMPORARY)).context("the server's folder of temporary files")?;
        let mut install = program("mariadb-install-db")?;
        install.env("TMPDIR", folder.join(TEMPORARY));
        install.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
        run(install.arg(option("datadir", &folder.join("data"))))?;
        let mut arguments = vec![
            "--bind-address=127.0.0.1".to_owned(),
            // By name, `root` on 127.0.0.1 would be `root` on localhost, who has no password.
            "--skip-name-resolve".to_owned(),
            "--max-connections=200".to_owned(),
            // As Debian sets it, and as MySQL has it by default.
            "--character-set-server=utf8mb4".to_owned(),
            option("ssl-ca", &directory.ca()),
            option("ssl-cert", &certificate.chain),
            option("ssl-key", &certificate.key),
        ];
        arguments.extend_from_slice(&options.arguments);
        let (server, daemon) = on_free_port(|port| {
            let server = Files { folder: folder.clone(), port, arguments: arguments.clone() };
            Ok((server.clone(), server.start()?))
        })?;
        let server = Self { name, daemon, server, directory: Arc::clone(directory) };
        // Each server does this for itself: a replica does not find the rows that another has removed.
        server.sql(
            "SET sql_log_bin = 0; DELETE FROM mysql.global_priv WHERE Host <> 'localhost' OR User = ''; \
             FLUSH PRIVILEGES;",
        )?;
        Ok(server)
    }

    /// The URL of the database `governance`, for the user of that name.
    pub fn url(&self) -> String {
        format!("mysql://{ROLE}:{PASSWORD}@127.0.0.1:{}/{DATABASE}", self.server.port)
    }

    /// The URL of the database `governance`, for `root` by the socket.
    pub fn admin_url(&self) -> String {
        format!("mysql://root@localhost/{DATABASE}?socket={}", self.server.socket().display())
    }

    /// Its port, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.server.data()
    }

    /// Its process.
    pub fn process(&self) -> Process {
        self.daemon.process()
    }

    /// The directory it lives in.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Runs statements as `root`, and returns what they print: a line a row, tabs between columns.
    ///
    /// # Errors
    ///
    /// When the server does not answer, or refuses.
    pub fn sql(&self, statements: &str) -> Result<String> {
        self.server.sql(statements)
    }

    /// Kills the server, as a crash would.
    ///
    /// # Errors
    ///
    /// When the system does not let us.
    pub fn kill(&mut self) -> Result<()> {
        self.daemon.kill()
    }

    /// Has the server stand still, as a machine does that is out of reach.
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

impl Server for MariaDb {
    fn record(&self) -> Record {
        let role = if self.name == replica::NAME { "MYSQL_REPLICA" } else { "MYSQL" };
        let variable = |what: &str| format!("GOVERNANCE_TEST_{role}_{what}");
        Record {
            service: Service::Mariadb,
            name: self.name.to_owned(),
            process: self.process(),
            port: self.port(),
            data: self.data(),
            variables: [
                (variable("URL"), self.url()),
                (variable("ADMIN_URL"), self.admin_url()),
                (variable("DATA"), self.data().display().to_string()),
                (super::CA_VARIABLE.to_owned(), self.directory.ca().display().to_string()),
            ]
            .into(),
        }
    }
}

impl Files {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    fn start(&self) -> Result<Daemon> {
        let mut command = program("mariadbd")?;
        command.env("TMPDIR", self.folder.join(TEMPORARY));
        command.arg(option("datadir", &self.data())).arg(option("socket", &self.socket()));
        command.arg(option("pid-file", &self.folder.join("pid"))).arg(format!("--port={}", self.port));
        let mut daemon = Daemon::spawn(command.args(&self.arguments), &self.folder.join("log"), STOP)?;
        daemon.wait_until(|| self.sql("SELECT 1").is_ok()).context("MariaDB did not start")?;
        Ok(daemon)
    }

    fn sql(&self, statements: &str) -> Result<String> {
        let mut client = Command::new(find("mariadb").context("the mariadb command is not installed")?);
        client.args(["--no-defaults", "--user=root", "--batch", "--skip-column-names"]);
        run(client.arg(option("socket", &self.socket())).args(["--execute", statements]))
    }
}

/// A program of the server, which nothing on this machine sets up otherwise.
fn program(name: &str) -> Result<Command> {
    let mut command = Command::new(find(name).with_context(|| format!("{name} is not installed"))?);
    command.arg("--no-defaults");
    if is_root() {
        command.arg("--user=root");
    }
    Ok(command)
}

fn option(name: &str, path: &Path) -> String {
    format!("--{name}={}", path.display())
}
