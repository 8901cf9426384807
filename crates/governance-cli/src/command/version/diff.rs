//! `governance version diff`: what changed between two configuration versions.

use crate::failure::Failure;
use crate::output::{List, Output, changes};
use governance_persistence::{Backplane, ExperimentKey, VersionNumber};
use serde_json::Value;

const HEADERS: &[&str] = &["CHANGE", "WHERE", "BEFORE", "AFTER"];

pub(super) async fn run(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    (before, after): (VersionNumber, VersionNumber),
    out: &mut Output,
) -> Result<(), Failure> {
    let before = super::known_version(backplane, key, Some(before)).await?;
    let after = super::known_version(backplane, key, Some(after)).await?;
    let (before, after) = (before.record.configuration.to_value(), after.record.configuration.to_value());
    if out.is_json() {
        return Ok(out.value(&json_patch::diff(&before, &after))?);
    }
    let mut list = List::new(HEADERS, "The two versions hold the same configuration.");
    for change in changes(&before, &after) {
        let place = if change.pointer.is_empty() { "(all of it)" } else { &change.pointer };
        let cells = vec![change.kind().to_owned(), place.to_owned(), shown(change.before), shown(change.after)];
        list.push(out, &(), |()| cells)?;
    }
    Ok(list.finish(out)?)
}

fn shown(value: Option<&Value>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
