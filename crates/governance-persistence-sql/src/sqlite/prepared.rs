//! What can be made of a commit before the writer's thread gets it. Callers run side by side, and
//! the writer is what all of them wait for: it should bind values and do nothing else.

use governance_persistence::{Commit, CommitId, Error, Fingerprint, LogEntry, Result, StateChange};

/// A commit, and the texts of its row in the log.
pub(super) struct Prepared {
    pub(super) commit: Commit,
    pub(super) log: LogTexts,
}

impl Prepared {
    pub(super) fn of(commit: &Commit) -> Result<Self> {
        let log = LogTexts::of(commit.id(), commit.fingerprint(), commit.state())?;
        Ok(Self { commit: commit.clone(), log })
    }
}

/// The texts of a row in the log.
pub(super) struct LogTexts {
    pub(super) commit_id: String,
    pub(super) fingerprint: String,
    pub(super) state: Option<String>,
}

impl LogTexts {
    pub(super) fn of_entry(entry: &LogEntry) -> Result<Self> {
        Self::of(entry.commit_id, entry.fingerprint, entry.state.as_ref())
    }

    fn of(commit_id: CommitId, fingerprint: Fingerprint, state: Option<&StateChange>) -> Result<Self> {
        let state = state.map(serde_json::to_string).transpose().map_err(|error| Error::Backend {
            reason: "the state does not serialize".into(),
            source: Some(Box::new(error)),
        })?;
        Ok(Self { commit_id: commit_id.to_string(), fingerprint: fingerprint.to_string(), state })
    }
}
