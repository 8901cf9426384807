//! Several servers at once, in one directory.

use super::directory::Directory;
use super::state::State;
use super::{Record, Server, Service};
use anyhow::{Context, Result, anyhow};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::thread;

/// Servers that run as long as this is kept. Dropped, they stop, and their directory is removed.
pub struct Running {
    servers: Vec<Box<dyn Server>>,
    directory: Option<Arc<Directory>>,
}

impl Running {
    /// Starts these services side by side.
    ///
    /// # Errors
    ///
    /// When one of them does not start. Then the others are stopped.
    pub fn start(services: &[Service]) -> Result<Self> {
        if services.is_empty() {
            return Ok(Self { servers: Vec::new(), directory: None });
        }
        Self::start_in(Directory::create()?, services)
    }

    /// Starts these services beside others that were left running, to be left with them.
    ///
    /// # Errors
    ///
    /// When one of them does not start. Then those that did are stopped.
    pub fn join(state: &State, services: &[Service]) -> Result<Self> {
        Self::start_in(Directory::shared(&state.directory), services)
    }

    fn start_in(directory: Arc<Directory>, services: &[Service]) -> Result<Self> {
        let started: Vec<_> = thread::scope(|scope| {
            let starts = services.iter().map(|service| scope.spawn(|| service.start(&directory)));
            let starts: Vec<_> = starts.collect();
            starts
                .into_iter()
                .map(|start| start.join().unwrap_or_else(|_| Err(anyhow!("the start panicked"))))
                .collect()
        });
        let mut running = Self { servers: Vec::new(), directory: Some(directory) };
        let mut failed = Ok(());
        for (service, servers) in services.iter().zip(started) {
            match servers {
                Ok(servers) => running.servers.extend(servers),
                Err(error) => failed = Err(error.context(format!("{service:?} could not be started"))),
            }
        }
        failed.map(|()| running)
    }

    /// What there is to know of each server.
    pub fn records(&self) -> Vec<Record> {
        self.servers.iter().map(|server| server.record()).collect()
    }

    /// The variables by which tests find the servers.
    pub fn variables(&self) -> BTreeMap<String, String> {
        self.servers.iter().flat_map(|server| server.record().variables).collect()
    }

    /// Leaves the servers running in the background, for the people of this workspace to stop.
    ///
    /// # Errors
    ///
    /// When that cannot be written down. Then they are stopped.
    pub fn leave(mut self, workspace: &Path) -> Result<State> {
        let directory = self.directory.as_ref().context("no server was started")?;
        let directory = directory.path().to_owned();
        let mut servers = State::read(&directory).map(|state| state.servers).unwrap_or_default();
        servers.extend(self.records());
        let state = State { workspace: workspace.to_owned(), directory, servers };
        state.save()?;
        // Dropping them would stop them. What they hold ends with this process.
        std::mem::forget(std::mem::take(&mut self.servers));
        std::mem::forget(self.directory.take());
        Ok(state)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Those that follow others were started last and go first.
        while let Some(server) = self.servers.pop() {
            drop(server);
        }
    }
}
