//! What a command wrote.

use super::Output;
use governance_persistence::{Receipt, Record, StateChange};
use serde::Serialize;
use std::fmt::Display;
use std::io;

/// The receipt of a commit, with the state and the records that it holds.
#[derive(Debug, Serialize)]
pub(crate) struct Written<'a> {
    #[serde(flatten)]
    pub(crate) receipt: Receipt,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<&'a StateChange>,
    pub(crate) records: &'a [Record],
}

impl Written<'_> {
    /// Shows it: as JSON, or in a sentence for people.
    pub(crate) fn show(&self, out: &mut Output, sentence: impl Display) -> io::Result<()> {
        if out.is_json() {
            return out.value(self);
        }
        out.line(sentence)?;
        let Receipt { sequence, commit_id, recorded_at, replayed, .. } = self.receipt;
        let how = if replayed { "It was applied earlier already:" } else { "Recorded as" };
        out.line(format_args!("{how} sequence {sequence}, commit {commit_id}, at {recorded_at}."))
    }
}
