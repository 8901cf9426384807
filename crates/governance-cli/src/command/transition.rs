//! `governance transition`: moves an experiment to another lifecycle state.

use crate::args::TransitionArgs;
use crate::failure::Failure;
use crate::input;
use crate::output::{Output, Written};
use governance::{Governance, TransitionRequest};
use governance_persistence::ExperimentKey;

pub(super) async fn run(
    governance: &Governance,
    key: &ExperimentKey,
    args: &TransitionArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let moved = governance.lifecycle().transition(key, &request(args)?).await?;
    let made = &moved.transition;
    let sentence = format!("{key} went from {} to {}. ETag {}.", made.from, made.to, moved.state.etag);
    Written::new(governance, key, moved.receipt).show_judged(out, sentence).await
}

fn request(args: &TransitionArgs) -> Result<TransitionRequest, Failure> {
    let mut request = TransitionRequest::to(args.to, args.actor.read()?).telemetry(args.telemetry.read()?);
    if let Some(reason) = &args.reason {
        request = request.reason(reason);
    }
    if let Some(etag) = args.if_match {
        request = request.if_match(etag);
    }
    if args.if_absent {
        request = request.if_absent();
    }
    if let Some(number) = args.version {
        request = request.version(number);
    }
    if let Some(file) = &args.configuration {
        request = request.configuration(input::json(file)?);
    }
    if let Some(id) = args.commit_id {
        request = request.commit_id(id);
    }
    Ok(request)
}
