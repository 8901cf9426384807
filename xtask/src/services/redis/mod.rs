//! Redis: a server of one's own, its replica, a cluster of them, and a pair that Sentinels watch.

mod cluster;
mod replica;
mod sentinel;
mod tls;

pub use cluster::RedisCluster;
pub use sentinel::RedisSentinel;

use super::account::Account;
use super::command::run;
use super::daemon::{Daemon, on_free_port};
use super::directory::Directory;
use super::process::Process;
use super::{Record, Server, Service};
use crate::programs::{Program, find};
use anyhow::{Context, Result};
use rustix::process::Signal;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

pub(super) const PROGRAMS: &[Program] = &[
    Program { command: "redis-server", packages: &["redis-server"], purpose: "a Redis server" },
    Program { command: "redis-cli", packages: &["redis-tools"], purpose: "sets up a Redis server" },
    super::OPENSSL,
];
/// By this name `/proc` knows its process.
pub(super) const PROCESSES: &[&str] = &["redis-server"];
/// Shuts down in order.
pub(super) const STOP: Signal = Signal::TERM;

/// What a server may have that the default does not.
#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    /// Arguments of `redis-server`, such as `--maxmemory 4mb`, each word by itself.
    pub arguments: Vec<String>,
}

/// A Redis server, which adds each write to a file that goes to the disk every second. Dropped, it stops.
#[derive(Debug)]
pub struct Redis {
    daemon: Daemon,
    server: Files,
    // The last field: the directory goes after the server.
    directory: Arc<Directory>,
}

/// Where a server's files are, and what it is started with.
#[derive(Clone, Debug)]
struct Files {
    /// Holds the data and the log.
    folder: PathBuf,
    port: u16,
    arguments: Vec<String>,
}

impl Redis {
    /// Starts an empty server in `directory`.
    ///
    /// # Errors
    ///
    /// When a program is missing, or the server does not answer; then the error shows its log.
    pub fn start(directory: &Arc<Directory>, options: &RedisOptions) -> Result<Self> {
        let folder = directory.folder("redis", Account::Own)?;
        let (server, daemon) = on_free_port(|port| {
            let server = Files { folder: folder.clone(), port, arguments: options.arguments.clone() };
            Ok((server.clone(), server.start()?))
        })?;
        Ok(Self { daemon, server, directory: Arc::clone(directory) })
    }

    /// The URL of its database 0.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.server.port)
    }

    /// Its port, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.server.folder.clone()
    }

    /// Its process.
    pub fn process(&self) -> Process {
        self.daemon.process()
    }

    /// The directory it lives in.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Runs a command by `redis-cli`, and returns what it prints.
    ///
    /// # Errors
    ///
    /// When the server does not answer, or refuses.
    pub fn cli(&self, arguments: &[&str]) -> Result<String> {
        self.server.cli(arguments)
    }

    /// Kills the server, as a crash would.
    ///
    /// # Errors
    ///
    /// When the system does not let us.
    pub fn kill(&mut self) -> Result<()> {
        self.daemon.kill()
    }

    /// Has the server stand still: it takes connections, and answers nothing.
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

    fn describe(&self, service: Service, name: String, variables: &[(String, String)]) -> Record {
        let ca = (super::CA_VARIABLE.to_owned(), self.directory.ca().display().to_string());
        Record {
            service,
            name,
            process: self.process(),
            port: self.port(),
            data: self.data(),
            variables: variables.iter().cloned().chain([ca]).collect(),
        }
    }
}

impl Server for Redis {
    fn record(&self) -> Record {
        let url = (Service::Redis.url_variable().to_owned(), self.url());
        self.describe(Service::Redis, "redis".to_owned(), &[url])
    }
}

impl Files {
    fn start(&self) -> Result<Daemon> {
        let mut command = Command::new(find("redis-server").context("redis-server is not installed")?);
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", ""]);
        command.args(["--appendonly", "yes", "--appendfsync", "everysec", "--daemonize", "no"]);
        command.arg("--dir").arg(&self.folder).args(&self.arguments);
        // It calls itself by its address then, and no path that tells it apart is left. A process is known by it.
        command.args(["--set-proc-title", "no"]);
        let mut daemon = Daemon::spawn(&mut command, &self.folder.join("log"), STOP)?;
        let answers = || self.cli(&["PING"]).is_ok_and(|answer| answer == "PONG");
        daemon.wait_until(answers).context("Redis did not start")?;
        Ok(daemon)
    }

    fn cli(&self, arguments: &[&str]) -> Result<String> {
        cli(self.port, arguments)
    }
}

fn cli(port: u16, arguments: &[&str]) -> Result<String> {
    let mut client = Command::new(find("redis-cli").context("redis-cli is not installed")?);
    // Without -e an error would be an answer like any other.
    client.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-e"]);
    run(client.args(arguments))
}
