//! `governance rollback`: an earlier configuration as a new version, and the move to RolledBack,
//! in one commit.

use crate::args::RollbackArgs;
use crate::backplane::known;
use crate::failure::Failure;
use crate::output::{Output, Written};
use governance::{Governance, RollbackRequest};
use governance_persistence::ExperimentKey;

pub(super) async fn run(
    governance: &Governance,
    key: &ExperimentKey,
    args: &RollbackArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    known(governance.backplane(), key).await?;
    let back = governance.versions().rollback(key, &request(args)?).await?;
    let version = &back.version;
    let from = version.rolled_back_from.map(|from| format!(" from version {from}")).unwrap_or_default();
    let (to, number) = (args.to, version.number);
    let moved = match &back.transition {
        Some(moved) => format!("It is {} now.", moved.to),
        None => "It stays in its state, with what is in effect.".to_owned(),
    };
    let sentence = format!("{key} went back{from} to what version {to} had, as version {number}. {moved}");
    Written::new(governance, key, back.receipt).show_judged(out, sentence).await
}

fn request(args: &RollbackArgs) -> Result<RollbackRequest, Failure> {
    let mut request = RollbackRequest::to(args.to, args.actor.read()?).telemetry(args.telemetry.read()?);
    if !args.stay {
        request = request.moving_to_rolled_back();
    }
    if let Some(reason) = &args.reason {
        request = request.reason(reason);
    }
    if let Some(etag) = args.if_match {
        request = request.if_match(etag);
    }
    if let Some(id) = args.commit_id {
        request = request.commit_id(id);
    }
    Ok(request)
}
