//! `governance version list`: all configuration versions.

use crate::backplane::known;
use crate::failure::Failure;
use crate::output::{List, Output, summary};
use futures_util::TryStreamExt;
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, ExperimentKey, HistoryQuery, Record, RecordKind, Recorded,
};

const HEADERS: &[&str] = &["WHAT", "CREATED AT", "BY", "STATE", "HASH", "CHANGE"];
/// As many digits of a hash as tell two versions apart at a glance.
const SHORT: usize = 12;

pub(super) async fn run(backplane: &dyn Backplane, key: &ExperimentKey, out: &mut Output) -> Result<(), Failure> {
    known(backplane, key).await?;
    let records = backplane.history_stream(key, HistoryQuery::new(RecordKind::Version), Consistency::Strong);
    List::new(HEADERS, "No configuration versions.").write_all(out, records.into_stream(), row).await
}

fn row(recorded: &Recorded<Record>) -> Vec<String> {
    let Record::Version(version) = &recorded.record else {
        return vec![summary(&recorded.record)];
    };
    vec![
        summary(&recorded.record),
        version.created_at.to_string(),
        version.created_by.clone(),
        version.lifecycle_state.map(|state| state.to_string()).unwrap_or_default(),
        version.hash.to_string().chars().take(SHORT).collect(),
        version.change_description.clone().unwrap_or_default(),
    ]
}
