//! What was found last about an experiment: evaluations of attempts that were refused are none of it.

use crate::world::{brought_to, key, on, state};
use governance::{
    Actor, DisableRequest, Error, ErrorRate, EvaluationRequest, Governance, Listing, Moves, Objection, RoleBasedGate,
    Telemetry, TrafficLimit, TransitionRequest, Transitioned,
};
use governance_persistence::{
    Backplane, CommitId, JsonObject, LifecycleState, PolicyDefinition, PolicyEvaluation, Severity,
};
use serde_json::json;
use std::sync::Arc;

on_every_backplane! {
    a_refused_attempt_does_not_clear_a_block
    a_refused_attempt_does_not_block_another_one
    a_finding_behind_many_refused_attempts_is_found
    a_policy_that_was_taken_out_blocks_until_it_is_switched_off
    nobody_records_what_is_said_of_refused_attempts
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

async fn a_policy_that_was_taken_out_blocks_until_it_is_switched_off(backplane: Arc<dyn Backplane>) {
    // Given errors that a monitor found, of a policy that nobody evaluates any more
    running(&backplane).await;
    monitored(&measuring(&backplane), 0.5).await;
    let policies = other(&backplane).policies();
    let error = ramped(&other(&backplane), "alice", 0.0).await.unwrap_err();
    let objections = &error.as_refusal().unwrap().objections;
    assert!(matches!(objections.as_slice(), [Objection::Policy { is_set_up: false, .. }]), "{error}");
    // When it is switched off where it is set up, or one that nobody knows is, then that is refused
    let off = DisableRequest::of("errorRate", "dora").reason("we measure elsewhere now").commit_id(CommitId::new());
    let set_up = measuring(&backplane).policies().disable(&key(), &off).await.unwrap_err();
    assert!(matches!(set_up, Error::Invalid(_)) && set_up.to_string().contains("is set up here"), "{set_up}");
    let unknown = policies.disable(&key(), &DisableRequest::of("latency", "dora")).await.unwrap_err();
    assert!(matches!(unknown, Error::NoSuchPolicy { .. }), "{unknown}");
    // When it is switched off, then that is recorded as a version, with who and why
    let disabled = policies.disable(&key(), &off).await.unwrap();
    let definition = policies.definition(&key(), "errorRate").await.unwrap().unwrap();
    assert_eq!((&definition.record, definition.commit_id), (&disabled.definition, disabled.receipt.commit_id));
    let definition = definition.record;
    assert_eq!((definition.version.get(), definition.enabled, definition.actor.as_str()), (2, false, "dora"));
    assert_eq!(definition.metadata.get("governance"), Some(json!({"reason": "we measure elsewhere now"})));
    assert_eq!(definition.parameters.get("maxErrorRate"), Some(json!(0.05)));
    // And once, however often it is asked for
    let again = policies.disable(&key(), &off).await.unwrap();
    assert!(again.receipt.replayed && again.definition == definition);
    let twice = policies.disable(&key(), &DisableRequest::of("errorRate", "dora")).await.unwrap_err();
    assert!(twice.to_string().contains("is switched off already, by version 2"), "{twice}");
    let id = disabled.receipt.commit_id;
    let reused = policies.disable(&key(), &DisableRequest::of("errorRate", "mallory").commit_id(id)).await;
    assert!(reused.unwrap_err().to_string().contains("commit id"));
    // Then it blocks no more
    ramped(&other(&backplane), "alice", 0.0).await.unwrap();
    // And where it still is set up, it is on again when it is evaluated
    monitored(&measuring(&backplane), 0.01).await;
    assert!(policies.definition(&key(), "errorRate").await.unwrap().unwrap().record.enabled);
}

async fn nobody_records_what_is_said_of_refused_attempts(backplane: Arc<dyn Backplane>) {
    // Given a policy that is evaluated elsewhere
    let policies = other(&backplane).policies();
    let definition = PolicyDefinition::new("privacy", "audit", JsonObject::empty(), "dora");
    let ours = JsonObject::try_from(json!({"governance": {"attempt": "refused"}})).unwrap();
    // When it is defined, or an evaluation recorded, with the word that is the managers', then that is refused
    let defined = policies.define(&key(), definition.clone().with_metadata(ours.clone())).await;
    assert!(matches!(defined, Err(Error::Invalid(_))), "{defined:?}");
    policies.define(&key(), definition).await.unwrap();
    let found = PolicyEvaluation::new("privacy", false, Severity::Critical);
    let recorded = policies.record(&key(), "monitor", found.clone().with_metadata(ours)).await;
    assert!(recorded.unwrap_err().to_string().contains("has the member \"governance\""));
    // And without it, it counts
    policies.record(&key(), "monitor", found).await.unwrap();
    assert!(policies.latest(&key(), "privacy").await.unwrap().is_some());
}
