//! Ctrl-C and the wish to end: the program that we run is told, we wait for it, and what is open gets closed.

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;

const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

/// From now on, a signal to end does not end this process by itself.
#[derive(Debug)]
pub(crate) struct Interrupts(Signals);

impl Interrupts {
    pub(crate) fn catch() -> Result<Self> {
        Ok(Self(Signals::new(SIGNALS)?))
    }

    /// An error, when somebody has asked us to end since the last time.
    pub(crate) fn check(&mut self) -> Result<()> {
        if self.0.pending().next().is_some() {
            bail!("interrupted");
        }
        Ok(())
    }

    /// Waits until somebody asks us to end.
    pub(crate) fn wait(&mut self) {
        self.0.forever().next();
    }

    /// Runs a command to its end. It and all that it starts get the signals that we get.
    ///
    /// It has a group of processes for itself. So Ctrl-C reaches it by us alone, once, and a signal that was
    /// sent to us alone reaches all of it.
    pub(crate) fn run(&mut self, mut command: Command) -> Result<()> {
        // A listener can be closed only for good, so each run has one. From here on nothing is missed.
        let mut signals = Signals::new(SIGNALS)?;
        let listener = signals.handle();
        self.check()?;
        let mut child = command.process_group(0).spawn().context("cannot run it")?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("a pid out of range")?;
        let status = thread::scope(|scope| {
            scope.spawn(move || {
                for signal in signals.forever() {
                    // It may have ended by itself just now.
                    let _ = kill_process_group(group, named(signal));
                }
            });
            let status = child.wait();
            listener.close();
            status
        })?;
        if let Err(interrupted) = self.check() {
            // Cargo ends at once, tests that it runs may not.
            let _ = kill_process_group(group, Signal::KILL);
            return Err(interrupted);
        }
        if !status.success() {
            bail!("it failed ({status})");
        }
        Ok(())
    }
}

fn named(signal: i32) -> Signal {
    match signal {
        SIGINT => Signal::INT,
        SIGHUP => Signal::HUP,
        _ => Signal::TERM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};
    use xtask::services::Process;

    #[test]
    fn given_a_signal_to_us_then_all_of_the_command_ends_and_the_next_one_is_told_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut interrupts = Interrupts::catch().unwrap();
        for time in ["first", "second"] {
            let file = folder.path().join(time);
            let mut command = Command::new("sh");
            // The sleep ignores it: the shell ends before it.
            let script = "trap '' TERM; sleep 3600 & trap - TERM; echo $! > \"$0\"; kill -TERM $PPID; wait";
            command.args(["-c", script]).arg(&file);
            let error = interrupts.run(command).unwrap_err().to_string();
            assert_eq!(error, "interrupted");
            let pid = std::fs::read_to_string(file).unwrap().trim().parse().unwrap();
            let deadline = Instant::now() + Duration::from_secs(60);
            while Process::of(pid).is_some_and(Process::is_running) {
                assert!(Instant::now() < deadline, "what the command started still runs");
                thread::yield_now();
            }
        }
        assert!(interrupts.run(Command::new("true")).is_ok());
        assert!(interrupts.run(Command::new("false")).is_err());
    }
}
