//! What a move costs: the calls that the backplane gets for it, and of those that nobody needs, none.

use crate::backplanes::in_memory;
use crate::stopping::{Call, Stopping};
use crate::world::{approved, brought_to, configured, key, moved, on, traffic_of};
use governance::{
    AutomaticGate, ErrorRate, Governance, GovernanceBuilder, ManualGate, Moves, Telemetry, TransitionRequest,
    Versioning,
};
use governance_persistence::{
    Backplane, BackplaneExt, CommitId, Expected, JsonObject, LifecycleState::*, PolicyDefinition, StateChange,
    VersionNumber,
};
use std::sync::Arc;

const INTO_RUNNING: [governance_persistence::LifecycleState; 3] = [PendingApproval, Approved, Running];

/// An experiment that runs at its latest version, and governance that is set up so.
async fn running(set_up: impl FnOnce(GovernanceBuilder) -> GovernanceBuilder) -> (Arc<Stopping>, Governance) {
    let backplane = in_memory();
    configured(&backplane, 10).await;
    brought_to(&backplane, &INTO_RUNNING).await;
    let stopping = Stopping::new(&backplane);
    let governance = set_up(Governance::builder().persistence(Arc::clone(&stopping))).build().unwrap();
    (stopping, governance)
}

#[tokio::test]
async fn a_move_that_nobody_judges_is_a_read_and_a_commit() {
    let (stopping, governance) = running(|builder| builder).await;
    moved(&governance, Paused).await.unwrap();
    assert_eq!(stopping.calls(), [Call::Head, Call::Commit]);
    // Nor does it take more to tell that the state is the one that the caller saw.
    let etag = governance.lifecycle().state(&key()).await.unwrap().etag().unwrap();
    stopping.calls();
    let archive = TransitionRequest::to(Archived, "alice").if_match(etag);
    governance.lifecycle().transition(&key(), &archive).await.unwrap();
    assert_eq!(stopping.calls(), [Call::Head, Call::Commit]);
}

#[tokio::test]
async fn a_move_that_goes_live_asks_for_the_policies_of_others_as_well() {
    let (stopping, governance) = running(|builder| builder).await;
    moved(&governance, Paused).await.unwrap();
    stopping.calls();
    let running = moved(&governance, Running).await.unwrap();
    assert_eq!(stopping.calls(), [Call::Head, Call::History, Call::Commit]);
    // And puts in effect what it did not have to look at.
    assert_eq!(running.state.configuration_version, Some(VersionNumber::FIRST));
    // What others define is looked at by its latest evaluation.
    moved(&governance, Paused).await.unwrap();
    let defined = PolicyDefinition::new("latency", "latency", JsonObject::empty(), "monitor");
    governance.policies().define(&key(), defined).await.unwrap();
    stopping.calls();
    moved(&governance, Running).await.unwrap();
    assert_eq!(stopping.calls(), [Call::Head, Call::History, Call::LookUp, Call::Commit]);
}

#[tokio::test]
async fn a_version_that_is_not_the_latest_has_to_be_there() {
    let (stopping, governance) = running(|builder| builder).await;
    moved(&governance, Paused).await.unwrap();
    let backplane: Arc<dyn Backplane> = stopping.clone();
    configured(&backplane, 20).await;
    stopping.calls();
    let running = moved(&governance, Running).await.unwrap();
    assert_eq!(running.state.configuration_version, Some(VersionNumber::FIRST));
    assert_eq!(stopping.calls(), [Call::Head, Call::LookUp, Call::History, Call::Commit]);
    // One that was never written is in effect no longer, and no longer what was approved: the gates into Approved
    // stand before the move.
    let gate = ManualGate::new("review", Moves::into(Approved));
    let governed = on(&backplane).approval_gate(gate).build().unwrap();
    let paused = StateChange::to(Paused).running_version(VersionNumber::new(7).unwrap());
    backplane.save_experiment_state(&key(), paused, Expected::Any).await.unwrap();
    assert!(moved(&governed, Running).await.unwrap_err().as_refusal().is_some());
    let running = moved(&governance, Running).await.unwrap();
    assert_eq!(running.state.configuration_version, None);
}

#[tokio::test]
async fn a_request_that_is_safe_to_repeat_looks_whether_it_is_repeated() {
    let (stopping, governance) = running(|builder| builder).await;
    let pause = TransitionRequest::to(Paused, "alice").commit_id(CommitId::new());
    governance.lifecycle().transition(&key(), &pause).await.unwrap();
    assert_eq!(stopping.calls(), [Call::Head, Call::Entry, Call::Commit]);
}

#[tokio::test]
async fn a_gate_is_told_of_the_configuration_and_of_what_people_said_only_if_it_asks_them() {
    let automatic = AutomaticGate::new("pause", Moves::into(Paused));
    let (stopping, governance) = running(|builder| builder.approval_gate(automatic)).await;
    let paused = moved(&governance, Paused).await.unwrap();
    assert_eq!(paused.approvals[0].configuration_version, Some(VersionNumber::FIRST));
    assert_eq!(stopping.calls(), [Call::Head, Call::LookUp, Call::Commit]);

    let manual = ManualGate::new("resume", Moves::into(Ramping));
    let (stopping, governance) = running(|builder| builder.approval_gate(manual)).await;
    approved(&governance, Ramping).await;
    stopping.calls();
    moved(&governance, Ramping).await.unwrap();
    // The configuration, the policies of others, and then since when, the request, and the decisions.
    let people = [Call::Entry, Call::History, Call::LookUp];
    assert_eq!(stopping.calls(), [&[Call::Head, Call::LookUp, Call::History], &people[..], &[Call::Commit]].concat());
}

#[tokio::test]
async fn all_definitions_are_one_read_where_a_move_goes_live() {
    let two = |builder: GovernanceBuilder| {
        let named = ErrorRate::at_most(0.5).unwrap().named("half");
        builder.policy(ErrorRate::at_most(0.05).unwrap()).policy(named)
    };
    let (stopping, governance) = running(two).await;
    let ramp = TransitionRequest::to(Ramping, "alice").telemetry(Telemetry::none().error_rate(0.01));
    let ramped = governance.lifecycle().transition(&key(), &ramp).await.unwrap();
    assert_eq!(ramped.evaluations.len(), 2);
    assert_eq!(stopping.calls(), [Call::Head, Call::LookUp, Call::History, Call::Commit]);
}

#[tokio::test]
async fn a_configuration_that_is_carried_is_compared_with_the_latest() {
    let (stopping, governance) = running(|builder| builder.versioning(Versioning::Automatic)).await;
    for (traffic, brings) in [(10, false), (20, true)] {
        let ramp = TransitionRequest::to(if brings { Running } else { Ramping }, "alice");
        let ramp = ramp.configuration(traffic_of(traffic));
        let moved = governance.lifecycle().transition(&key(), &ramp).await.unwrap();
        assert_eq!(moved.version.is_some(), brings);
        assert_eq!(moved.state.configuration_version.map(VersionNumber::get), Some(if brings { 2 } else { 1 }));
        assert_eq!(stopping.calls(), [Call::Head, Call::LookUp, Call::History, Call::Commit]);
    }
}
