//! `governance state`: where an experiment stands.

use crate::output::Output;
use crate::{backplane, failure::Failure};
use governance_persistence::{Backplane, ExperimentKey, LifecycleState};

pub(super) async fn run(backplane: &dyn Backplane, key: &ExperimentKey, out: &mut Output) -> Result<(), Failure> {
    let head = backplane::known(backplane, key).await?;
    if out.is_json() {
        return Ok(out.value(&head)?);
    }
    out.line(key)?;
    match &head.state {
        None => out.line("  state          none was saved, which counts as Draft")?,
        Some(state) => {
            out.line(format_args!("  state          {}", state.lifecycle_state))?;
            let by = state.last_modified_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            out.line(format_args!("  set            {}{by}", state.last_modified))?;
            if let Some(version) = state.configuration_version {
                out.line(format_args!("  runs version   {version}"))?;
            }
            out.line(format_args!("  ETag           {}", state.etag))?;
            if state.metadata != governance_persistence::JsonObject::empty() {
                out.line(format_args!("  metadata       {}", state.metadata.as_str()))?;
            }
        }
    }
    if let Some(version) = head.latest_version {
        out.line(format_args!("  latest version {version}"))?;
    }
    let recorded = head.recorded_at.map(|at| format!(", recorded {at}")).unwrap_or_default();
    out.line(format_args!("  sequence       {}{recorded}", head.sequence))?;
    let state = head.state.as_ref().map_or(LifecycleState::Draft, |state| state.lifecycle_state);
    Ok(out.line(format_args!("  may go to      {}", super::transition::allowed(state)))?)
}
