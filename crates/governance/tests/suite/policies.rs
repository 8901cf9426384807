//! Policies: what they find, what is recorded of it, and what blocks.

use crate::world::{brought_to, configured, key, log, moved, on, state};
use governance::{
    Actor, ConflictPrevention, Error, ErrorRate, EvaluationRequest, Governance, Listing, Objection, Policy, SetClock,
    Telemetry, TimeWindow, TrafficLimit, TransitionRequest, Transitioned,
};
use governance_persistence::{
    Backplane, BackplaneExt, CommitId, Expected, ExperimentKey, JsonObject, LifecycleState, PolicyDefinition,
    PolicyEvaluation, Record, Severity, StateChange, Timestamp, VersionNumber,
};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use time::macros::{offset, time};

on_every_backplane! {
    a_critical_policy_that_is_not_complied_with_blocks
    a_milder_policy_is_recorded_and_blocks_nothing
    a_policy_that_cannot_be_evaluated_counts_as_not_compliant
    a_move_records_its_evaluations_and_new_definitions
    more_traffic_is_allowed_after_a_stable_while
    traffic_may_be_read_from_the_configuration
    errors_are_judged_where_they_can_be_measured
    a_time_window_goes_by_the_clock
    conflicting_experiments_are_asked_of_the_backplane
    stopping_an_experiment_is_never_blocked
    a_policy_that_is_evaluated_elsewhere_is_heeded
    evaluations_may_be_asked_for_at_any_time
}

const APPROVED: [LifecycleState; 2] = [LifecycleState::PendingApproval, LifecycleState::Approved];

fn ten_percent() -> TrafficLimit {
    TrafficLimit::percent(10.0).unwrap()
}

/// An approved experiment, guarded by this policy.
async fn guarded(backplane: &Arc<dyn Backplane>, policy: impl Policy + 'static) -> Governance {
    brought_to(backplane, &APPROVED).await;
    on(backplane).policy(policy).build().unwrap()
}

async fn measured(
    governance: &Governance,
    to: LifecycleState,
    telemetry: Telemetry,
) -> governance::Result<Transitioned> {
    let request = TransitionRequest::to(to, "alice").telemetry(telemetry);
    governance.lifecycle().transition(&key(), &request).await
}

fn traffic(percent: f64) -> Telemetry {
    Telemetry::none().traffic_percentage(percent)
}

async fn a_critical_policy_that_is_not_complied_with_blocks(backplane: Arc<dyn Backplane>) {
    // Given at most ten percent of traffic
    let governance = guarded(&backplane, ten_percent()).await;
    // When alice wants more
    let error = measured(&governance, LifecycleState::Running, traffic(10.5)).await.unwrap_err();
    // Then she is told what is allowed
    assert!(error.to_string().ends_with("policy \"trafficLimit\": 10.5 % of traffic, where 10 % are allowed"));
    // And definition and evaluation are recorded, with what was measured, and nothing is moved
    let entry = log(&backplane).await.pop().unwrap();
    let [Record::Definition(definition), Record::Evaluation(evaluation)] = entry.records.as_slice() else {
        panic!("{entry:?}")
    };
    assert_eq!((definition.kind.as_str(), definition.actor.as_str()), ("trafficLimit", "alice"));
    assert_eq!(definition.parameters.get("maxTrafficPercentage"), Some(json!(10)));
    assert!(!evaluation.compliant && evaluation.severity == Severity::Critical);
    assert_eq!(evaluation.current_state, Some(LifecycleState::Approved));
    assert_eq!(evaluation.target_state, Some(LifecycleState::Running));
    assert_eq!(evaluation.metadata.get("telemetry"), Some(json!({"trafficPercentage": 10.5})));
    let refusal = error.as_refusal().unwrap();
    let [Objection::Policy { evaluation: named, .. }] = refusal.objections.as_slice() else { panic!("{error}") };
    assert_eq!((*named, refusal.receipt.commit_id), (evaluation.id, entry.commit_id));
    assert_eq!(state(&backplane).await, LifecycleState::Approved);
    // When she wants what is allowed, then that she once wanted more is no matter
    measured(&governance, LifecycleState::Running, traffic(10.0)).await.unwrap();
}

