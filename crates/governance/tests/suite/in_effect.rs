//! What is in effect stays in effect, and nothing does where nothing is.

use crate::world::{approved_as, brought_to, configured, key, moved, on};
use governance::{
    ApprovalRequest, EvaluationRequest, Governance, ManualGate, Moves, Telemetry, TrafficLimit, TransitionRequest,
};
use governance_persistence::{
    Backplane,
    LifecycleState::{Approved, Draft, Paused, PendingApproval, Ramping, RolledBack, Running},
    VersionNumber,
};
use std::sync::Arc;

on_every_backplane! {
    what_runs_without_a_configuration_goes_on_without
    a_gate_is_not_asked_about_no_configuration
    an_evaluation_is_about_what_is_in_effect
}

async fn in_effect(governance: &Governance) -> Option<VersionNumber> {
    governance.lifecycle().state(&key()).await.unwrap().version_in_effect()
}

async fn what_runs_without_a_configuration_goes_on_without(backplane: Arc<dyn Backplane>) {
    // Given an experiment that runs without a configuration, and one that was written since
    brought_to(&backplane, &[PendingApproval, Approved, Running]).await;
    let first = configured(&backplane, 100).await;
    let governance = on(&backplane).build().unwrap();
    // When it goes on by itself, then without
    for to in [Ramping, Paused, Running, Ramping] {
        let made = moved(&governance, to).await.unwrap();
        assert_eq!(made.state.configuration_version, None, "{to}");
    }
    // When the configuration is named, then it takes effect
    let named = TransitionRequest::to(Running, "alice").version(first);
    governance.lifecycle().transition(&key(), &named).await.unwrap();
    assert_eq!(in_effect(&governance).await, Some(first));
}

async fn a_gate_is_not_asked_about_no_configuration(backplane: Arc<dyn Backplane>) {
    // Given a review, past which an experiment without a configuration was brought
    let governance = on(&backplane).approval_gate(ManualGate::new("review", Moves::into(Approved))).build().unwrap();
    brought_to(&backplane, &[PendingApproval]).await;
    approved_as(&governance, &ApprovalRequest::to(Approved, "alice")).await;
    for to in [Approved, Running] {
        moved(&governance, to).await.unwrap();
    }
    // When one is written, then what goes on without is not reviewed again, and what takes effect is
    let first = configured(&backplane, 99).await;
    for to in [Ramping, Paused, Running] {
        moved(&governance, to).await.unwrap();
    }
    let named = TransitionRequest::to(Ramping, "alice").version(first);
    let error = governance.lifecycle().transition(&key(), &named).await.unwrap_err();
    assert!(error.to_string().contains("gate \"review\""), "{error}");
    assert_eq!(in_effect(&governance).await, None);
}

async fn an_evaluation_is_about_what_is_in_effect(backplane: Arc<dyn Backplane>) {
    // Given a limit on what the configuration says
    let limit = TrafficLimit::percent(10.0).unwrap().configured_at("/traffic");
    let governance = on(&backplane).policy(limit).build().unwrap();
    let complies = async || {
        let request = EvaluationRequest::by("monitor").telemetry(Telemetry::none());
        governance.policies().evaluate(&key(), &request).await.unwrap().evaluations[0].compliant
    };
    // When an experiment is not approved, then it is about the latest version, which nothing is before
    configured(&backplane, 99).await;
    assert!(!complies().await);
    configured(&backplane, 5).await;
    assert!(complies().await);
    // When one is written behind Approved, then it is about the one in effect, in each state
    brought_to(&backplane, &[PendingApproval, Approved]).await;
    configured(&backplane, 98).await;
    assert!(complies().await);
    let second = TransitionRequest::to(Running, "alice").version(VersionNumber::new(2).unwrap());
    governance.lifecycle().transition(&key(), &second).await.unwrap();
    for to in [Ramping, Paused, RolledBack] {
        assert!(complies().await);
        brought_to(&backplane, &[to]).await;
    }
    assert!(complies().await);
    // When it is a draft again, then it is about what is to be reviewed
    brought_to(&backplane, &[Draft]).await;
    assert!(!complies().await);
}
