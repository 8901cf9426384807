//! Gates that go by what was measured whether they ask people.

use crate::world::{brought_to, key, on};
use governance::{
    ApprovalDecision, ApprovalGate, ApprovalRequest, Attempt, Error, GateDecision, Quorum, Telemetry, TransitionRequest,
};
use governance_persistence::{
    Backplane, LifecycleState,
    LifecycleState::{Approved, PendingApproval, Running},
    Source,
};
use std::sync::Arc;

on_every_backplane! {
    people_are_asked_where_what_was_measured_asks_for_it
}

/// People are asked about more than a tenth of the traffic.
#[derive(Debug)]
struct Large;

#[async_trait::async_trait]
impl ApprovalGate for Large {
    fn name(&self) -> &str {
        "large"
    }

    fn guards(&self, _from: LifecycleState, to: LifecycleState) -> bool {
        to == Running
    }

    async fn judge(&self, attempt: &Attempt<'_>) -> Result<GateDecision, Source> {
        let traffic = attempt.telemetry().get("trafficPercentage").and_then(serde_json::Value::as_f64);
        Ok(match traffic {
            Some(percent) if percent > 10.0 => GateDecision::ask_people(Quorum::ONE),
            Some(_) => GateDecision::approve(),
            None => GateDecision::reject("nobody said how much traffic it gets"),
        })
    }
}

async fn people_are_asked_where_what_was_measured_asks_for_it(backplane: Arc<dyn Backplane>) {
    // Given a gate that asks people about much traffic
    brought_to(&backplane, &[PendingApproval, Approved]).await;
    let governance = on(&backplane).approval_gate(Large).build().unwrap();
    let half = || Telemetry::none().traffic_percentage(50.0);
    let run = TransitionRequest::to(Running, "alice").telemetry(half());
    assert!(governance.lifecycle().transition(&key(), &run).await.is_err());
    // When alice asks without saying how much, or about little, then nobody is asked
    let ask = ApprovalRequest::to(Running, "alice");
    for request in [ask.clone(), ask.clone().telemetry(Telemetry::none().traffic_percentage(5.0))] {
        let error = governance.approvals().request(&key(), &request).await.unwrap_err();
        assert!(matches!(error, Error::NothingToApprove { .. }), "{error}");
    }
    // When she says that it is much, then bob is asked, and the move is made
    let id = governance.approvals().request(&key(), &ask.telemetry(half())).await.unwrap().transition_id;
    governance.approvals().decide(&key(), &ApprovalDecision::approve(id, "bob")).await.unwrap();
    governance.lifecycle().transition(&key(), &run).await.unwrap();
}
