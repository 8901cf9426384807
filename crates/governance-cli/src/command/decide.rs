//! `governance approve` and `governance reject`: somebody's decision about what people were asked.

use crate::args::DecideArgs;
use crate::backplane::known;
use crate::failure::Failure;
use crate::output::{Output, Written, about, counted};
use governance::{ApprovalDecision, Governance, PendingApproval};
use governance_persistence::{
    Backplane, Consistency, Decision, ExperimentKey, Head, Record, RecordId, VersionNumber, VersionReference,
};

pub(super) async fn run(
    governance: &Governance,
    key: &ExperimentKey,
    decision: Decision,
    args: &DecideArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let actor = args.actor.read()?;
    let head = known(governance.backplane(), key).await?;
    let transition = match args.transition {
        Some(transition) => transition,
        None => match decided_before(governance, key, args).await? {
            Some(transition) => transition,
            None => the_only_one(governance, key, args).await?,
        },
    };
    if let Some(number) = args.version {
        check_version(governance, &head, transition, number).await?;
    }
    let mut request = match decision {
        Decision::Rejected => ApprovalDecision::reject(transition, actor),
        Decision::Approved | Decision::Pending => ApprovalDecision::approve(transition, actor),
    };
    if let Some(gate) = &args.gate {
        request = request.gate(gate);
    }
    if let Some(reason) = &args.reason {
        request = request.reason(reason);
    }
    if let Some(id) = args.commit_id {
        request = request.commit_id(id);
    }
    let decided = governance.approvals().decide(key, &request).await?;
    let record = &decided.record;
    let from = record.from.map(|from| format!(" from {from}")).unwrap_or_default();
    let gate = record.gate.as_ref().map(|gate| format!(", gate {gate}")).unwrap_or_default();
    let reference = record.configuration_version.zip(record.configuration_hash);
    let about = about(reference.map(|(number, hash)| VersionReference { number, hash }));
    let next = match (record.decision, decided.still_needed) {
        (Decision::Rejected, _) => "The request is closed.".to_owned(),
        (_, 0) => "The gate needs no more approvals.".to_owned(),
        (_, more) => format!("The gate needs {} more.", counted(more.into(), "approval")),
    };
    let sentence = format!("{}: {key}{from} to {}{gate}, about {about}. {next}", record.decision, record.to);
    let written = Written::new(governance, key, decided.receipt);
    written.with("stillNeeded", decided.still_needed)?.show(out, sentence).await
}

/// The transition that an earlier run with the same commit id decided about.
async fn decided_before(
    governance: &Governance,
    key: &ExperimentKey,
    args: &DecideArgs,
) -> Result<Option<RecordId>, Failure> {
    let Some(id) = args.commit_id else {
        return Ok(None);
    };
    let entry = governance.backplane().entry(key, id, Consistency::Strong).await?;
    Ok(entry.and_then(|entry| match entry.records.first() {
        Some(Record::Approval(made)) => Some(made.transition_id),
        _ => None,
    }))
}

/// The only transition that waits, of those that are meant.
async fn the_only_one(governance: &Governance, key: &ExperimentKey, args: &DecideArgs) -> Result<RecordId, Failure> {
    let meant = |waiting: &PendingApproval| {
        args.to.is_none_or(|to| to == waiting.to) && args.gate.as_ref().is_none_or(|gate| *gate == waiting.gate)
    };
    let mut waiting = governance.approvals().pending(key).await?;
    waiting.retain(meant);
    waiting.dedup_by_key(|waiting| waiting.transition_id);
    match waiting.as_slice() {
        [only] => Ok(only.transition_id),
        [] => Err(Failure::not_found(
            match (args.to, &args.gate) {
                (None, None) => format!("nothing waits for a decision about {key}"),
                _ => format!("nothing like that waits for a decision about {key}"),
            },
            "`governance pending` lists what does; `governance request` asks people",
        )),
        several => {
            let moves: Vec<_> = several.iter().map(|it| format!("{} to {}", it.transition_id, it.to)).collect();
            let help = format!("say --transition with one of: {}", moves.join(", "));
            Err(Failure::usage(format!("several moves of {key} wait for a decision"), help))
        }
    }
}

/// Is the request about the version that was looked at? What a request is about never changes.
async fn check_version(
    governance: &Governance,
    head: &Head,
    transition: RecordId,
    looked_at: VersionNumber,
) -> Result<(), Failure> {
    let records = governance.approvals().of_transition(&head.key, transition).await?;
    let request = records.iter().map(|found| &found.record).find(|record| record.decision == Decision::Pending);
    match request.map(|request| request.configuration_version) {
        // Nobody asked, which the manager will tell.
        None => Ok(()),
        Some(asked) if asked == Some(looked_at) => Ok(()),
        Some(asked) => {
            let asked = asked.map_or_else(|| "no configuration".to_owned(), |number| format!("version {number}"));
            let message = format!("the request for transition {transition} is about {asked}, not version {looked_at}");
            Err(Failure::Precondition { message, head: Box::new(head.clone()) })
        }
    }
}
