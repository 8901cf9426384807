//! A backplane of one's own, small and whole: a file of JSON Lines, one log entry a line.
//! `docs/custom-backplane.md` walks through it.
//!
//! It keeps the whole contract: `certified` has the suite say so, and `certified_with_faults` when
//! calls fail and replies get lost. What it is not good for: every commit waits for the disk
//! by itself, the whole history is in the memory of each handle and is read when one is opened, and the
//! file has to be on a local disk, where its lock holds. For more than an example, take the SQLite backplane.
//!
//! `cargo run -p governance-persistence-conformance --example json_lines -- FILE` moves an
//! experiment in such a file on, and shows its log.

mod backplane;
#[cfg(test)]
mod certified;
#[cfg(test)]
mod certified_with_faults;
#[cfg(test)]
mod crashes;
mod ephemeral;
mod journal;
#[cfg(test)]
mod place;

use backplane::JsonLines;
use governance_persistence::{
    Backplane, Commit, Consistency, ExperimentKey, LifecycleState, PageSize, Result, Sequence, StateChange,
    StateTransition,
};
use std::path::PathBuf;

#[tokio::main]
async fn main() -> Result<()> {
    let path = std::env::args_os().nth(1).map_or_else(|| "governance.jsonl".into(), PathBuf::from);
    let backplane = JsonLines::open(path).await?;
    let key = ExperimentKey::new("checkout")?;

    let head = backplane.head(&key, Consistency::Strong).await?;
    let from = head.state.as_ref().map_or(LifecycleState::Draft, |state| state.lifecycle_state);
    let to = if from == LifecycleState::Running { LifecycleState::Paused } else { LifecycleState::Running };
    let commit = Commit::builder(&key, head.same_state())
        .state(StateChange::to(to).by("alice"))
        .record(StateTransition::new(from, to, "alice"))
        .build()?;
    backplane.commit(&commit).await?;

    for entry in backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await? {
        let state = entry.state.map_or("the same state".to_owned(), |state| state.lifecycle_state.to_string());
        println!("{} {} {state}", entry.sequence, entry.recorded_at);
    }
    backplane.close().await
}
