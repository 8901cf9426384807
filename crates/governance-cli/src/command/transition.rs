//! `governance transition`: moves an experiment to another lifecycle state.

use crate::args::TransitionArgs;
use crate::backplane::of_commit;
use crate::failure::Failure;
use crate::output::{Output, Written};
use governance_persistence::{
    Backplane, Commit, CommitId, Conflict, ConflictCause, Consistency, Error, Expected, ExperimentKey, Head,
    LifecycleState, LogEntry, Record, StateChange, StateTransition,
};

/// How often an earlier run with the same commit id may arrive between our look and our commit.
const ATTEMPTS: usize = 8;

pub(super) async fn run(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    args: &TransitionArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let actor = args.actor.name()?;
    let id = args.commit_id.unwrap_or_else(CommitId::new);
    for attempt in 1.. {
        let earlier = match args.commit_id {
            Some(id) => backplane.entry(key, id, Consistency::Strong).await?,
            None => None,
        };
        let commit = match &earlier {
            Some(entry) => repeated(entry, args, &actor)?,
            None => planned(&backplane.head(key, Consistency::Strong).await?, id, args, &actor)?,
        };
        match of_commit(id, backplane.commit(&commit).await) {
            // An earlier run with this id arrived after we looked: what it wrote decides.
            Err(Failure::Backplane { error, .. })
                if matches!(*error, Error::CommitIdReused { .. })
                    && args.commit_id.is_some()
                    && earlier.is_none()
                    && attempt < ATTEMPTS => {}
            outcome => {
                let written = Written { receipt: outcome?, state: commit.state(), records: commit.records() };
                return Ok(written.show(out, sentence(&commit, args.to))?);
            }
        }
    }
    Ok(())
}

fn sentence(commit: &Commit, to: LifecycleState) -> String {
    let etag = commit.etag().map(|etag| format!(" ETag {etag}.")).unwrap_or_default();
    match commit.records().first() {
        Some(Record::Transition(moved)) => format!("{} went from {} to {to}.{etag}", commit.key(), moved.from),
        _ => format!("{} is there, in {to}.{etag}", commit.key()),
    }
}

/// The commit that makes the move from where the experiment stands.
fn planned(head: &Head, id: CommitId, args: &TransitionArgs, actor: &str) -> Result<Commit, Failure> {
    let expected = expected(head, args.if_match.map(Expected::Match).or(args.if_absent.then_some(Expected::Absent)))?;
    let builder = Commit::builder(&head.key, expected).id(id);
    let Some(state) = &head.state else {
        let change = running(StateChange::to(args.to).by(actor), head);
        // An experiment that was never saved counts as Draft; to save it as such moves nothing.
        if args.to == LifecycleState::Draft {
            return Ok(builder.state(change).build()?);
        }
        check(head, LifecycleState::Draft, args.to)?;
        return Ok(builder.state(change).record(moved(LifecycleState::Draft, args, actor)).build()?);
    };
    let from = state.lifecycle_state;
    check(head, from, args.to)?;
    let change = state.moved_to(args.to, actor);
    Ok(builder.state(running(change, head)).record(moved(from, args, actor)).build()?)
}

/// The commit of an earlier run with the same id, if this run says the same. Where it does not,
/// the commit is another one, and the backplane refuses it.
fn repeated(entry: &LogEntry, args: &TransitionArgs, actor: &str) -> Result<Commit, Failure> {
    let mut builder = Commit::builder(&entry.key, Expected::Any).id(entry.commit_id);
    let mut change = StateChange::to(args.to).by(actor);
    if let Some(state) = &entry.state {
        change = change.at(state.last_modified).with_metadata(state.metadata.clone());
        change.configuration_version = state.configuration_version;
    }
    builder = builder.state(change);
    if let Some(Record::Transition(stored)) = entry.records.first() {
        let id = args.transition.unwrap_or(stored.id);
        builder = builder.record(moved(stored.from, args, actor).with_id(id).at(stored.timestamp));
    }
    Ok(builder.build()?)
}

fn moved(from: LifecycleState, args: &TransitionArgs, actor: &str) -> StateTransition {
    let mut moved = StateTransition::new(from, args.to, actor);
    if let Some(id) = args.transition {
        moved = moved.with_id(id);
    }
    match &args.reason {
        Some(reason) => moved.with_reason(reason),
        None => moved,
    }
}

/// From when it runs on, an experiment runs the latest version.
fn running(change: StateChange, head: &Head) -> StateChange {
    match head.latest_version {
        Some(version) if matches!(change.lifecycle_state, LifecycleState::Running | LifecycleState::Ramping) => {
            change.running_version(version)
        }
        _ => change,
    }
}

/// What to expect: what the command line says, if that is so, else just what is there.
pub(super) fn expected(head: &Head, wanted: Option<Expected>) -> Result<Expected, Failure> {
    let expected = wanted.unwrap_or_else(|| head.same_state());
    if expected.is_met_by(head) {
        return Ok(expected);
    }
    // An ETag that was replaced never comes back: the commit would lose, so it need not be sent.
    let cause = ConflictCause::Expected(expected);
    Err(Error::from(Conflict::new(head.key.clone(), cause, head.clone())).into())
}

/// Does the lifecycle allow the move?
pub(super) fn check(head: &Head, from: LifecycleState, to: LifecycleState) -> Result<(), Failure> {
    if from.successors().contains(&to) {
        return Ok(());
    }
    let key = &head.key;
    let message = match &head.state {
        _ if from == to => format!("{key} is {from} already"),
        Some(state) => {
            let by = state.last_modified_by.as_ref().map(|by| format!(", set by {by}")).unwrap_or_default();
            format!("{key} is {from}{by} at {}, and cannot go to {to} from there", state.last_modified)
        }
        None => format!("{key} was never saved and so counts as {from}; it cannot go to {to} from there"),
    };
    Err(Failure::Refused { message, help: format!("from {from} it may go to {}", allowed(from)) })
}

/// The states that may follow, in words.
pub(super) fn allowed(from: LifecycleState) -> String {
    let names: Vec<_> = from.successors().iter().map(|state| state.as_str()).collect();
    if names.is_empty() { "no other state: this is the end".to_owned() } else { names.join(", ") }
}
