//! What the bare statements of a commit are given, as text, made before the clock runs.

use anyhow::{Context, Result, bail};
use governance_persistence::{Commit, Expected, Record, StateChange, StateTransition};

/// The arguments of a commit's statements, made ready.
pub(crate) struct Arguments {
    pub(crate) commit: Commit,
    pub(crate) commit_id: String,
    /// The ETag that the head must have, if it must.
    pub(crate) expected: Option<String>,
    pub(crate) fingerprint: String,
    pub(crate) state: String,
    pub(crate) record_id: String,
}

impl Arguments {
    pub(crate) fn of(commit: Commit) -> Result<Self> {
        let expected = match commit.expected() {
            Expected::Match(etag) => Some(etag.to_string()),
            _ => None,
        };
        let record = commit.records().first().context("the commit holds no record")?;
        Ok(Self {
            commit_id: commit.id().to_string(),
            expected,
            fingerprint: commit.fingerprint().to_string(),
            state: serde_json::to_string(&commit.state())?,
            record_id: record.id().to_string(),
            commit,
        })
    }

    pub(crate) fn state_change(&self) -> Result<&StateChange> {
        self.commit.state().context("the commit sets no state")
    }

    pub(crate) fn transition(&self) -> Result<&StateTransition> {
        match self.commit.records() {
            [Record::Transition(transition)] => Ok(transition),
            _ => bail!("the commit holds something else than one transition"),
        }
    }
}

/// How a missing tenant or environment is stored.
pub(crate) fn scope(part: Option<&str>) -> &str {
    part.unwrap_or_default()
}
