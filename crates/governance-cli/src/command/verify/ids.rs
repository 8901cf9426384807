//! Ids that must not come back: of commits, and of records within their kind.
//!
//! This is the one part of verification whose memory grows with the history, by some 40 bytes a
//! record: no backplane has a look-up by record id.

use super::report::Report;
use crate::failure::Failure;
use governance_persistence::{CommitId, LogEntry, RecordId, RecordKind};
use std::collections::HashSet;

/// The ids of one experiment that were seen so far.
#[derive(Default)]
pub(super) struct Ids {
    commits: HashSet<CommitId>,
    records: HashSet<(RecordKind, RecordId)>,
}

impl Ids {
    pub(super) fn check(&mut self, entry: &LogEntry, report: &mut Report<'_>) -> Result<(), Failure> {
        if !self.commits.insert(entry.commit_id) {
            let problem = format!("commit id {} stands at an earlier sequence too", entry.commit_id);
            report.problem(&entry.key, entry.sequence, &problem)?;
        }
        for record in &entry.records {
            let (kind, id) = (record.kind(), record.id());
            if !self.records.insert((kind, id)) {
                report.problem(&entry.key, entry.sequence, &format!("{kind} id {id} stands twice"))?;
            }
        }
        Ok(())
    }
}
