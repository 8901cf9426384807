//! `governance version diff`: what changed between two configuration versions.

use crate::backplane::known;
use crate::failure::Failure;
use crate::output::{List, Output};
use governance::{Change, Governance};
use governance_persistence::{ExperimentKey, VersionNumber};
use serde_json::Value;

const HEADERS: &[&str] = &["CHANGE", "WHERE", "BEFORE", "AFTER"];

pub(super) async fn run(
    governance: &Governance,
    key: &ExperimentKey,
    (before, after): (VersionNumber, VersionNumber),
    out: &mut Output,
) -> Result<(), Failure> {
    known(governance.backplane(), key).await?;
    let diff = governance.versions().diff(key, before, after).await?;
    if out.is_json() {
        return Ok(out.value(&diff.to_patch())?);
    }
    let mut list = List::new(HEADERS, "The two versions hold the same configuration.");
    for change in diff.changes() {
        let place = if change.pointer().is_empty() { "(all of it)" } else { change.pointer() };
        let (kind, before, after) = match change {
            Change::Added { after, .. } => ("Added", None, Some(after)),
            Change::Removed { before, .. } => ("Removed", Some(before), None),
            Change::Modified { before, after, .. } => ("Modified", Some(before), Some(after)),
            // A kind of change that is not known here has its place at least.
            _ => ("Changed", None, None),
        };
        let cells = vec![kind.to_owned(), place.to_owned(), shown(before), shown(after)];
        list.push(out, &(), |()| cells)?;
    }
    Ok(list.finish(out)?)
}

fn shown(value: Option<&Value>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
