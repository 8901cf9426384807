//! What a process left behind that was killed before it could stop its servers.

use super::state::State;
use super::{Process, Service, directory};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Ends servers whose owner is gone, removes what they had, and returns where that was.
///
/// # Errors
///
/// When something could not be ended or removed.
pub fn clear_leftovers() -> Result<Vec<PathBuf>> {
    let mut cleared = Vec::new();
    for (directory, owner) in directory::all(&std::env::temp_dir()) {
        let kept = State::read(&directory).is_some_and(|state| state.workspace.exists());
        if kept || owner.is_running() {
            continue;
        }
        end_all_in(&directory)?;
        directory::remove(&directory)?;
        cleared.push(directory);
    }
    Ok(cleared)
}

/// Ends the servers that this process started, and removes what they had: for a process that is about to end without
/// coming to its own end.
///
/// # Errors
///
/// When something could not be ended or removed.
pub fn clear_own() -> Result<()> {
    let own = Process::of(std::process::id());
    for (directory, owner) in directory::all(&std::env::temp_dir()) {
        if Some(owner) == own {
            end_all_in(&directory)?;
            directory::remove(&directory)?;
        }
    }
    Ok(())
}

/// Kills the servers and their tools that were called with a path in this directory.
pub(super) fn end_all_in(directory: &Path) -> Result<()> {
    for process in Process::all().into_iter().filter(|process| belongs_to(*process, directory)) {
        process.kill()?;
    }
    Ok(())
}

/// Others may look at files of a server too, but they have other names.
fn belongs_to(process: Process, directory: &Path) -> bool {
    let directory = directory.to_string_lossy();
    let is_ours = |name: String| Service::ALL.iter().any(|service| service.processes().contains(&name.as_str()));
    process.name().is_some_and(is_ours)
        && process.command_line().iter().any(|argument| argument.contains(directory.as_ref()))
}
