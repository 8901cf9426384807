//! A server as a process: started in the background, waited for, stopped, killed.

use super::process::Process;
use anyhow::{Context, Result, bail};
use rustix::process::Signal;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take until it answers. Recovery after a crash is part of it.
const UNTIL_READY: Duration = Duration::from_secs(60);
/// How long a server may take to stop.
pub(super) const UNTIL_STOPPED: Duration = Duration::from_secs(30);
/// How often a server is asked whether it answers.
const ASK: Duration = Duration::from_millis(50);
/// How much of a log an error shows.
const LOG_LINES: usize = 25;
/// How often another port is tried, when somebody took the first in the meantime.
const PORTS: usize = 5;

/// A server that we started. Dropped, it stops.
#[derive(Debug)]
pub(super) struct Daemon {
    child: Child,
    process: Process,
    log: PathBuf,
    stop: Signal,
}

impl Daemon {
    /// Starts it, with all that it says going to `log`. `stop` is the signal by which it ends in order.
    pub(super) fn spawn(command: &mut Command, log: &Path, stop: Signal) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let out = File::options().create(true).append(true).open(log)?;
        let command = command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
        // Ctrl-C in a terminal goes to its group of processes. Servers end when we say so.
        let child = command.process_group(0).spawn().with_context(|| format!("cannot run {program}"))?;
        let process = Process::of(child.id()).context("/proc does not know a process that was just started")?;
        Ok(Self { child, process, log: log.to_owned(), stop })
    }

    pub(super) fn process(&self) -> Process {
        self.process
    }

    /// Waits until `ready` says so. An error shows the end of the log.
    pub(super) fn wait_until(&mut self, ready: impl Fn() -> bool) -> Result<()> {
        let deadline = Instant::now() + UNTIL_READY;
        while !ready() {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended ({status}); its log {}", end_of_log(&self.log));
            }
            if Instant::now() > deadline {
                bail!("no answer from the server in {} s; its log {}", UNTIL_READY.as_secs(), end_of_log(&self.log));
            }
            sleep(ASK);
        }
        Ok(())
    }

    /// Stops it in order; when that takes too long, kills it and says so.
    pub(super) fn stop(&mut self) -> Result<()> {
        let stopped = self.process.stop(self.stop, UNTIL_STOPPED);
        self.child.wait()?;
        stopped.with_context(|| format!("its log {}", end_of_log(&self.log)))
    }

    /// Kills it and all that it started, as a crash would.
    pub(super) fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("{error:#}");
        }
    }
}

/// The last lines of a log, for an error.
fn end_of_log(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines.len().saturating_sub(LOG_LINES);
    format!("{} ends with:\n{}", log.display(), lines[shown..].join("\n"))
}

/// Calls `start` with a free port of the loopback interface, and with another if that one was taken meanwhile.
pub(super) fn on_free_port<T>(mut start: impl FnMut(u16) -> Result<T>) -> Result<T> {
    let mut tries = 1;
    loop {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        match start(port) {
            Err(error) if tries < PORTS && format!("{error:#}").contains("Address already in use") => tries += 1,
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_port_that_was_taken_then_another_is_tried_and_other_errors_are_told() {
        let mut ports = Vec::new();
        let outcome = on_free_port(|port| {
            ports.push(port);
            if ports.len() < 3 {
                bail!("bind: Address already in use")
            }
            Ok(port)
        });
        assert_eq!(outcome.unwrap(), ports[2]);
        assert!(on_free_port::<()>(|_| bail!("other")).is_err());
        let mut tries = 0;
        assert!(
            on_free_port::<()>(|_| {
                tries += 1;
                bail!("Address already in use")
            })
            .is_err()
        );
        assert_eq!(tries, PORTS);
    }

    #[test]
    fn given_a_server_that_ends_at_once_then_the_error_shows_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = Command::new("sh");
        let mut daemon = Daemon::spawn(command.args(["-c", "echo no memory >&2; exit 1"]), &log, Signal::TERM).unwrap();
        let error = daemon.wait_until(|| false).unwrap_err().to_string();
        assert!(error.contains("no memory") && error.contains("exit status: 1"), "{error}");
    }
}
