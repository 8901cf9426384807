//! `governance version show`: one configuration version.

use crate::{failure::Failure, output::Output};
use governance_persistence::{Backplane, ExperimentKey, VersionNumber};

pub(super) async fn run(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    number: Option<VersionNumber>,
    out: &mut Output,
) -> Result<(), Failure> {
    let found = super::known_version(backplane, key, number).await?;
    if out.is_json() {
        return Ok(out.value(&found)?);
    }
    let version = &found.record;
    out.line(format_args!("{key}, version {}", version.number))?;
    out.line(format_args!("  created  {} by {}", version.created_at, version.created_by))?;
    if let Some(state) = version.lifecycle_state {
        out.line(format_args!("  while    {state}"))?;
    }
    if let Some(restored) = version.restored_version {
        out.line(format_args!("  restores version {restored}"))?;
    }
    if let Some(description) = &version.change_description {
        out.line(format_args!("  change   {}", description.replace('\n', "\n           ")))?;
    }
    out.line(format_args!("  hash     {}", version.hash))?;
    out.line(format_args!("  commit   {} (sequence {})", found.commit_id, found.place.sequence))?;
    Ok(out.value(&version.configuration.to_value())?)
}
