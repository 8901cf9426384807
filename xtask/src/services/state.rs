//! Servers that were left running in the background: written down in their directory, found there, and stopped.

use super::daemon::UNTIL_STOPPED;
use super::directory;
use super::leftovers::end_all_in;
use super::{Record, Service};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// The file in the directory of the servers. With it there, they outlive the process that started them.
const FILE: &str = "state.json";

/// Servers in the background.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The root folder of the workspace they were started from.
    pub workspace: PathBuf,
    /// Their directory.
    pub directory: PathBuf,
    /// The servers, as they were started.
    pub servers: Vec<Record>,
}

impl State {
    /// Every group of servers that was left running from this workspace.
    pub fn of(workspace: &Path) -> Vec<Self> {
        let directories = directory::all(&std::env::temp_dir());
        let states = directories.iter().filter_map(|(directory, _)| Self::read(directory));
        states.filter(|state| state.workspace == workspace).collect()
    }

    /// What is written down in a directory of ours.
    pub(super) fn read(directory: &Path) -> Option<Self> {
        let state: Self = serde_json::from_slice(&fs::read(directory.join(FILE)).ok()?).ok()?;
        // It says what is to be removed, so it must speak of where it stands.
        (state.directory == directory).then_some(state)
    }

    pub(super) fn save(&self) -> Result<()> {
        // Written aside: a half of it must not be found.
        let aside = self.directory.join("state.json.new");
        fs::write(&aside, serde_json::to_vec_pretty(self)?)?;
        fs::rename(&aside, self.directory.join(FILE)).context("cannot write down what runs")
    }

    /// Does this service run, with all its servers?
    pub fn runs(&self, service: Service) -> bool {
        let mut servers = self.servers.iter().filter(|server| server.service == service).peekable();
        servers.peek().is_some() && servers.all(Record::is_running)
    }

    /// Stops the servers, and removes all they had.
    ///
    /// # Errors
    ///
    /// When one of them had to be killed, or something could not be removed.
    pub fn stop(self) -> Result<()> {
        let mut stopped = Ok(());
        // Those that follow others were started last and go first.
        for server in self.servers.iter().rev().filter(|server| server.is_running()) {
            let outcome = server.process.stop(server.service.stop_signal(), UNTIL_STOPPED);
            stopped = stopped.and(outcome.with_context(|| server.name.clone()));
        }
        end_all_in(&self.directory)?;
        directory::remove(&self.directory)?;
        stopped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::Process;

    fn state(directory: &Path) -> State {
        let server = Record {
            service: Service::Postgres,
            name: "postgres".to_owned(),
            process: Process { pid: u32::MAX, started: 1 },
            port: 5432,
            data: directory.join("postgres/data"),
            variables: [("GOVERNANCE_TEST_POSTGRES_URL".to_owned(), "postgres://".to_owned())].into(),
        };
        State { workspace: "/workspace".into(), directory: directory.to_owned(), servers: vec![server] }
    }

    #[test]
    fn given_a_saved_state_when_read_then_it_is_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let state = state(directory.path());
        state.save().unwrap();
        assert_eq!(State::read(directory.path()), Some(state));
    }

    #[test]
    fn given_a_state_of_another_directory_when_read_then_it_is_none() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        state(there.path()).save().unwrap();
        fs::copy(there.path().join(FILE), here.path().join(FILE)).unwrap();
        assert_eq!(State::read(here.path()), None);
    }

    #[test]
    fn given_servers_that_are_gone_when_stopped_then_the_directory_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let state = state(directory.path());
        assert!(!state.runs(Service::Postgres) && !state.runs(Service::Mariadb));
        state.stop().unwrap();
        assert!(!directory.path().exists());
    }
}
