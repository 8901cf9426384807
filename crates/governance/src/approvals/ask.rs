//! Carrying out a request for approval.

use super::request::{ApprovalRequest, Requested};
use super::{Quorum, count, ephemeral};
use crate::attempts::Attempts;
use crate::lifecycle::{Choice, Gates, Intent, Subject, check_metadata, permitted, with_ours, without_ours};
use crate::setup::Setup;
use crate::{Attempt, Error, Operation, Result};
use governance_persistence::{
    ApprovalRecord, Backplane, Commit, CommitId, ConfigurationVersion, Consistency, ContentHash, Decision, Expected,
    ExperimentKey, LogEntry, LookUp, Receipt, Record, RecordId, RecordKind, Recorded,
};
use serde_json::json;

const OPERATION: Operation = Operation::Request;

pub(super) async fn out(setup: &Setup, key: &ExperimentKey, request: &ApprovalRequest) -> Result<Requested> {
    check_metadata(&request.metadata)?;
    let id = request.commit_id.unwrap_or_else(CommitId::new);
    let transition = RecordId::of_commit(RecordKind::Transition, id);
    let mut attempts = Attempts::new(OPERATION, setup.deadline).under(request.commit_id);
    loop {
        let head = setup.head(key).await?;
        if let Some(entry) = setup.done_before(key, request.commit_id).await? {
            return repeat(setup, &entry, request).await;
        }
        attempts.begun_at(&head)?;
        let from = permitted(setup, &head, Expected::Any, request.to)?;
        let reason = request.reason.as_deref();
        let (to, actor, choice) = (request.to, request.actor.name(), &request.choice);
        let intent = Intent { commit_id: id, from, to, actor, reason, choice };
        let subject = Subject::of(setup, &head, &intent).await?;
        let attempt = Attempt {
            key,
            from,
            to,
            actor: &request.actor,
            reason,
            metadata: &request.metadata,
            configuration: subject.version.as_ref(),
            telemetry: &request.telemetry,
            now: setup.now(),
            setup,
            head: &head,
        };
        let asking = Gates::ask(setup, &attempt, &subject).await.asking;
        if asking.is_empty() {
            return Err(Error::NothingToApprove { key: key.clone(), from, to: request.to });
        }
        let mut builder = Commit::builder(key, Expected::At(head.sequence)).id(id);
        for (gate, quorum) in &asking {
            builder = builder.record(pending(&attempt, &subject, transition, gate, *quorum)?);
        }
        let commit = builder.build()?;
        // First what expires, then what stays: a request that is recorded can be decided about.
        ephemeral::put(setup, key, transition).await?;
        match attempts.settled_by(setup.commit(OPERATION, &commit).await) {
            Ok(receipt) => {
                let expires_at = attempt.now.saturating_add(setup.request_lifetime.get());
                return Ok(requested(&commit, receipt, Some(expires_at)));
            }
            Err(error) => attempts.after(error, &head)?,
        }
    }
}

fn pending(
    attempt: &Attempt<'_>,
    subject: &Subject,
    transition: RecordId,
    gate: &str,
    quorum: Quorum,
) -> Result<ApprovalRecord> {
    let ours = json!({ "quorum": quorum });
    let mut record = ApprovalRecord::request(attempt.to, attempt.actor.name())
        .leaving(attempt.from)
        .with_gate(gate)
        .with_metadata(with_ours(attempt.metadata, Some(ours))?)
        .at(attempt.now);
    record.transition_id = transition;
    record.reason = attempt.reason.map(str::to_owned);
    Ok(match subject.reference() {
        Some(reference) => record.about(reference),
        None => record,
    })
}

fn requested(commit: &Commit, receipt: Receipt, expires_at: Option<governance_persistence::Timestamp>) -> Requested {
    let pending: Vec<_> = approvals(commit.records()).collect();
    Requested {
        receipt,
        transition_id: RecordId::of_commit(RecordKind::Transition, commit.id()),
        gates: pending.iter().filter_map(|record| record.gate.clone()).collect(),
        configuration: pending.first().and_then(|record| count::about(record)),
        expires_at,
    }
}

fn approvals(records: &[Record]) -> impl Iterator<Item = &ApprovalRecord> {
    records.iter().filter_map(|record| match record {
        Record::Approval(approval) => Some(approval),
        _ => None,
    })
}

/// Is it about the configuration that the request names, where it names one?
async fn is_about(setup: &Setup, key: &ExperimentKey, made: &ApprovalRecord, choice: &Choice) -> Result<bool> {
    Ok(match choice {
        // Which version that was follows from where the experiment stood.
        Choice::InEffect => true,
        Choice::Version(number) => made.configuration_version == Some(*number),
        Choice::Content(content) => made.configuration_hash == Some(ContentHash::of(content)),
        Choice::Restored(target) => {
            let mut found = setup.backplane.look_up(key, LookUp::Version(*target), Consistency::Strong).await?;
            let target = found.pop().map(Recorded::typed::<ConfigurationVersion>).transpose()?;
            target.is_some_and(|target| made.configuration_hash == Some(target.record.hash))
        }
    })
}

/// The answer to a request that was made before.
async fn repeat(setup: &Setup, entry: &LogEntry, request: &ApprovalRequest) -> Result<Requested> {
    let Some(made) = approvals(&entry.records).next() else {
        return Err(Setup::reused(entry));
    };
    let same = made.decision == Decision::Pending
        && made.to == request.to
        && made.requested_by.as_deref() == Some(request.actor.name())
        && made.reason == request.reason
        && without_ours(&made.metadata) == request.metadata
        && is_about(setup, &entry.key, made, &request.choice).await?;
    if !same {
        return Err(Setup::reused(entry));
    }
    let (commit, receipt) = setup.again(OPERATION, entry).await?;
    Ok(requested(&commit, receipt, None))
}
