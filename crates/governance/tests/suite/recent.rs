//! A process that goes by what its own commits left: moves in a row are a commit each, and whatever others did
//! meanwhile counts as if it had been read.

use crate::stopping::{Call, Stopping};
use crate::world::{AN_HOUR, approved, brought_to, configured, key, moved, on, state};
use governance::{
    Error, ErrorRate, EvaluationRequest, Governance, GovernanceBuilder, ManualGate, Moves, NewVersion, Telemetry,
    TransitionRequest,
};
use governance_persistence::{
    Backplane, BackplaneExt, CommitId, Expected, JsonObject, LifecycleState::*, PolicyDefinition, PolicyEvaluation,
    Severity, StateChange, VersionNumber,
};
use std::sync::Arc;
use std::time::Duration;

on_every_backplane! {
    what_others_did_is_found
    a_move_that_is_not_allowed_any_more_is_judged_by_what_is_read
    a_state_that_only_others_know_may_be_named
    what_a_monitor_found_meanwhile_counts
    a_policy_that_others_defined_is_heeded
    what_the_other_managers_did_is_followed
    a_request_made_twice_is_done_once
}

const INTO_RUNNING: [governance_persistence::LifecycleState; 3] = [PendingApproval, Approved, Running];

/// Governance that has just moved the experiment to Paused.
async fn paused(
    backplane: &Arc<dyn Backplane>,
    set_up: impl FnOnce(GovernanceBuilder) -> GovernanceBuilder,
) -> (Arc<Stopping>, Governance) {
    configured(backplane, 10).await;
    brought_to(backplane, &INTO_RUNNING).await;
    let stopping = Stopping::new(backplane);
    let builder = Governance::builder().persistence(Arc::clone(&stopping)).remember_for(AN_HOUR);
    let governance = set_up(builder).build().unwrap();
    moved(&governance, Paused).await.unwrap();
    stopping.calls();
    (stopping, governance)
}

#[tokio::test]
async fn moves_in_a_row_are_a_commit_each() {
    let backplane = crate::backplanes::in_memory();
    let (stopping, governance) = paused(&backplane, |builder| builder).await;
    // Given a move back, which asks once for the policies of others
    moved(&governance, Running).await.unwrap();
    assert_eq!(stopping.calls(), [Call::History, Call::Commit]);
    // When it goes on, then neither is read again
    for to in [Ramping, Paused, Running] {
        let moved = moved(&governance, to).await.unwrap();
        assert_eq!(stopping.calls(), [Call::Commit]);
        assert_eq!(governance.lifecycle().state(&key()).await.unwrap().head.state.as_deref(), Some(&moved.state));
        stopping.calls();
    }
    // And the state that was left may be named
    let etag = governance.lifecycle().state(&key()).await.unwrap().etag().unwrap();
    stopping.calls();
    let pause = TransitionRequest::to(Paused, "alice").if_match(etag);
    governance.lifecycle().transition(&key(), &pause).await.unwrap();
    assert_eq!(stopping.calls(), [Call::Commit]);
}

#[tokio::test]
async fn who_remembers_for_no_time_reads() {
    let (stopping, governance) = paused(&crate::backplanes::in_memory(), |it| it.remember_for(Duration::ZERO)).await;
    moved(&governance, RolledBack).await.unwrap();
    assert_eq!(stopping.calls(), [Call::Head, Call::Commit]);
}

async fn what_others_did_is_found(backplane: Arc<dyn Backplane>) {
    // Given a process that left the experiment paused, and another one that has rolled it back since
    let (stopping, governance) = paused(&backplane, |builder| builder).await;
    brought_to(&backplane, &[RolledBack]).await;
    // When the first one wants it to run, which it may from Paused, and not from RolledBack
    let error = moved(&governance, Running).await.unwrap_err();
    // Then it is told so, by what was read
    let Error::NotAllowed(refused) = error else { panic!("{error}") };
    assert_eq!((refused.from, refused.set_by.as_deref()), (RolledBack, Some("setup")));
    assert!(stopping.calls().contains(&Call::Head));
    assert_eq!(state(&backplane).await, RolledBack);
}

async fn a_move_that_is_not_allowed_any_more_is_judged_by_what_is_read(backplane: Arc<dyn Backplane>) {
    // Given the same, and a move that is allowed from where the experiment is now, and not from where it was
    let (_, governance) = paused(&backplane, |builder| builder).await;
    brought_to(&backplane, &[RolledBack]).await;
    // Then it is made
    assert_eq!(moved(&governance, Draft).await.unwrap().transition.from, RolledBack);
}