async fn a_milder_policy_is_recorded_and_blocks_nothing(backplane: Arc<dyn Backplane>) {
    let governance = guarded(&backplane, ten_percent().severity(Severity::Error)).await;
    let moved = measured(&governance, LifecycleState::Running, traffic(99.0)).await.unwrap();
    assert_eq!(moved.evaluations.len(), 1);
    assert!(!moved.evaluations[0].compliant);
}

async fn a_policy_that_cannot_be_evaluated_counts_as_not_compliant(backplane: Arc<dyn Backplane>) {
    // Given a policy that goes by telemetry
    let governance = guarded(&backplane, ten_percent()).await;
    // When there is none, or it is no number
    for telemetry in [Telemetry::none(), traffic(f64::NAN), Telemetry::none().with("trafficPercentage", "five")] {
        let error = measured(&governance, LifecycleState::Running, telemetry).await.unwrap_err();
        // Then it blocks, and says what is missing
        assert!(error.to_string().contains("it could not be evaluated: the telemetry has no trafficPercentage"));
    }
    let evaluations = governance.policies().history(&key(), &Listing::new()).await.unwrap().items;
    assert!(evaluations.len() == 3 && evaluations.iter().all(|found| !found.record.compliant));
}

async fn a_move_records_its_evaluations_and_new_definitions(backplane: Arc<dyn Backplane>) {
    // Given a policy that the experiment has not met
    let governance = guarded(&backplane, ten_percent()).await;
    // When a move is made, then its commit has definition and evaluation
    let first = measured(&governance, LifecycleState::Running, traffic(5.0)).await.unwrap();
    let entry = log(&backplane).await.pop().unwrap();
    assert_eq!(entry.commit_id, first.receipt.commit_id);
    let kinds: Vec<_> = entry.records.iter().map(|record| record.kind().as_str()).collect();
    assert_eq!(kinds, ["transition", "definition", "evaluation"]);
    assert_eq!(first.evaluations[0].reason.as_deref(), Some("5 % of traffic, of 10 %"));
    assert_eq!(first.evaluations[0].metadata.get("governance"), Some(json!({"actor": "alice", "definition": 1})));
    // When another one is made, then the definition is known
    measured(&governance, LifecycleState::Ramping, traffic(5.0)).await.unwrap();
    let definitions = governance.policies().definitions(&key(), &Listing::new()).await.unwrap().items;
    assert_eq!(definitions.len(), 1);
    // When the policy is another one, then it has another version
    let wider = on(&backplane).policy(TrafficLimit::percent(20.0).unwrap()).build().unwrap();
    let moved = measured(&wider, LifecycleState::Running, traffic(15.0)).await.unwrap();
    let latest = wider.policies().definition(&key(), "trafficLimit").await.unwrap().unwrap().record;
    assert_eq!((latest.version.get(), latest.parameters.get("maxTrafficPercentage")), (2, Some(json!(20))));
    assert_eq!(moved.evaluations[0].metadata.get("governance"), Some(json!({"actor": "alice", "definition": 2})));
}

async fn more_traffic_is_allowed_after_a_stable_while(backplane: Arc<dyn Backplane>) {
    // Given ten percent until it was stable for half an hour, and an experiment that just began to run
    brought_to(&backplane, &APPROVED).await;
    let clock = SetClock::at(Timestamp::now());
    let half_an_hour = Duration::from_secs(30 * 60);
    let builder = on(&backplane).policy(ten_percent().min_stable_time(half_an_hour)).clock(clock.clone());
    let governance = builder.build().unwrap();
    // When it has not run at all, then no while was stable
    clock.set(Timestamp::now().saturating_add(half_an_hour * 2));
    assert!(measured(&governance, LifecycleState::Running, traffic(50.0)).await.is_err());
    let running = measured(&governance, LifecycleState::Running, traffic(10.0)).await.unwrap();
    // When half an hour is not over, then it may not have more
    clock.set(running.receipt.recorded_at.saturating_add(half_an_hour - Duration::from_micros(1)));
    let error = measured(&governance, LifecycleState::Ramping, traffic(50.0)).await.unwrap_err();
    assert!(error.to_string().contains("until it has been stable for 1800 s"), "{error}");
    // When it is over, then it may
    clock.set(running.receipt.recorded_at.saturating_add(half_an_hour));
    measured(&governance, LifecycleState::Ramping, traffic(50.0)).await.unwrap();
}

