//! What was found last about an experiment: evaluations of attempts that were refused are none of it.

use crate::world::{brought_to, key, on, state};
use governance::{
    Actor, ErrorRate, EvaluationRequest, Governance, Listing, Moves, RoleBasedGate, Telemetry, TrafficLimit,
    TransitionRequest, Transitioned,
};
use governance_persistence::{Backplane, LifecycleState};
use std::sync::Arc;

on_every_backplane! {
    a_refused_attempt_does_not_clear_a_block
    a_refused_attempt_does_not_block_another_one
    a_finding_behind_many_refused_attempts_is_found
}

const APPROVED: [LifecycleState; 2] = [LifecycleState::PendingApproval, LifecycleState::Approved];

/// Governance that measures errors, and lets operators ramp.
fn measuring(backplane: &Arc<dyn Backplane>) -> Governance {
    let operators = RoleBasedGate::new("operators", Moves::into(LifecycleState::Ramping), ["operator"]).unwrap();
    on(backplane).policy(ErrorRate::at_most(0.05).unwrap()).approval_gate(operators).build().unwrap()
}

/// Governance that measures nothing, in another process.
fn other(backplane: &Arc<dyn Backplane>) -> Governance {
    on(backplane).build().unwrap()
}

async fn ramped(governance: &Governance, actor: impl Into<Actor>, errors: f64) -> governance::Result<Transitioned> {
    let ramp = TransitionRequest::to(LifecycleState::Ramping, actor);
    governance.lifecycle().transition(&key(), &ramp.telemetry(Telemetry::none().error_rate(errors))).await
}

/// A monitor measures this error rate.
async fn monitored(governance: &Governance, rate: f64) {
    let request = EvaluationRequest::by("monitor").telemetry(Telemetry::none().error_rate(rate));
    governance.policies().evaluate(&key(), &request).await.unwrap();
}

async fn running(backplane: &Arc<dyn Backplane>) {
    brought_to(backplane, &APPROVED).await;
    brought_to(backplane, &[LifecycleState::Running]).await;
}

async fn a_refused_attempt_does_not_clear_a_block(backplane: Arc<dyn Backplane>) {
    // Given an experiment of which a monitor found too many errors
    running(&backplane).await;
    monitored(&measuring(&backplane), 0.5).await;
    // When mallory, whom the gate does not let through, tries with an error rate of her own
    let error = ramped(&measuring(&backplane), "mallory", 0.0).await.unwrap_err();
    assert!(error.to_string().ends_with("mallory has none of the roles operator"), "{error}");
    // Then what the monitor found still stands
    let latest = other(&backplane).policies().latest(&key(), "errorRate").await.unwrap().unwrap();
    assert_eq!(latest.record.reason.as_deref(), Some("an error rate of 0.5, where 0.05 is allowed"));
    // And blocks where the policy is not set up
    let error = ramped(&other(&backplane), "mallory", 0.0).await.unwrap_err();
    assert!(error.to_string().contains("policy \"errorRate\": an error rate of 0.5"), "{error}");
    assert_eq!(state(&backplane).await, LifecycleState::Running);
    // When the monitor finds that it complies, then it may ramp
    monitored(&measuring(&backplane), 0.01).await;
    ramped(&other(&backplane), "alice", 0.0).await.unwrap();
}

async fn a_refused_attempt_does_not_block_another_one(backplane: Arc<dyn Backplane>) {
    // Given alice, who was refused for too much traffic
    brought_to(&backplane, &APPROVED).await;
    let limited = |name| on(&backplane).policy(TrafficLimit::percent(10.0).unwrap().named(name)).build().unwrap();
    let run = async |governance: Governance, percent| {
        let run = TransitionRequest::to(LifecycleState::Running, "alice");
        let telemetry = Telemetry::none().traffic_percentage(percent);
        governance.lifecycle().transition(&key(), &run.telemetry(telemetry)).await
    };
    run(limited("traffic"), 50.0).await.unwrap_err();
    // Then nothing was found about the experiment, which every attempt is recorded of
    let policies = other(&backplane).policies();
    assert_eq!(policies.latest(&key(), "traffic").await.unwrap(), None);
    assert_eq!(policies.history(&key(), &Listing::new()).await.unwrap().items.len(), 1);
    // When the policy has another name, and she wants what is allowed, then she is let through
    run(limited("limit"), 5.0).await.unwrap();
}

async fn a_finding_behind_many_refused_attempts_is_found(backplane: Arc<dyn Backplane>) {
    // Given a monitor that found errors, and more refused attempts since than a page holds
    running(&backplane).await;
    monitored(&measuring(&backplane), 0.5).await;
    for _ in 0..101 {
        ramped(&measuring(&backplane), "mallory", 0.0).await.unwrap_err();
    }
    // Then what the monitor found stands behind them
    let error = ramped(&other(&backplane), "alice", 0.0).await.unwrap_err();
    assert!(error.to_string().contains("an error rate of 0.5"), "{error}");
    let latest = other(&backplane).policies().latest(&key(), "errorRate").await.unwrap().unwrap();
    assert_eq!(latest.record.current_state, Some(LifecycleState::Running));
}
