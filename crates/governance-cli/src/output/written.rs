//! What a command wrote.

use super::{Output, with_reason};
use crate::failure::Failure;
use governance::Governance;
use governance_persistence::{Backplane, Consistency, ExperimentKey, LogEntry, Receipt, Record, StateChange};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt::Display;

/// A commit that was just made.
#[derive(Debug)]
pub(crate) struct Written<'a> {
    governance: &'a Governance,
    key: &'a ExperimentKey,
    receipt: Receipt,
    more: Map<String, Value>,
}

/// The receipt of a commit, with the state and the records that it holds.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    receipt: Receipt,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a StateChange>,
    records: &'a [Record],
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl<'a> Written<'a> {
    /// The commit of this receipt.
    pub(crate) fn new(governance: &'a Governance, key: &'a ExperimentKey, receipt: Receipt) -> Self {
        Self { governance, key, receipt, more: Map::new() }
    }

    /// Programs learn this, too.
    pub(crate) fn with(mut self, name: &str, value: impl Serialize) -> Result<Self, Failure> {
        self.more.insert(name.to_owned(), serde_json::to_value(value)?);
        Ok(self)
    }

    /// Shows it: as JSON with all that was written, or in a sentence for people.
    pub(crate) async fn show(self, out: &mut Output, sentence: impl Display) -> Result<(), Failure> {
        if out.is_json() { self.for_programs(out).await } else { self.for_people(out, sentence, &[]) }
    }

    /// The same of a move, and what it was judged by: a line each.
    pub(crate) async fn show_judged(self, out: &mut Output, sentence: impl Display) -> Result<(), Failure> {
        if out.is_json() {
            return self.for_programs(out).await;
        }
        let entry = self.entry().await?;
        let records = entry.as_ref().map(|entry| entry.records.as_slice()).unwrap_or_default();
        let judged: Vec<_> =
            records.iter().filter(|record| matches!(record, Record::Approval(_) | Record::Evaluation(_))).collect();
        self.for_people(out, sentence, &judged)
    }

    async fn entry(&self) -> Result<Option<LogEntry>, Failure> {
        let found = self.governance.backplane().entry(self.key, self.receipt.commit_id, Consistency::Strong).await;
        // It is done, whether or not it can be looked at.
        found.map_err(|error| Failure::unseen(&self.receipt, &error))
    }

    async fn for_programs(self, out: &mut Output) -> Result<(), Failure> {
        let entry = self.entry().await?;
        let records = entry.as_ref().map(|entry| entry.records.as_slice()).unwrap_or_default();
        let state = entry.as_ref().and_then(|entry| entry.state.as_ref());
        Ok(out.value(&Told { receipt: self.receipt, state, records, more: self.more })?)
    }

    fn for_people(self, out: &mut Output, sentence: impl Display, judged: &[&Record]) -> Result<(), Failure> {
        out.line(sentence)?;
        for record in judged {
            out.line(format_args!("  {}", with_reason(record)))?;
        }
        let Receipt { sequence, commit_id, recorded_at, replayed, .. } = self.receipt;
        let how = if replayed { "It was applied earlier already:" } else { "Recorded as" };
        Ok(out.line(format_args!("{how} sequence {sequence}, commit {commit_id}, at {recorded_at}."))?)
    }
}