async fn traffic_may_be_read_from_the_configuration(backplane: Arc<dyn Backplane>) {
    // Given a limit on what the configuration says, and one that says too much
    let policy = || ten_percent().configured_at("/traffic");
    configured(&backplane, 90).await;
    let governance = guarded(&backplane, policy()).await;
    // When alice claims another traffic, then it is no matter
    let error = measured(&governance, LifecycleState::Running, traffic(1.0)).await.unwrap_err();
    assert!(error.to_string().contains("90 % of traffic, where 10 % are allowed"), "{error}");
    // When the configuration is changed, then it may run
    configured(&backplane, 9).await;
    measured(&governance, LifecycleState::Running, Telemetry::none()).await.unwrap();
    // And where the number is missing, it may not
    let missing = on(&backplane).policy(ten_percent().configured_at("/share")).build().unwrap();
    let error = moved(&missing, LifecycleState::Ramping).await.unwrap_err();
    assert!(error.to_string().contains("the configuration has no number at /share"), "{error}");
}

async fn errors_are_judged_where_they_can_be_measured(backplane: Arc<dyn Backplane>) {
    let governance = guarded(&backplane, ErrorRate::at_most(0.05).unwrap()).await;
    // When it begins to run, then nothing was measured yet
    moved(&governance, LifecycleState::Running).await.unwrap();
    // When it is to ramp, then its errors decide
    let errors = |rate| Telemetry::none().error_rate(rate);
    let error = measured(&governance, LifecycleState::Ramping, errors(0.051)).await.unwrap_err();
    assert!(error.to_string().contains("an error rate of 0.051, where 0.05 is allowed"), "{error}");
    measured(&governance, LifecycleState::Ramping, errors(0.05)).await.unwrap();
}

async fn a_time_window_goes_by_the_clock(backplane: Arc<dyn Backplane>) {
    let office = TimeWindow::daily(time!(09:00), time!(17:00)).unwrap();
    let night = TimeWindow::daily(time!(22:00), time!(04:00)).unwrap();
    let in_delhi = office.clone().offset(offset!(+5:30));
    let in_new_york = office.clone().time_zone("America/New_York".parse().unwrap());
    for (window, at, allowed) in [
        (&office, "08:59:59.999999", false),
        (&office, "09:00:00", true),
        (&office, "16:59:59.999999", true),
        (&office, "17:00:00", false),
        (&night, "21:59:59", false),
        (&night, "22:00:00", true),
        (&night, "00:00:00", true),
        (&night, "03:59:59", true),
        (&night, "04:00:00", false),
        (&in_delhi, "03:29:59", false),
        (&in_delhi, "03:30:00", true),
        (&in_delhi, "11:30:00", false),
        (&in_new_york, "13:59:59", false),
        (&in_new_york, "14:00:00", true),
    ] {
        // Given an approved experiment, and a clock that stands there
        let zone = window.get_time_zone();
        let key = ExperimentKey::new(&format!("{at} {allowed} {} {zone}", window.get_start())).unwrap();
        let clock = SetClock::at(format!("2026-03-01T{at}Z").parse().unwrap());
        let builder = on(&backplane).initial_state(LifecycleState::Approved).policy(window.clone()).clock(clock);
        // When it is to run
        let run = TransitionRequest::to(LifecycleState::Running, "alice");
        let answer = builder.build().unwrap().lifecycle().transition(&key, &run).await;
        // Then the hour decides
        assert_eq!(answer.is_ok(), allowed, "{at} in {window:?}");
    }
}

