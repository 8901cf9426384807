//! Telemetry that means nothing: no policy is complied with by it.

use crate::world::{brought_to, key, on};
use governance::{ErrorRate, Policy, Telemetry, TrafficLimit, TransitionRequest, Versioning};
use governance_persistence::{Backplane, Json, LifecycleState};
use std::sync::Arc;

on_every_backplane! {
    what_is_out_of_range_is_not_complied_with
    a_configuration_that_is_out_of_range_is_not_complied_with
}

const LIVE: [LifecycleState; 3] = [LifecycleState::PendingApproval, LifecycleState::Approved, LifecycleState::Running];

/// Why alice may not ramp by what she brings.
async fn refused(backplane: &Arc<dyn Backplane>, policy: impl Policy + 'static, ramp: TransitionRequest) -> String {
    let governance = on(backplane).policy(policy).versioning(Versioning::Automatic).build().unwrap();
    let error = governance.lifecycle().transition(&key(), &ramp).await.unwrap_err();
    assert!(error.as_refusal().is_some(), "{error}");
    error.to_string()
}

fn ramp() -> TransitionRequest {
    TransitionRequest::to(LifecycleState::Ramping, "alice")
}

async fn what_is_out_of_range_is_not_complied_with(backplane: Arc<dyn Backplane>) {
    brought_to(&backplane, &LIVE).await;
    // When an error rate is no share, or traffic no percentage, then it blocks, and says which field is wrong
    for rate in [-1.0, -f64::MIN_POSITIVE, 1.01, 5.0] {
        let telemetry = Telemetry::none().error_rate(rate);
        let told = refused(&backplane, ErrorRate::at_most(1.0).unwrap(), ramp().telemetry(telemetry)).await;
        let expected = format!("it could not be evaluated: errorRate is {rate}, expected a share from 0 to 1");
        assert!(told.ends_with(&expected), "{told}");
    }
    for percent in [-5.0, 100.5] {
        let telemetry = Telemetry::none().traffic_percentage(percent);
        let told = refused(&backplane, TrafficLimit::percent(100.0).unwrap(), ramp().telemetry(telemetry)).await;
        let expected = format!("it could not be evaluated: trafficPercentage is {percent}, expected 0 to 100 percent");
        assert!(told.ends_with(&expected), "{told}");
    }
    // When they are at the ends of their ranges, then they are what they say
    for (rate, percent) in [(0.0, 0.0), (1.0, 100.0)] {
        let builder = on(&backplane).policy(ErrorRate::at_most(1.0).unwrap());
        let governance = builder.policy(TrafficLimit::percent(100.0).unwrap()).build().unwrap();
        let telemetry = Telemetry::none().error_rate(rate).traffic_percentage(percent);
        governance.lifecycle().transition(&key(), &ramp().telemetry(telemetry)).await.unwrap();
        brought_to(&backplane, &[LifecycleState::Running]).await;
    }
}

async fn a_configuration_that_is_out_of_range_is_not_complied_with(backplane: Arc<dyn Backplane>) {
    brought_to(&backplane, &LIVE).await;
    let limit = TrafficLimit::percent(10.0).unwrap().configured_at("/traffic");
    // When the configuration says what no traffic can be, then it blocks, and says where that stands
    let told = refused(&backplane, limit, ramp().configuration(Json::parse(r#"{"traffic": -5}"#).unwrap())).await;
    assert!(told.contains("the configuration has -5 at /traffic, expected 0 to 100 percent"), "{told}");
}
