//! Carrying out a move: read, judge, commit, and judge again where only records were added.

use super::judge::{Judgement, judge, of_gate};
use super::metadata::{OURS, check_metadata, with_ours, without_ours};
use super::subject::{Choice, Intent, Subject};
use super::{TransitionRequest, Transitioned};
use crate::attempts::Attempts;
use crate::policies::{Definitions, Evaluated};
use crate::recent::Known;
use crate::setup::Setup;
use crate::{Attempt, Error, NotAllowed, Objection, Operation, Refusal, Result};
use futures_util::TryStreamExt;
use futures_util::future::{join, try_join};
use governance_persistence::{
    BackplaneExt, Commit, CommitId, ConfigurationVersion, Conflict, ConflictCause, Consistency, Decision, Expected,
    ExperimentKey, Head, HistoryQuery, JsonObject, LifecycleState, LogEntry, Receipt, Record, RecordId, RecordKind,
    StateChange, StateTransition, VersionReference,
};
use serde_json::json;
use std::sync::Arc;

/// Carries a request out, counted as `operation`.
pub(crate) async fn out(
    setup: &Setup,
    key: &ExperimentKey,
    request: &TransitionRequest,
    operation: Operation,
) -> Result<Transitioned> {
    check_metadata(&request.metadata)?;
    let id = request.commit_id.unwrap_or_else(CommitId::new);
    let mut attempts = Attempts::new(operation, setup.deadline).under(request.commit_id);
    if let Some(known) = setup.recent.of(key) {
        attempts.tries_unread(known.head.sequence);
        match attempt(setup, known, (request, id, operation), &mut attempts).await {
            Ok(Some(made)) => return Ok(made),
            // A refusal is committed as a move is: nothing was recorded that it does not know.
            Err(error @ (Error::Refused(_) | Error::Backplane { .. })) => return Err(error),
            Ok(None) | Err(_) => {
                setup.recent.forget(key);
                attempts.reads_now();
            }
        }
    }
    loop {
        // The head first: an earlier request under this id, perhaps one whose reply was lost, either was
        // done before that and is found, or comes later and is in the way of the commit.
        let known = Known::read(setup, key).await?;
        if let Some(made) = attempt(setup, known, (request, id, operation), &mut attempts).await? {
            return Ok(made);
        }
    }
}

/// Judges by what is known, and commits; nothing if it has to be judged again.
async fn attempt(
    setup: &Setup,
    mut known: Known,
    (request, id, operation): (&TransitionRequest, CommitId, Operation),
    attempts: &mut Attempts,
) -> Result<Option<Transitioned>> {
    let key = &known.head.key.clone();
    let (done, read) = join(setup.done_before(key, request.commit_id), ToJudge::read(setup, &known, request, id)).await;
    if let Some(entry) = done? {
        return repeat(setup, &entry, request, operation).await.map(Some);
    }
    let first = attempts.begun_at(&known.head)?;
    let ToJudge { from, subject, definitions } = attempts.looked(read)?;
    if definitions.are_all() {
        known.definitions = Some(Arc::clone(&definitions));
    }
    setup.recent.keep(&known);
    let head = &known.head;
    let attempt = Attempt {
        key,
        from,
        to: request.to,
        actor: &request.actor,
        reason: request.reason.as_deref(),
        metadata: &request.metadata,
        configuration: subject.version.as_ref(),
        telemetry: &request.telemetry,
        now: setup.now(),
        setup,
        head,
    };
    let judgement = judge(setup, head, &attempt, (&subject, &definitions), first).await?;
    let refused = !judgement.objections.is_empty();
    let (operation, commit) = if refused {
        (Operation::Refusal, refusal(&attempt, subject.looked_up(setup, head).await?, &judgement)?)
    } else {
        (operation, planned(id, &attempt, &subject, &judgement)?)
    };
    // Whoever has to ask again does so under the id of the request, whether the move was made or refused.
    let answer = setup.commit(operation, &commit).await.map_err(|error| error.of_commit(id));
    match attempts.settled_by(answer) {
        Ok(receipt) if refused => Err(refused_by(&attempt, judgement.objections, receipt)),
        Ok(receipt) => Transitioned::of(&commit, receipt).map(Some),
        Err(error) => {
            attempts.after(error, head)?;
            Ok(None)
        }
    }
}

