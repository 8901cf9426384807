//! Where experiments are, and how they move.

use crate::stopping::{Call, Stopping};
use crate::world::key;
use governance::{Error, Governance, LifecycleTable, Listing, SetClock, TransitionRequest};
use governance_persistence::{
    Backplane, BackplaneExt, CommitId, ConflictCause, Consistency, Expected, JsonObject, LifecycleState, PageSize,
    PolicyEvaluation, Sequence, Severity, Timestamp, VersionNumber,
};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

on_every_backplane! {
    an_experiment_that_was_never_saved_is_in_the_initial_state
    a_move_is_one_commit_with_state_and_transition
    a_move_that_the_lifecycle_does_not_have_is_refused
    another_table_is_another_lifecycle
    a_first_move_can_be_asked_for_as_such
    a_request_about_a_state_that_is_gone_is_a_conflict
    a_state_changed_while_judging_is_a_conflict_that_says_who_and_to_what
    records_added_while_judging_are_judged_anew
    at_the_deadline_the_experiment_was_busy
    a_request_made_again_under_its_commit_id_is_done_once
    a_commit_id_of_another_request_is_refused
    a_request_that_arrived_after_the_look_is_found
    the_managers_member_of_the_metadata_is_theirs
    history_comes_in_pages
}

fn on(backplane: &Arc<dyn Backplane>) -> Governance {
    Governance::builder().persistence(Arc::clone(backplane)).build().unwrap()
}

fn submit() -> TransitionRequest {
    TransitionRequest::to(LifecycleState::PendingApproval, "alice")
}

async fn an_experiment_that_was_never_saved_is_in_the_initial_state(backplane: Arc<dyn Backplane>) {
    // Given a lifecycle that begins at Approved
    let builder = Governance::builder().persistence(backplane).initial_state(LifecycleState::Approved);
    let lifecycle = builder.build().unwrap().lifecycle();
    // When nothing was ever recorded
    let standing = lifecycle.state(&key()).await.unwrap();
    // Then that is the state, and what may follow follows from it
    assert_eq!((standing.state, standing.etag()), (LifecycleState::Approved, None));
    assert_eq!(lifecycle.allowed(&key()).await.unwrap(), LifecycleState::Approved.successors());
    let moved = lifecycle.transition(&key(), &TransitionRequest::to(LifecycleState::Running, "alice")).await.unwrap();
    assert_eq!(moved.transition.from, LifecycleState::Approved);
}

async fn a_move_is_one_commit_with_state_and_transition(backplane: Arc<dyn Backplane>) {
    // Given a clock that stands
    let clock = SetClock::at("2026-03-01T09:00:00Z".parse().unwrap());
    let builder = Governance::builder().persistence(Arc::clone(&backplane)).clock(clock);
    let lifecycle = builder.build().unwrap().lifecycle();
    // When a move is made with all that a request can say
    let metadata = JsonObject::try_from(json!({"ticket": "OPS-7"})).unwrap();
    let request = submit().reason("ready").metadata(metadata.clone());
    let moved = lifecycle.transition(&key(), &request).await.unwrap();
    // Then one entry holds state and transition, at that time
    let log = backplane.log(&key(), Sequence::ZERO, PageSize::MAX, Consistency::Strong).await.unwrap();
    let [entry] = log.as_slice() else { panic!("{log:?}") };
    assert_eq!(entry.commit_id, moved.receipt.commit_id);
    assert_eq!(entry.experiment_state().unwrap(), moved.state);
    assert_eq!(entry.records, [moved.transition.clone().into()]);
    assert_eq!(moved.transition.reason.as_deref(), Some("ready"));
    assert_eq!(moved.transition.metadata.get("ticket"), Some(json!("OPS-7")));
    assert_eq!(moved.transition.timestamp.to_string(), "2026-03-01T09:00:00.000000Z");
    assert_eq!(moved.state.last_modified, moved.transition.timestamp);
    assert_eq!(moved.state.last_modified_by.as_deref(), Some("alice"));
}

async fn a_move_that_the_lifecycle_does_not_have_is_refused(backplane: Arc<dyn Backplane>) {
    // Given an experiment that alice submitted
    let lifecycle = on(&backplane).lifecycle();
    lifecycle.transition(&key(), &submit()).await.unwrap();
    // When bob wants it to run at once
    let run = TransitionRequest::to(LifecycleState::Running, "bob");
    let error = lifecycle.transition(&key(), &run).await.unwrap_err();
    // Then he is told where it is and where it may go, and nothing is recorded
    let Error::NotAllowed(refused) = &error else { panic!("{error}") };
    assert_eq!(refused.set_by.as_deref(), Some("alice"));
    let message = error.to_string();
    assert!(message.contains("is PendingApproval and cannot go to Running from there (set by alice)"), "{message}");
    assert!(message.ends_with("it may go to Draft, Approved, Rejected"), "{message}");
    assert_eq!(lifecycle.state(&key()).await.unwrap().head.sequence.get(), 1);
    let error = lifecycle.transition(&key(), &submit()).await.unwrap_err();
    assert!(error.to_string().contains("is PendingApproval already"), "{error}");
}

