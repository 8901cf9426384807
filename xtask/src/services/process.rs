//! Processes of this machine, told apart by when they started: a pid is used again, a pid and a start are not.

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often we look whether a process that is not our child has ended.
const LOOK: Duration = Duration::from_millis(10);

/// One process, alive or gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// When it started, in clock ticks since this machine did.
    pub started: u64,
}

/// What `/proc/PID/stat` says.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    name: String,
    state: char,
    parent: u32,
    started: u64,
}

impl Process {
    /// The process that now has this number.
    pub fn of(pid: u32) -> Option<Self> {
        Stat::of(pid).map(|stat| Self { pid, started: stat.started })
    }

    /// Does it run? One that has ended, and that nobody has asked about yet, does not.
    pub fn is_running(self) -> bool {
        Stat::of(self.pid).is_some_and(|stat| stat.started == self.started && !matches!(stat.state, 'Z' | 'X'))
    }

    /// Its name, which is that of its program, cut off after 15 bytes.
    pub(super) fn name(self) -> Option<String> {
        Stat::of(self.pid).filter(|stat| stat.started == self.started).map(|stat| stat.name)
    }

    /// What it was called with.
    pub(super) fn command_line(self) -> Vec<String> {
        let line = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        if self.is_running() { line.split_terminator('\0').map(str::to_owned).collect() } else { Vec::new() }
    }

    /// Every process of this machine.
    pub(super) fn all() -> Vec<Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter_map(Self::of).collect()
    }

    fn descendants(self) -> Vec<Self> {
        let all = Self::all();
        let mut found = vec![self];
        let mut next = 0;
        while let Some(parent) = found.get(next).copied() {
            let is_child = |pid| Stat::of(pid).is_some_and(|stat| stat.parent == parent.pid);
            let children: Vec<_> = all.iter().copied().filter(|process| is_child(process.pid)).collect();
            found.extend(children);
            next += 1;
        }
        found.split_off(1)
    }

    /// Sends a signal; to one that is gone, nothing.
    pub(super) fn signal(self, signal: Signal) -> Result<()> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).context("a pid out of range")?;
        if !self.is_running() {
            return Ok(());
        }
        match kill_process(pid, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot signal process {}", self.pid)),
        }
    }

    /// Waits until it has ended; false when it has not in this time.
    pub(super) fn wait_for_end(self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.is_running() {
            if Instant::now() > deadline {
                return false;
            }
            sleep(LOOK);
        }
        true
    }

    /// Asks it to end by `signal`; when it has not in this time, kills it with all that it started.
    pub(super) fn stop(self, signal: Signal, patience: Duration) -> Result<()> {
        self.signal(signal)?;
        if !self.wait_for_end(patience) {
            self.kill()?;
            bail!("process {} did not stop in {} s and was killed", self.pid, patience.as_secs());
        }
        Ok(())
    }

    /// Has it and all that it started stand still.
    pub(super) fn pause(self) -> Result<()> {
        self.signal(Signal::STOP)?;
        // While it stands still it starts no others.
        self.descendants().into_iter().try_for_each(|process| process.signal(Signal::STOP))
    }

    /// Lets it and all that it started go on.
    pub(super) fn resume(self) -> Result<()> {
        self.descendants().into_iter().try_for_each(|process| process.signal(Signal::CONT))?;
        self.signal(Signal::CONT)
    }

    /// Kills it and all that it started, and waits until they are gone.
    pub(super) fn kill(self) -> Result<()> {
        // While it stands still it starts no others.
        self.signal(Signal::STOP)?;
        let descendants = self.descendants();
        let mut tree = vec![self];
        tree.extend(descendants);
        for process in &tree {
            process.signal(Signal::KILL)?;
        }
        for process in tree {
            if !process.wait_for_end(Duration::from_secs(30)) {
                bail!("process {} is still there after it was killed", process.pid);
            }
        }
        Ok(())
    }
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parse(line: &str) -> Option<Self> {
        // The name may hold anything, also blanks and brackets.
        let (start, rest) = line.rsplit_once(')')?;
        let (_, name) = start.split_once('(')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let [state, parent, ..] = fields[..] else { return None };
        Some(Self {
            name: name.to_owned(),
            state: state.chars().next()?,
            parent: parent.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn given_a_name_with_brackets_then_the_line_is_still_read() {
        let line = "42 (a) (b) S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 0 0";
        let expected = Stat { name: "a) (b".to_owned(), state: 'S', parent: 7, started: 12345 };
        assert_eq!(Stat::parse(line), Some(expected));
        assert_eq!(Stat::parse("42 (a) S"), None);
    }

    #[test]
    fn a_process_with_the_number_of_another_is_not_that_other() {
        let own = Process::of(std::process::id()).unwrap();
        let earlier = Process { started: own.started - 1, ..own };
        assert!(own.is_running());
        assert!(!earlier.is_running());
        assert!(earlier.command_line().is_empty());
    }

    #[test]
    fn given_a_tree_when_its_root_is_killed_then_nothing_of_it_is_left() {
        let mut child = Command::new("sh").args(["-c", "sleep 600 & sleep 600"]).spawn().unwrap();
        let root = Process::of(child.id()).unwrap();
        while root.descendants().len() < 2 {
            std::thread::yield_now();
        }
        let tree = root.descendants();
        root.kill().unwrap();
        assert!(!root.is_running() && tree.iter().all(|process| !process.is_running()));
        child.wait().unwrap();
    }
}
