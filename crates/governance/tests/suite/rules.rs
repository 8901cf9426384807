//! The rules that policies are made of: which moves they guard, what their definitions tell, and which cannot be.

use crate::world::{brought_to, key, moved, on};
use governance::{ErrorRate, EvaluationRequest, Moves, Telemetry, TimeWindow, TrafficLimit, TransitionRequest};
use governance_persistence::{Backplane, LifecycleState};
use serde_json::json;
use std::sync::Arc;
use time::macros::time;

on_every_backplane! {
    a_pause_is_no_way_around_a_policy
    a_definition_tells_the_whole_rule
    policies_that_cannot_be_are_refused
}

const APPROVED: [LifecycleState; 2] = [LifecycleState::PendingApproval, LifecycleState::Approved];

fn ten_percent() -> TrafficLimit {
    TrafficLimit::percent(10.0).unwrap()
}

async fn a_pause_is_no_way_around_a_policy(backplane: Arc<dyn Backplane>) {
    // Given a running experiment with too many errors to ramp it
    brought_to(&backplane, &APPROVED).await;
    brought_to(&backplane, &[LifecycleState::Running]).await;
    let governance = on(&backplane).policy(ErrorRate::at_most(0.05).unwrap()).build().unwrap();
    let lifecycle = governance.lifecycle();
    let go = async |to, rate| {
        let request = TransitionRequest::to(to, "alice").telemetry(Telemetry::none().error_rate(rate));
        lifecycle.transition(&key(), &request).await
    };
    go(LifecycleState::Ramping, 0.2).await.unwrap_err();
    // When it is paused, then it may not go on with as many, neither way
    moved(&governance, LifecycleState::Paused).await.unwrap();
    for to in [LifecycleState::Ramping, LifecycleState::Running] {
        let error = go(to, 0.2).await.unwrap_err();
        assert!(error.to_string().contains("an error rate of 0.2"), "{error}");
    }
    // And with fewer it may
    go(LifecycleState::Ramping, 0.01).await.unwrap();
}

async fn a_definition_tells_the_whole_rule(backplane: Arc<dyn Backplane>) {
    brought_to(&backplane, &APPROVED).await;
    let defined = async |policy: TimeWindow| {
        let governance = on(&backplane).policy(policy).build().unwrap();
        governance.policies().evaluate(&key(), &EvaluationRequest::by("monitor")).await.unwrap();
        governance.policies().definition(&key(), "timeWindow").await.unwrap().unwrap().record
    };
    // Given a window, when its moves change, or a fraction of a second, then that is another version of it
    let window = TimeWindow::daily(time!(09:00), time!(17:00)).unwrap();
    let first = defined(window.clone()).await;
    let any = |to: &str| json!({"fromState": "any", "toState": to});
    assert_eq!(first.parameters.get("moves"), Some(json!([any("Running"), any("Ramping")])));
    let narrowed = defined(window.on([Moves::between(LifecycleState::Approved, LifecycleState::Running)])).await;
    let moves = json!([{"fromState": "Approved", "toState": "Running"}]);
    assert_eq!((narrowed.version.get(), narrowed.parameters.get("moves")), (2, Some(moves)));
    let finer = defined(TimeWindow::daily(time!(09:00:00.5), time!(17:00)).unwrap()).await;
    assert_eq!(finer.parameters.get("allowedStartTime"), Some(json!("09:00:00.5")));
}

async fn policies_that_cannot_be_are_refused(backplane: Arc<dyn Backplane>) {
    for wrong in [-1.0, 100.5, f64::NAN, f64::INFINITY] {
        assert!(TrafficLimit::percent(wrong).is_err(), "{wrong}");
        assert!(ErrorRate::at_most(wrong).is_err(), "{wrong}");
    }
    assert!(TimeWindow::daily(time!(09:00), time!(09:00)).is_err());
    let twice = on(&backplane).policy(ten_percent()).policy(ten_percent()).build().unwrap_err();
    assert!(twice.to_string().contains("\"trafficLimit\" stands twice"), "{twice}");
    on(&backplane).policy(ten_percent()).policy(ten_percent().named("other")).build().unwrap();
}
