//! Carrying out a move: read, judge, commit, and judge again where only records were added.

use super::request::check_metadata;
use super::{TransitionRequest, Transitioned};
use crate::attempts::Attempts;
use crate::setup::Setup;
use crate::{Error, NotAllowed, Result};
use governance_persistence::{
    Commit, CommitId, Conflict, ConflictCause, Error as BackplaneError, Expected, ExperimentKey, Head, LifecycleState,
    LogEntry, Record, RecordId, RecordKind, StateChange, StateTransition,
};

const OPERATION: &str = "transition";

pub(super) async fn out(setup: &Setup, key: &ExperimentKey, request: &TransitionRequest) -> Result<Transitioned> {
    check_metadata(&request.metadata)?;
    let id = request.commit_id.unwrap_or_else(CommitId::new);
    let mut attempts = Attempts::new(OPERATION, setup.deadline);
    loop {
        // First whether an earlier request under this id, perhaps one whose reply was lost, did it.
        if request.commit_id.is_some()
            && let Some(entry) = setup.entry(key, id).await?
        {
            return repeat(setup, &entry, request).await;
        }
        let head = setup.head(key).await?;
        let commit = planned(setup, &head, id, request)?;
        match setup.commit(OPERATION, &commit).await {
            Ok(receipt) => return made(&commit, receipt),
            Err(error) => attempts.after(error, &head)?,
        }
    }
}

/// The commit that makes the move from where the experiment stands.
fn planned(setup: &Setup, head: &Head, id: CommitId, request: &TransitionRequest) -> Result<Commit> {
    let from = permitted(setup, head, request)?;
    let change = match &head.state {
        Some(state) => state.moved_to(request.to, request.actor.name()),
        None => StateChange::to(request.to).by(request.actor.name()),
    };
    let now = setup.now();
    let mut transition = StateTransition::new(from, request.to, request.actor.name())
        .with_id(RecordId::of_commit(RecordKind::Transition, id))
        .with_metadata(request.metadata.clone())
        .at(now);
    transition.reason.clone_from(&request.reason);
    let builder = Commit::builder(&head.key, Expected::At(head.sequence)).id(id);
    Ok(builder.state(change.at(now)).record(transition).build()?)
}

/// The state that the move leaves, if the request is about it and the lifecycle allows the move.
fn permitted(setup: &Setup, head: &Head, request: &TransitionRequest) -> Result<LifecycleState> {
    if let Some(etag) = request.if_match
        && head.etag() != Some(etag)
    {
        let cause = ConflictCause::Expected(Expected::Match(etag));
        return Err(Error::Conflict(Box::new(Conflict::new(head.key.clone(), cause, head.clone()))));
    }
    let from = setup.state_at(head);
    if setup.table.allows(from, request.to) {
        return Ok(from);
    }
    Err(Error::NotAllowed(Box::new(NotAllowed {
        key: head.key.clone(),
        from,
        set_by: head.state.as_ref().and_then(|state| state.last_modified_by.clone()),
        to: request.to,
        allowed: setup.table.successors(from),
    })))
}

/// The answer to a request that was carried out before: what was committed then, sent once more.
async fn repeat(setup: &Setup, entry: &LogEntry, request: &TransitionRequest) -> Result<Transitioned> {
    let same = entry.records.iter().any(|record| match record {
        Record::Transition(made) => {
            made.to == request.to
                && made.actor == request.actor.name()
                && made.reason == request.reason
                && made.metadata == request.metadata
        }
        _ => false,
    });
    if !same {
        return Err(reused(entry));
    }
    let mut builder = Commit::builder(&entry.key, Expected::Any).id(entry.commit_id).records(entry.records.clone());
    if let Some(state) = &entry.state {
        builder = builder.state(state.clone());
    }
    let commit = builder.build()?;
    let receipt = setup.commit(OPERATION, &commit).await?;
    made(&commit, receipt)
}

/// The commit id stands for something else.
fn reused(entry: &LogEntry) -> Error {
    let (key, commit_id, sequence) = (entry.key.clone(), entry.commit_id, entry.sequence);
    Error::from(BackplaneError::CommitIdReused { key, commit_id, sequence }).of_commit(commit_id)
}

fn made(commit: &Commit, receipt: governance_persistence::Receipt) -> Result<Transitioned> {
    Transitioned::of(commit, receipt).ok_or_else(|| {
        // Only an entry that somebody else made by hand has a transition and no state.
        let (key, commit_id, sequence) = (commit.key().clone(), commit.id(), receipt.sequence);
        BackplaneError::CommitIdReused { key, commit_id, sequence }.into()
    })
}
