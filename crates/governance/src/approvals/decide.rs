//! Carrying out a decision.

use super::decision::{ApprovalDecision, Decided};
use super::ephemeral;
use super::open::{Open, not_pending};
use crate::attempts::Attempts;
use crate::lifecycle::{check_metadata, without_ours};
use crate::setup::Setup;
use crate::{Error, NotPendingCause, Operation, Result};
use governance_persistence::{
    ApprovalRecord, Commit, CommitId, Decision, Expected, ExperimentKey, Head, LogEntry, Record,
};

const OPERATION: Operation = Operation::Decision;

pub(super) async fn out(setup: &Setup, key: &ExperimentKey, decision: &ApprovalDecision) -> Result<Decided> {
    check_metadata(&decision.metadata)?;
    let id = decision.commit_id.unwrap_or_else(CommitId::new);
    let mut attempts = Attempts::new(OPERATION, setup.deadline).under(decision.commit_id);
    loop {
        let head = setup.head(key).await?;
        if let Some(entry) = setup.done_before(key, decision.commit_id).await? {
            return repeat(setup, &entry, decision).await;
        }
        attempts.go_on()?;
        let open = Open::at(setup, &head, decision.transition_id).await?;
        let request = at_gate(&head, &open, decision)?;
        let (approvers, quorum) = open.approvers(&head, request)?;
        check_approver(&head, &open, request, decision)?;
        if ephemeral::expires_at(setup, key, decision.transition_id).await?.is_none() {
            return Err(not_pending(&head, decision.transition_id, NotPendingCause::Expired));
        }
        let mut record = request.decided(decision.decision, decision.actor.name()).at(setup.now());
        record.metadata = decision.metadata.clone();
        record.reason.clone_from(&decision.reason);
        let commit = Commit::builder(key, Expected::At(head.sequence)).id(id).record(record.clone()).build()?;
        match attempts.settled_by(setup.commit(OPERATION, &commit).await) {
            Ok(receipt) => {
                let given = u32::try_from(approvers.len()).unwrap_or(u32::MAX).saturating_add(1);
                let still_needed = match decision.decision {
                    Decision::Approved => quorum.approvals().saturating_sub(given),
                    Decision::Rejected | Decision::Pending => 0,
                };
                let others = open.requests().filter(|other| other.record.gate != request.gate);
                let none_open = others.map(|other| open.approvers(&head, &other.record)).all(|other| other.is_err());
                if still_needed == 0 && none_open {
                    ephemeral::forget(setup, key, decision.transition_id).await;
                }
                return Ok(Decided { receipt, record, still_needed });
            }
            Err(error) => attempts.after(error, &head)?,
        }
    }
}

/// The request that the decision is about: the one of its gate, or the only one that is open.
fn at_gate<'a>(head: &Head, open: &'a Open, decision: &ApprovalDecision) -> Result<&'a ApprovalRecord> {
    let named = |request: &&ApprovalRecord| decision.gate.is_none() || request.gate == decision.gate;
    let requests: Vec<_> = open.requests().map(|request| &request.record).filter(named).collect();
    let open: Vec<_> = requests.iter().filter(|request| open.approvers(head, request).is_ok()).collect();
    match (open.as_slice(), requests.first()) {
        ([only], _) => Ok(only),
        // None is open, which the first one will explain.
        ([], Some(first)) => Ok(first),
        ([], None) => Err(not_pending(head, decision.transition_id, NotPendingCause::NeverRequested)),
        (several, _) => {
            let gates: Vec<_> = several.iter().filter_map(|request| request.gate.as_deref()).collect();
            Err(Error::invalid("gate", "is not named", format!("one of {}, which all wait", gates.join(", "))))
        }
    }
}

/// May this person decide, for the first time, about this request?
fn check_approver(head: &Head, open: &Open, request: &ApprovalRecord, decision: &ApprovalDecision) -> Result<()> {
    let approver = decision.actor.name();
    let decided = |made: &ApprovalRecord| made.gate == request.gate && made.approver.as_deref() == Some(approver);
    if open.records.iter().any(|record| decided(&record.record)) {
        let cause = NotPendingCause::DecidedAlready { approver: approver.to_owned() };
        return Err(not_pending(head, decision.transition_id, cause));
    }
    let quorum = super::Quorum::of_request(&request.metadata);
    if decision.decision == Decision::Approved && !quorum.counts(approver, request.requested_by.as_deref()) {
        return Err(Error::SelfApproval {
            key: head.key.clone(),
            gate: request.gate.clone().unwrap_or_default(),
            approver: approver.to_owned(),
        });
    }
    Ok(())
}

/// The answer to a decision that was made before.
async fn repeat(setup: &Setup, entry: &LogEntry, decision: &ApprovalDecision) -> Result<Decided> {
    let [Record::Approval(made)] = entry.records.as_slice() else {
        return Err(Setup::reused(entry));
    };
    let same = made.transition_id == decision.transition_id
        && made.decision == decision.decision
        && made.approver.as_deref() == Some(decision.actor.name())
        && made.reason == decision.reason
        && (decision.gate.is_none() || made.gate == decision.gate)
        && without_ours(&made.metadata) == decision.metadata;
    if !same {
        return Err(Setup::reused(entry));
    }
    let record = made.clone();
    let (_, receipt) = setup.again(OPERATION, entry).await?;
    let records = super::current::approvals(setup, &entry.key, decision.transition_id).await?;
    Ok(Decided { receipt, still_needed: super::pending::still_needed(&records, &record), record })
}
