//! `governance log`: an experiment's commits, as they were applied.

use crate::args::LogArgs;
use crate::output::{List, Output, actor, summary};
use crate::{backplane, failure::Failure};
use futures_util::StreamExt;
use governance_persistence::{Backplane, BackplaneExt, Consistency, ExperimentKey, LogEntry, PageSize, Record};

const HEADERS: &[&str] = &["SEQUENCE", "RECORDED AT", "BY", "STATE", "RECORDS", "COMMIT"];

pub(super) async fn run(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    args: &LogArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    backplane::known(backplane, key).await?;
    let limit = args.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    // A short answer needs no long page.
    let page = PageSize::new(limit).unwrap_or_default();
    let entries = backplane.log_stream(key, args.after, page, Consistency::Strong).take(limit);
    List::new(HEADERS, "No commits here.").write_all(out, entries, row).await
}

fn row(entry: &LogEntry) -> Vec<String> {
    let by = entry.records.iter().map(actor).find(|actor| !actor.is_empty());
    let by = by.or_else(|| entry.state.as_ref()?.last_modified_by.clone());
    let records: Vec<_> = entry.records.iter().map(record).collect();
    vec![
        entry.sequence.to_string(),
        entry.recorded_at.to_string(),
        by.unwrap_or_default(),
        entry.state.as_ref().map(|state| state.lifecycle_state.to_string()).unwrap_or_default(),
        records.join("\n"),
        entry.commit_id.to_string(),
    ]
}

fn record(record: &Record) -> String {
    format!("{}: {}", record.kind(), summary(record))
}