/// What an attempt is judged by, read at once; of what nobody asks for, nothing.
struct ToJudge {
    from: LifecycleState,
    subject: Subject,
    definitions: Arc<Definitions>,
}

impl ToJudge {
    async fn read(setup: &Setup, known: &Known, request: &TransitionRequest, commit_id: CommitId) -> Result<Self> {
        let head = &known.head;
        let from = permitted(setup, head, request.expected, request.to)?;
        let (to, actor, choice) = (request.to, request.actor.name(), &request.choice);
        let intent = Intent { commit_id, from, to, actor, reason: request.reason.as_deref(), choice };
        let definitions = Definitions::for_move(setup, known, from, to);
        let (subject, definitions) = try_join(Subject::of(setup, head, &intent), definitions).await?;
        Ok(Self { from, subject, definitions })
    }
}

/// The commit that makes the move, with everything that it was judged by.
fn planned(id: CommitId, attempt: &Attempt<'_>, subject: &Subject, judgement: &Judgement) -> Result<Commit> {
    let (actor, head) = (attempt.actor.name(), attempt.head);
    let mut change = match &head.state {
        Some(state) => state.moved_to(attempt.to, actor),
        None => StateChange::to(attempt.to).by(actor),
    };
    if subject.takes_effect {
        change.configuration_version = subject.number;
    }
    let transition_id = judgement.transition_id.unwrap_or_else(|| RecordId::of_commit(RecordKind::Transition, id));
    let mut transition = StateTransition::new(attempt.from, attempt.to, actor)
        .with_id(transition_id)
        .with_metadata(with_ours(attempt.metadata, references(judgement))?)
        .at(attempt.now);
    transition.reason = attempt.reason.map(str::to_owned);
    let automatic = judgement.automatic.iter().map(|(gate, approver, reason)| {
        let decision = (Decision::Approved, approver.as_deref(), reason.clone());
        of_gate(attempt, subject.reference(), transition_id, gate, decision)
    });
    let builder = Commit::builder(&head.key, Expected::At(head.sequence)).id(id);
    let new = subject.version.clone().filter(|_| subject.is_new);
    let builder = builder.state(change.at(attempt.now)).record(transition).records(new).records(automatic);
    let Evaluated { definitions, evaluations } = &judgement.evaluated;
    Ok(builder.records(definitions.clone()).records(evaluations.clone()).build()?)
}

/// What the transition was judged by and does not bring itself.
fn references(judgement: &Judgement) -> Option<serde_json::Value> {
    let lists = [("approvals", &judgement.manual), ("evaluations", &judgement.consulted)];
    let lists: serde_json::Map<_, _> =
        lists.iter().filter(|(_, ids)| !ids.is_empty()).map(|(name, ids)| ((*name).to_owned(), json!(ids))).collect();
    (!lists.is_empty()).then(|| lists.into())
}

/// The commit that records what refused the attempt. The attempt has a transition id of its own:
/// what it asked for never happened.
fn refusal(attempt: &Attempt<'_>, about: Option<VersionReference>, judgement: &Judgement) -> Result<Commit> {
    let refused = RecordId::new();
    let made = &judgement.evaluated.evaluations;
    let mut builder = Commit::builder(attempt.key, Expected::At(attempt.head.sequence));
    for objection in &judgement.objections {
        builder = match objection {
            Objection::Gate { gate, cause } => {
                let decision = (Decision::Rejected, None, Some(cause.to_string()));
                builder.record(of_gate(attempt, about, refused, gate, decision))
            }
            Objection::Policy { evaluation, .. } if made.iter().any(|made| made.id == *evaluation) => builder,
            // Others recorded it. Another evaluation would pass for a newer one of their policy.
            Objection::Policy { policy, evaluation, .. } => {
                let decision = (Decision::Rejected, None, Some(objection.to_string()));
                let mut record = of_gate(attempt, about, refused, policy, decision);
                record.gate = None;
                let ours = json!({ "evaluations": [evaluation] });
                builder.record(record.with_metadata(with_ours(&JsonObject::empty(), Some(ours))?))
            }
        };
    }
    builder = builder.records(judgement.evaluated.definitions.clone());
    for evaluation in made.clone() {
        let mut ours = evaluation.metadata.get(OURS).unwrap_or_default();
        ours["attempt"] = json!("refused");
        let metadata = with_ours(&evaluation.metadata, Some(ours))?;
        builder = builder.record(evaluation.with_metadata(metadata));
    }
    Ok(builder.build()?)
}