async fn another_table_is_another_lifecycle(backplane: Arc<dyn Backplane>) {
    // Given a lifecycle of one move
    let table = LifecycleTable::empty().allowing(LifecycleState::Draft, LifecycleState::Running);
    let builder = Governance::builder().persistence(backplane).lifecycle(table);
    let lifecycle = builder.build().unwrap().lifecycle();
    // When moves are asked for, then this one is made and no other
    assert!(matches!(lifecycle.transition(&key(), &submit()).await, Err(Error::NotAllowed(_))));
    lifecycle.transition(&key(), &TransitionRequest::to(LifecycleState::Running, "alice")).await.unwrap();
    let error = lifecycle.transition(&key(), &submit()).await.unwrap_err();
    assert!(error.to_string().ends_with("it is at its end"), "{error}");
}

async fn a_first_move_can_be_asked_for_as_such(backplane: Arc<dyn Backplane>) {
    let lifecycle = on(&backplane).lifecycle();
    // Given an experiment that was never saved, when it is moved as such, then it goes
    lifecycle.transition(&key(), &submit().if_absent()).await.unwrap();
    // And whoever else thought so learns that it is there
    let approve = TransitionRequest::to(LifecycleState::Approved, "bob").if_absent();
    let error = lifecycle.transition(&key(), &approve).await.unwrap_err();
    assert_eq!(error.as_conflict().unwrap().cause, ConflictCause::Expected(Expected::Absent));
    assert_eq!(lifecycle.state(&key()).await.unwrap().state, LifecycleState::PendingApproval);
}

async fn a_request_about_a_state_that_is_gone_is_a_conflict(backplane: Arc<dyn Backplane>) {
    let lifecycle = on(&backplane).lifecycle();
    // Given a state that was read, and replaced by bob
    let read = lifecycle.transition(&key(), &submit()).await.unwrap().state.etag;
    lifecycle.transition(&key(), &TransitionRequest::to(LifecycleState::Draft, "bob")).await.unwrap();
    // When alice moves what she read
    let error = lifecycle.transition(&key(), &submit().if_match(read)).await.unwrap_err();
    // Then she learns what bob did
    let state = error.as_conflict().unwrap().head.state.clone().unwrap();
    assert_eq!((state.lifecycle_state, state.last_modified_by.as_deref()), (LifecycleState::Draft, Some("bob")));
}

async fn a_state_changed_while_judging_is_a_conflict_that_says_who_and_to_what(backplane: Arc<dyn Backplane>) {
    // Given alice, who has judged and is about to commit
    let stopping = Stopping::new(&backplane);
    let alice = Governance::builder().persistence(Arc::clone(&stopping)).build().unwrap().lifecycle();
    let mut stop = stopping.at(Call::Commit);
    let moving = tokio::spawn(async move { alice.transition(&key(), &submit()).await });
    stop.reached().await;
    // When bob archives the experiment
    let archive = TransitionRequest::to(LifecycleState::Archived, "bob");
    on(&backplane).lifecycle().transition(&key(), &archive).await.unwrap();
    stop.go_on();
    // Then alice's move is off, and the conflict tells of bob
    let error = moving.await.unwrap().unwrap_err();
    assert!(error.is_conflict());
    assert!(error.to_string().contains("it is Archived at ETag"), "{error}");
    assert!(error.to_string().contains("set by bob"), "{error}");
}

/// Alice judges; somebody records an evaluation; alice commits.
async fn with_a_record_in_between(
    backplane: &Arc<dyn Backplane>,
    deadline: Duration,
) -> governance::Result<governance::Transitioned> {
    let stopping = Stopping::new(backplane);
    let builder = Governance::builder().persistence(Arc::clone(&stopping)).deadline(deadline);
    let alice = builder.build().unwrap().lifecycle();
    let mut stop = stopping.at(Call::Commit);
    let moving = tokio::spawn(async move { alice.transition(&key(), &submit()).await });
    stop.reached().await;
    let evaluation = PolicyEvaluation::new("latency", true, Severity::Info);
    backplane.append_policy_evaluation(&key(), evaluation).await.unwrap();
    stop.go_on();
    moving.await.unwrap()
}

async fn records_added_while_judging_are_judged_anew(backplane: Arc<dyn Backplane>) {
    // When a record is added between judging and committing, then the move is made behind it
    let moved = with_a_record_in_between(&backplane, Duration::from_secs(60)).await.unwrap();
    assert_eq!(moved.receipt.sequence.get(), 2);
}

