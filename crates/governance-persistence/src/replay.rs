//! Folding log entries into the head they lead to.

use crate::{Error, Head, LogEntry, Result};
use std::sync::Arc;

/// Folds an experiment's log entries, in order, into its head, and checks on the way that they
/// are a history: no gap, no time running backwards, versions without a hole.
///
/// # Errors
///
/// [`Error::Corrupt`] at the first entry that does not continue the ones before.
///
/// ```
/// use governance_persistence::{Backplane, BackplaneExt, ExperimentKey, InMemoryBackplane};
/// use governance_persistence::{Consistency, Expected, LifecycleState, PageSize, Sequence, StateChange, replay};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let backplane = InMemoryBackplane::new();
/// let key = ExperimentKey::new("checkout")?;
/// backplane.save_experiment_state(&key, StateChange::to(LifecycleState::Draft), Expected::Absent).await?;
///
/// let log = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await?;
/// let replayed = log.iter().try_fold(replay::start(&key), replay::apply)?;
/// assert_eq!(replayed, backplane.head(&key, Consistency::Strong).await?);
/// # Ok::<(), governance_persistence::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn apply(mut head: Head, entry: &LogEntry) -> Result<Head> {
    let corrupt = |problem: String| Err(Error::corrupt(&entry.key, entry.sequence, problem));
    if entry.key != head.key {
        return corrupt(format!("the entry does not belong to {}", head.key));
    }
    if entry.sequence != head.sequence.next() {
        return corrupt(format!("the entry follows sequence {}", head.sequence));
    }
    if let Some(before) = head.recorded_at.filter(|before| entry.recorded_at < *before) {
        return corrupt(format!("recorded at {}, before the entry before, {before}", entry.recorded_at));
    }
    if let Some((first, last)) = entry.version_range() {
        if let Some(latest) = head.latest_version.filter(|latest| latest.next() != Some(first)) {
            return corrupt(format!("version {first} does not follow version {latest}"));
        }
        head.latest_version = Some(last);
    }
    if let Some(state) = entry.experiment_state() {
        head.state = Some(Arc::new(state));
    }
    head.sequence = entry.sequence;
    head.recorded_at = Some(entry.recorded_at);
    Ok(head)
}

/// Where replay starts: nothing was recorded of the experiment yet.
pub fn start(key: &crate::ExperimentKey) -> Head {
    Head::empty(key.clone())
}