async fn conflicting_experiments_are_asked_of_the_backplane(backplane: Arc<dyn Backplane>) {
    // Given experiments in other scopes that run, and one in the same scope that is paused
    brought_to(&backplane, &APPROVED).await;
    let put = async |key: &ExperimentKey, state| {
        backplane.save_experiment_state(key, StateChange::to(state), Expected::Any).await.unwrap();
    };
    let redesign = ExperimentKey::new("redesign").unwrap();
    let here = redesign.in_tenant("acme").unwrap();
    put(&redesign, LifecycleState::Running).await;
    put(&here.in_environment("staging").unwrap(), LifecycleState::Running).await;
    put(&here, LifecycleState::Paused).await;
    for policy in [ConflictPrevention::with(["redesign", "checkout", "unknown"]), ConflictPrevention::with_any()] {
        let governance = on(&backplane).policy(policy).build().unwrap();
        // When the one in the same scope ramps, then ours may not run
        put(&here, LifecycleState::Ramping).await;
        let error = moved(&governance, LifecycleState::Running).await.unwrap_err();
        assert!(error.to_string().contains("live in the same scope: redesign"), "{error}");
        // When it is paused, then ours may, and may go on
        put(&here, LifecycleState::Paused).await;
        moved(&governance, LifecycleState::Running).await.unwrap();
        moved(&governance, LifecycleState::Ramping).await.unwrap();
        brought_to(&backplane, &[LifecycleState::RolledBack, LifecycleState::Draft]).await;
        brought_to(&backplane, &APPROVED).await;
    }
}

async fn stopping_an_experiment_is_never_blocked(backplane: Arc<dyn Backplane>) {
    // Given a running experiment, and every policy against it
    brought_to(&backplane, &APPROVED).await;
    brought_to(&backplane, &[LifecycleState::Running]).await;
    let clock = SetClock::at("2026-03-01T03:00:00Z".parse().unwrap());
    let builder = on(&backplane).clock(clock).policy(ten_percent()).policy(ErrorRate::at_most(0.0).unwrap());
    let builder = builder.policy(TimeWindow::daily(time!(09:00), time!(17:00)).unwrap());
    let governance = builder.policy(ConflictPrevention::with_any()).build().unwrap();
    // When somebody stops it, then it stops
    moved(&governance, LifecycleState::Paused).await.unwrap();
    assert!(moved(&governance, LifecycleState::Running).await.is_err());
    moved(&governance, LifecycleState::RolledBack).await.unwrap();
    // And it stops even if what its state says to be in effect was never written here
    let dangling = StateChange::to(LifecycleState::Running).running_version(VersionNumber::new(7).unwrap());
    backplane.save_experiment_state(&key(), dangling, Expected::Any).await.unwrap();
    let paused = moved(&governance, LifecycleState::Paused).await.unwrap();
    assert_eq!(paused.state.configuration_version.map(VersionNumber::get), Some(7));
}

