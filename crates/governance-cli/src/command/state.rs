//! `governance state`: where an experiment stands.

use crate::failure::Failure;
use crate::output::Output;
use governance::{Governance, Standing};
use governance_persistence::ExperimentKey;

pub(super) async fn run(governance: &Governance, key: &ExperimentKey, out: &mut Output) -> Result<(), Failure> {
    let lifecycle = governance.lifecycle();
    let Standing { state: counts_as, head, .. } = lifecycle.state(key).await?;
    if !head.exists() {
        return Err(Failure::unknown_experiment(key));
    }
    if out.is_json() {
        return Ok(out.value(&head)?);
    }
    out.line(key)?;
    match &head.state {
        None => out.line(format_args!("  state          none was saved, which counts as {counts_as}"))?,
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
    let allowed: Vec<_> = lifecycle.allowed(key).await?.iter().map(|state| state.as_str()).collect();
    let allowed = if allowed.is_empty() { "no other state: this is the end".to_owned() } else { allowed.join(", ") };
    Ok(out.line(format_args!("  may go to      {allowed}"))?)
}