fn refused_by(attempt: &Attempt<'_>, objections: Vec<Objection>, receipt: Receipt) -> Error {
    Error::Refused(Box::new(Refusal {
        key: attempt.key.clone(),
        from: attempt.from,
        to: attempt.to,
        actor: attempt.actor.name().to_owned(),
        objections,
        receipt,
    }))
}

/// The state that a move leaves, if it is the one that is meant and the lifecycle allows the move.
pub(crate) fn permitted(setup: &Setup, head: &Head, expected: Expected, to: LifecycleState) -> Result<LifecycleState> {
    if !expected.is_met_by(head) {
        let cause = ConflictCause::Expected(expected);
        return Err(Error::Conflict(Box::new(Conflict::new(head.key.clone(), cause, head.clone()))));
    }
    let from = setup.state_at(head);
    if setup.table.allows(from, to) {
        return Ok(from);
    }
    Err(Error::NotAllowed(Box::new(NotAllowed {
        key: head.key.clone(),
        from,
        set_by: head.state.as_ref().and_then(|state| state.last_modified_by.clone()),
        to,
        allowed: setup.table.successors(from),
    })))
}

/// The answer to a request that was carried out before: what was committed then, sent once more.
async fn repeat(
    setup: &Setup,
    entry: &LogEntry,
    request: &TransitionRequest,
    operation: Operation,
) -> Result<Transitioned> {
    let same = entry.records.iter().any(|record| match record {
        Record::Transition(made) => {
            made.to == request.to
                && made.actor == request.actor.name()
                && made.reason == request.reason
                && without_ours(&made.metadata) == request.metadata
        }
        _ => false,
    });
    if !same || !chose(setup, entry, &request.choice).await? {
        return Err(Setup::reused(entry));
    }
    let (commit, receipt) = setup.again(operation, entry).await?;
    Transitioned::of(&commit, receipt)
}

/// Was this what the request chose as its configuration then?
async fn chose(setup: &Setup, entry: &LogEntry, choice: &Choice) -> Result<bool> {
    let new = entry.records.iter().find_map(|record| match record {
        Record::Version(version) => Some(version),
        _ => None,
    });
    let in_effect = entry.state.as_ref().and_then(|state| state.configuration_version);
    Ok(match choice {
        Choice::InEffect => new.is_none(),
        Choice::Version(number) => new.is_none() && in_effect == Some(*number),
        Choice::Content(content) => match new {
            Some(new) => new.configuration == *content,
            None => latest_before(setup, entry).await?.is_some_and(|latest| latest.configuration == *content),
        },
        Choice::Restored(target) => new.is_some_and(|new| new.restored_version == Some(*target)),
    })
}

/// What was the latest version when the entry was committed, which brings none itself.
async fn latest_before(setup: &Setup, entry: &LogEntry) -> Result<Option<ConfigurationVersion>> {
    let query = HistoryQuery::new(RecordKind::Version).newest_first().recorded(..=entry.recorded_at);
    let mut versions = setup.backplane.history_stream(&entry.key, query, Consistency::Strong);
    while let Some(found) = versions.try_next().await? {
        if found.place.sequence < entry.sequence {
            return Ok(Some(found.typed()?.record));
        }
    }
    Ok(None)
}