async fn a_state_that_only_others_know_may_be_named(backplane: Arc<dyn Backplane>) {
    let (_, governance) = paused(&backplane, |builder| builder).await;
    let before = governance.lifecycle().state(&key()).await.unwrap().etag().unwrap();
    let ours = StateChange::to(Running).by("other");
    let etag = backplane.save_experiment_state(&key(), ours, Expected::Match(before)).await.unwrap().etag.unwrap();
    // When the state that another process left is named, then the move is made; the one that is gone is a conflict
    let ramp = |etag| TransitionRequest::to(Ramping, "alice").if_match(etag);
    let error = governance.lifecycle().transition(&key(), &ramp(before)).await.unwrap_err();
    assert!(error.is_conflict() && error.to_string().contains("other"), "{error}");
    governance.lifecycle().transition(&key(), &ramp(etag)).await.unwrap();
}

async fn what_a_monitor_found_meanwhile_counts(backplane: Arc<dyn Backplane>) {
    // Given a process that has left the experiment paused, and a monitor that sees errors since
    let watched = |builder: GovernanceBuilder| builder.policy(ErrorRate::at_most(0.05).unwrap());
    let (_, governance) = paused(&backplane, watched).await;
    let monitor = watched(on(&backplane)).build().unwrap().policies();
    let seen = EvaluationRequest::by("monitor").telemetry(Telemetry::none().error_rate(0.2));
    monitor.evaluate(&key(), &seen).await.unwrap();
    // When alice wants to go on by an older measurement, then she is told of it
    let run = TransitionRequest::to(Running, "alice").telemetry(Telemetry::none().error_rate(0.01));
    let error = governance.lifecycle().transition(&key(), &run).await.unwrap_err();
    assert!(error.to_string().contains("policy \"errorRate\": an error rate of 0.2"), "{error}");
    // And when she tries again with what is measured then, it decides anew
    governance.lifecycle().transition(&key(), &run).await.unwrap();
}

async fn a_policy_that_others_defined_is_heeded(backplane: Arc<dyn Backplane>) {
    // Given a process that knows of no policy of others, having asked
    let (stopping, governance) = paused(&backplane, |builder| builder).await;
    moved(&governance, Running).await.unwrap();
    stopping.calls();
    // When another one defines one, and finds something
    let others = on(&backplane).build().unwrap().policies();
    others.define(&key(), PolicyDefinition::new("privacy", "audit", JsonObject::empty(), "dora")).await.unwrap();
    others.record(&key(), "auditor", PolicyEvaluation::new("privacy", false, Severity::Critical)).await.unwrap();
    // Then the experiment does not ramp
    let error = moved(&governance, Ramping).await.unwrap_err();
    assert!(error.to_string().contains("policy \"privacy\": not compliant"), "{error}");
    assert!(stopping.calls().contains(&Call::Head));
    // And a definition of its own is known to it
    let own = PolicyDefinition::new("latency", "latency", JsonObject::empty(), "dora");
    governance.policies().define(&key(), own).await.unwrap();
    governance
        .policies()
        .record(&key(), "monitor", PolicyEvaluation::new("latency", false, Severity::Critical))
        .await
        .unwrap();
    let error = moved(&governance, Ramping).await.unwrap_err();
    assert!(error.to_string().contains("policy \"latency\""), "{error}");
}

async fn what_the_other_managers_did_is_followed(backplane: Arc<dyn Backplane>) {
    // Given a gate that asks people, and one process that does everything
    let gate = ManualGate::new("review", Moves::into(Running));
    let (stopping, governance) = paused(&backplane, |builder| builder.approval_gate(gate)).await;
    let version = NewVersion::of(crate::world::traffic_of(20), "alice");
    let second = governance.versions().create(&key(), &version).await.unwrap().version.number;
    assert_eq!(second, VersionNumber::new(2).unwrap());
    approved(&governance, Running).await;
    stopping.calls();
    // When it moves the experiment, then what it wrote and what bob approved is known, and no head is read
    let running = moved(&governance, Running).await.unwrap();
    assert_eq!(running.state.configuration_version, Some(VersionNumber::FIRST));
    assert!(!stopping.calls().contains(&Call::Head));
    // And what is known is what is there
    moved(&governance, Paused).await.unwrap();
    let head = governance.lifecycle().state(&key()).await.unwrap().head;
    assert_eq!((head.latest_version, head.state.unwrap().lifecycle_state), (Some(second), Paused));
}

async fn a_request_made_twice_is_done_once(backplane: Arc<dyn Backplane>) {
    let (stopping, governance) = paused(&backplane, |builder| builder).await;
    // Given a request whose reply gets lost
    let run = TransitionRequest::to(Running, "alice").commit_id(CommitId::new());
    stopping.lose_the_next_reply();
    governance.lifecycle().transition(&key(), &run).await.unwrap_err();
    // When it is made again, by the same process and by another one, then it is answered as it was done
    assert!(governance.lifecycle().transition(&key(), &run).await.unwrap().receipt.replayed);
    let other = on(&backplane).build().unwrap();
    assert!(other.lifecycle().transition(&key(), &run).await.unwrap().receipt.replayed);
    // And the first process goes on
    moved(&governance, Ramping).await.unwrap();
}
