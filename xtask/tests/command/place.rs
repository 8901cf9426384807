//! A temporary directory for one test, in which the command puts its servers.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use xtask::services::{Directory, Process, Service};

/// A temporary directory for one test, so that it sees no servers of others.
///
/// It is like one of theirs: when the test is killed, the next run ends what is in it too.
pub(crate) struct Place(Arc<Directory>);

impl Place {
    pub(crate) fn new() -> Self {
        Self(Directory::create().unwrap())
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(arguments).env("TMPDIR", self.0.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Vec<Value> {
        serde_json::from_slice(&self.run(arguments).stdout).unwrap()
    }

    /// The directories of servers in it.
    fn directories(&self) -> impl Iterator<Item = PathBuf> {
        let own = self.0.ca().parent().unwrap().to_owned();
        self.0.path().read_dir().unwrap().map(|entry| entry.unwrap().path()).filter(move |path| *path != own)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.directories().next().is_none()
    }

    /// Is there such a file in a directory of servers?
    pub(crate) fn holds(&self, file: &str) -> bool {
        self.directories().any(|directory| directory.join(file).exists())
    }

    /// Starts servers that stay in the foreground, and returns once they run.
    pub(crate) fn foreground(&self) -> (Foreground, Vec<Process>) {
        let mut command = self.command(&["services", "up", "--foreground", "--only", "postgres"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // It prints the variables when all is up, and the data folders among them.
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let last = "export GOVERNANCE_TEST_POSTGRES_URL=";
        assert!(lines.any(|line| line.unwrap().starts_with(last)), "it ended before its servers were up");
        let locks = ["postgres", "replica"].map(|server| format!("{server}/data/postmaster.pid"));
        let directory = self.directories().next().unwrap();
        let servers = locks.map(|lock| process(&directory.join(lock)));
        (Foreground(child), servers.into())
    }
}

/// The command while it stays with its servers. It does not outlive the test.
pub(crate) struct Foreground(Child);

impl Foreground {
    /// Sends it a signal, waits for its end, and returns whether that was a success.
    pub(crate) fn end(&mut self, signal: Signal) -> bool {
        send(self.0.id(), signal);
        self.0.wait().unwrap().success()
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A test that failed must leave no servers either.
        let _ = self.command(&["services", "down"]).output();
    }
}

/// The server that holds this lock file of PostgreSQL.
fn process(lock: &Path) -> Process {
    let lock = fs::read_to_string(lock).unwrap();
    Process::of(lock.lines().next().unwrap().parse().unwrap()).unwrap()
}

pub(crate) fn send(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

pub(crate) fn processes(servers: &[Value]) -> Vec<Process> {
    servers.iter().map(|server| Process::of(u32::try_from(server["pid"].as_u64().unwrap()).unwrap()).unwrap()).collect()
}

/// Waits for processes that are not ours.
pub(crate) fn wait_for_end(process: Process) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while process.is_running() {
        assert!(Instant::now() < deadline, "it was told to end and still runs");
        std::thread::yield_now();
    }
}

pub(crate) fn is_available() -> bool {
    Service::ALL.iter().all(|service| service.is_available().unwrap())
}