async fn a_policy_that_is_evaluated_elsewhere_is_heeded(backplane: Arc<dyn Backplane>) {
    brought_to(&backplane, &APPROVED).await;
    let governance = on(&backplane).build().unwrap();
    let policies = governance.policies();
    let found =
        |compliant| PolicyEvaluation::new("privacy", compliant, Severity::Critical).with_reason("as the audit says");
    // Given a policy that nobody knows, whose evaluation nobody would heed
    let error = policies.record(&key(), "monitor", found(false)).await.unwrap_err();
    assert!(error.to_string().contains("policy \"privacy\" is neither set up here nor defined"), "{error}");
    // When it is defined, and not complied with
    let definition = || PolicyDefinition::new("privacy", "audit", JsonObject::empty(), "dora");
    assert_eq!(policies.define(&key(), definition()).await.unwrap().version.get(), 1);
    policies.record(&key(), "monitor", found(false)).await.unwrap();
    // Then it blocks, again and again, and what refused is recorded
    for _ in 0..2 {
        let error = moved(&governance, LifecycleState::Running).await.unwrap_err();
        assert!(error.to_string().contains("policy \"privacy\": as the audit says"), "{error}");
        let Record::Approval(refused) = log(&backplane).await.pop().unwrap().records.remove(0) else { panic!() };
        assert_eq!(refused.approver.as_deref(), Some("privacy"));
        let Error::Refused(refusal) = error else { panic!() };
        let [Objection::Policy { evaluation, .. }] = refusal.objections.as_slice() else { panic!("{refusal}") };
        assert_eq!(refused.metadata.get("governance"), Some(json!({"evaluations": [evaluation]})));
    }
    // When it is complied with, then the move refers to that
    let complied = found(true);
    policies.record(&key(), "monitor", complied.clone()).await.unwrap();
    let running = moved(&governance, LifecycleState::Running).await.unwrap();
    assert_eq!(running.transition.metadata.get("governance"), Some(json!({"evaluations": [complied.id]})));
    // When it is switched off, then it says nothing any more
    policies.record(&key(), "monitor", found(false)).await.unwrap();
    assert!(moved(&governance, LifecycleState::Ramping).await.is_err());
    assert_eq!(policies.define(&key(), definition().disabled()).await.unwrap().version.get(), 2);
    moved(&governance, LifecycleState::Ramping).await.unwrap();
}

async fn evaluations_may_be_asked_for_at_any_time(backplane: Arc<dyn Backplane>) {
    // Given two policies, and a running experiment
    brought_to(&backplane, &APPROVED).await;
    brought_to(&backplane, &[LifecycleState::Running]).await;
    let builder = on(&backplane).policy(ErrorRate::at_most(0.05).unwrap()).policy(ten_percent());
    let policies = builder.build().unwrap().policies();
    // When a monitor asks for all
    let telemetry = traffic(5.0).error_rate(0.2);
    let request = EvaluationRequest::by(Actor::new("monitor")).telemetry(telemetry);
    let evaluated = policies.evaluate(&key(), &request).await.unwrap();
    // Then both are evaluated and recorded about the state that it is in
    let compliant: Vec<_> =
        evaluated.evaluations.iter().map(|found| (found.policy.as_str(), found.compliant)).collect();
    assert_eq!(compliant, [("errorRate", false), ("trafficLimit", true)]);
    assert_eq!(evaluated.evaluations[0].current_state, Some(LifecycleState::Running));
    let latest = policies.latest(&key(), "errorRate").await.unwrap().unwrap();
    assert_eq!((latest.record, latest.commit_id), (evaluated.evaluations[0].clone(), evaluated.receipt.commit_id));
    // With who wanted it; and who wants it once more under the same id is that one
    assert_eq!(evaluated.evaluations[0].metadata.get("governance").unwrap()["actor"], "monitor");
    let id = CommitId::new();
    let by = |actor| EvaluationRequest::by(actor).telemetry(traffic(5.0).error_rate(0.2)).commit_id(id);
    policies.evaluate(&key(), &by("monitor")).await.unwrap();
    assert!(policies.evaluate(&key(), &by("monitor")).await.unwrap().receipt.replayed);
    let error = policies.evaluate(&key(), &by("mallory")).await.unwrap_err();
    assert!(error.to_string().contains("was used before"), "{error}");
    // When one is asked for, then it alone is, and one that is not set up is refused
    let one = policies.evaluate(&key(), &request.clone().only("trafficLimit")).await.unwrap();
    assert_eq!(one.evaluations.len(), 1);
    assert!(matches!(policies.evaluate(&key(), &request.only("latency")).await, Err(Error::NoSuchPolicy { .. })));
    let own = PolicyDefinition::new("errorRate", "errorRate", JsonObject::empty(), "dora");
    assert!(matches!(policies.define(&key(), own).await, Err(Error::Invalid(_))));
}
