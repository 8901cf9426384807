//! `governance request`: asks people to approve a move.

use crate::args::RequestArgs;
use crate::failure::Failure;
use crate::input;
use crate::output::{Invocation, Output, Written, about};
use governance::{ApprovalRequest, Governance, Requested};
use governance_persistence::ExperimentKey;
use serde_json::json;

pub(super) async fn run(
    governance: &Governance,
    key: &ExperimentKey,
    args: &RequestArgs,
    invocation: &Invocation,
    out: &mut Output,
) -> Result<(), Failure> {
    let asked = governance.approvals().request(key, &request(args)?).await?;
    let Requested { receipt, transition_id, gates, configuration, expires_at, .. } = &asked;
    let id = transition_id.to_string();
    let until = expires_at.map(|time| format!(" until {time}")).unwrap_or_default();
    let approve = invocation.with(&["approve", key.name(), "--transition", &id, "--actor", "NAME"]);
    let sentence = format!(
        "{key} to {}: people are asked at {}, about {}.\nThey decide{until}, by\n  {approve}",
        args.to,
        gates.join(", "),
        about(*configuration),
    );
    let configuration = configuration.map(|about| json!({"number": about.number, "hash": about.hash}));
    let written = Written::new(governance, key, *receipt).with("transitionId", transition_id)?.with("gates", gates)?;
    written.with("configuration", configuration)?.with("expiresAt", expires_at)?.show(out, sentence).await
}

fn request(args: &RequestArgs) -> Result<ApprovalRequest, Failure> {
    let mut request = ApprovalRequest::to(args.to, args.actor.read()?).telemetry(args.telemetry.read()?);
    if let Some(reason) = &args.reason {
        request = request.reason(reason);
    }
    if let Some(number) = args.version {
        request = request.version(number);
    }
    if let Some(file) = &args.configuration {
        request = request.configuration(input::json(file)?);
    }
    if let Some(number) = args.restoring {
        request = request.restoring(number);
    }
    if let Some(id) = args.commit_id {
        request = request.commit_id(id);
    }
    Ok(request)
}