async fn at_the_deadline_the_experiment_was_busy(backplane: Arc<dyn Backplane>) {
    // When there is no time to judge again, then nothing is moved, and asking again may help
    let error = with_a_record_in_between(&backplane, Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, Error::Contended { attempts: 1, .. }), "{error}");
    assert!(error.is_retryable());
    assert_eq!(backplane.get_experiment_state(&key()).await.unwrap(), None);
}

async fn a_request_made_again_under_its_commit_id_is_done_once(backplane: Arc<dyn Backplane>) {
    let lifecycle = on(&backplane).lifecycle();
    // Given a request that was carried out, and an experiment that went on since
    let request = submit().commit_id(CommitId::new()).reason("ready");
    let first = lifecycle.transition(&key(), &request).await.unwrap();
    lifecycle.transition(&key(), &TransitionRequest::to(LifecycleState::Draft, "bob")).await.unwrap();
    // When it is made again, by a caller whose reply was lost
    let again = lifecycle.transition(&key(), &request).await.unwrap();
    // Then it is answered as the first time, and nothing is done
    assert!(again.receipt.replayed && !first.receipt.replayed);
    assert_eq!((again.transition, again.state), (first.transition, first.state));
    assert_eq!(lifecycle.state(&key()).await.unwrap().state, LifecycleState::Draft);
}

async fn a_commit_id_of_another_request_is_refused(backplane: Arc<dyn Backplane>) {
    let lifecycle = on(&backplane).lifecycle();
    let id = CommitId::new();
    lifecycle.transition(&key(), &submit().commit_id(id)).await.unwrap();
    // When the id comes back with another actor, reason or state
    for other in [
        TransitionRequest::to(LifecycleState::PendingApproval, "bob"),
        TransitionRequest::to(LifecycleState::PendingApproval, "alice").reason("now"),
        TransitionRequest::to(LifecycleState::Draft, "alice"),
        submit().metadata(JsonObject::try_from(json!({"ticket": "OPS-7"})).unwrap()),
        submit().version(VersionNumber::FIRST),
    ] {
        // Then it is refused
        let error = lifecycle.transition(&key(), &other.commit_id(id)).await.unwrap_err();
        assert!(error.to_string().contains("was used before"), "{error}");
        assert!(matches!(error, Error::Backplane { commit_id: Some(named), .. } if named == id));
    }
    assert_eq!(lifecycle.state(&key()).await.unwrap().head.sequence.get(), 1);
}

async fn a_request_that_arrived_after_the_look_is_found(backplane: Arc<dyn Backplane>) {
    let (stopping, lifecycle) = (Stopping::new(&backplane), on(&backplane).lifecycle());
    for call in [Call::Commit, Call::Head] {
        // Given a request that was begun, or has judged already, and the same request made again elsewhere
        let request = submit().commit_id(CommitId::new());
        let slow = Governance::builder().persistence(Arc::clone(&stopping)).build().unwrap().lifecycle();
        let mut stop = stopping.at(call);
        let repeated = request.clone();
        let moving = tokio::spawn(async move { slow.transition(&key(), &repeated).await });
        stop.reached().await;
        let first = lifecycle.transition(&key(), &request).await.unwrap();
        // When the slow one goes on
        stop.go_on();
        // Then it finds what was done, and tells the same
        let second = moving.await.unwrap().unwrap();
        assert!(second.receipt.replayed, "{call:?}");
        assert_eq!(second.transition, first.transition);
        lifecycle.transition(&key(), &TransitionRequest::to(LifecycleState::Draft, "bob")).await.unwrap();
    }
}

async fn the_managers_member_of_the_metadata_is_theirs(backplane: Arc<dyn Backplane>) {
    let metadata = JsonObject::try_from(json!({"governance": {"approvals": []}})).unwrap();
    let error = on(&backplane).lifecycle().transition(&key(), &submit().metadata(metadata)).await.unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
}

async fn history_comes_in_pages(backplane: Arc<dyn Backplane>) {
    let lifecycle = on(&backplane).lifecycle();
    // Given three moves
    for to in [LifecycleState::PendingApproval, LifecycleState::Draft, LifecycleState::Archived] {
        lifecycle.transition(&key(), &TransitionRequest::to(to, "alice")).await.unwrap();
    }
    // When the newest are read two at a time
    let listing = Listing::new().newest_first().page_size(2).unwrap();
    let first = lifecycle.history(&key(), &listing).await.unwrap();
    let rest = lifecycle.history(&key(), &listing.clone().starting_at(first.next.unwrap())).await.unwrap();
    // Then all are there, once
    let states: Vec<_> = first.items.iter().chain(&rest.items).map(|moved| moved.record.to).collect();
    assert_eq!(states, [LifecycleState::Archived, LifecycleState::Draft, LifecycleState::PendingApproval]);
    assert!(rest.next.is_none());
    // And a page knows the time, too
    let none = Listing::new().recorded(Timestamp::MIN, "1999-01-01T00:00:00Z".parse().unwrap());
    assert!(lifecycle.history(&key(), &none).await.unwrap().items.is_empty());
}
