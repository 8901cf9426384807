//! The story of the demo, step by step, each by a manager.

use super::{race, rules};
use crate::failure::Failure;
use governance::{
    Actor, ApprovalDecision, ApprovalRequest, EvaluationRequest, Governance, NewVersion, RollbackRequest, Telemetry,
    TransitionRequest,
};
use governance_persistence::{
    CommitId, Conflict, ExperimentKey, Json, LifecycleState, Receipt, RecordId, VersionNumber,
};
use serde_json::json;

/// What happened on the way that the history does not hold, or not in the words of then.
pub(super) struct Happened {
    /// What alice was told who moved before anybody had approved.
    pub(super) refusal: String,
    /// What she was told when she approved what she had asked for.
    pub(super) self_approval: String,
    /// The two who ramped up at once.
    pub(super) racers: [&'static str; 2],
    /// The one of them who lost.
    pub(super) loser: &'static str,
    /// What the loser was told.
    pub(super) conflict: Box<Conflict>,
    /// The answer to a request that was made a second time.
    pub(super) replay: Receipt,
}

/// Plays the whole story.
pub(super) async fn play(governance: &Governance, key: &ExperimentKey) -> Result<Happened, Failure> {
    let lifecycle = governance.lifecycle();
    // It is a new experiment, or none of this happens.
    let first = version(governance, key, 5, NewVersion::if_first).await?;
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice").reason("ready for review");
    lifecycle.transition(key, &submit.if_absent()).await?;

    let approved = ApprovalRequest::to(LifecycleState::Approved, "alice").reason("5 % for a start");
    let asked = governance.approvals().request(key, &approved).await?.transition_id;
    let approve = TransitionRequest::to(LifecycleState::Approved, "alice").reason("as reviewed");
    let refusal = refused(lifecycle.transition(key, &approve).await)?;
    let own = ApprovalDecision::approve(asked, "alice");
    let self_approval = refused(governance.approvals().decide(key, &own).await)?;
    by_two(governance, key, asked).await?;
    lifecycle.transition(key, &approve).await?;

    let launch = TransitionRequest::to(LifecycleState::Running, operator("dave"))
        .reason("start with 5 % of the traffic")
        .telemetry(Telemetry::none().traffic_percentage(5.0))
        .commit_id(CommitId::new());
    lifecycle.transition(key, &launch).await?;
    let replay = lifecycle.transition(key, &launch).await?.receipt;

    let second = version(governance, key, 50, |new| new.based_on(first)).await?;
    let ramp = ApprovalRequest::to(LifecycleState::Ramping, "alice").version(second).reason("half of the traffic");
    let asked = governance.approvals().request(key, &ramp).await?.transition_id;
    by_two(governance, key, asked).await?;
    let racers = ["dave", "erin"];
    let standing = lifecycle.state(key).await?;
    let ramp = |actor| {
        let telemetry = Telemetry::none().traffic_percentage(50.0).error_rate(0.002);
        let request = TransitionRequest::to(LifecycleState::Ramping, operator(actor)).version(second);
        let request = request.reason("ramp up to 50 %").telemetry(telemetry);
        standing.etag().map_or_else(|| request.clone(), |etag| request.clone().if_match(etag))
    };
    let (loser, conflict) = race::run(governance, key, racers.map(ramp)).await?;

    let measured = Telemetry::none().error_rate(0.081);
    let alarm = EvaluationRequest::by("monitor").telemetry(measured.clone()).only("errorRate");
    governance.policies().evaluate(key, &alarm).await?;
    let back = RollbackRequest::to(first, operator("erin")).telemetry(measured).reason("too many failed checkouts");
    governance.versions().rollback(key, &back.moving_to_rolled_back()).await?;
    Ok(Happened { refusal, self_approval, racers, loser: racers[loser], conflict, replay })
}

fn operator(name: &str) -> Actor {
    Actor::new(name).with_role(rules::OPERATOR)
}

/// Alice writes a configuration that shows this share of the traffic, in percent.
async fn version(
    governance: &Governance,
    key: &ExperimentKey,
    traffic: u32,
    after: impl Fn(NewVersion) -> NewVersion,
) -> Result<VersionNumber, Failure> {
    let configuration = json!({"steps": ["cart", "pay"], "traffic": traffic, "variant": "one-page"});
    let new = after(NewVersion::of(Json::from_value(&configuration)?, "alice"));
    let created = governance.versions().create(key, &new.description(format!("{traffic} % of the traffic"))).await?;
    Ok(created.version.number)
}

/// Bob and carol approve.
async fn by_two(governance: &Governance, key: &ExperimentKey, asked: RecordId) -> Result<(), Failure> {
    for (approver, reason) in [("bob", "numbers look right"), ("carol", "fine by the shop")] {
        let decision = ApprovalDecision::approve(asked, approver).reason(reason);
        governance.approvals().decide(key, &decision).await?;
    }
    Ok(())
}

/// What somebody was told who was not let through.
fn refused<T>(outcome: governance::Result<T>) -> Result<String, Failure> {
    match outcome {
        Err(error @ (governance::Error::Refused(_) | governance::Error::SelfApproval { .. })) => Ok(error.to_string()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(Failure::Internal("a gate let somebody through that it must not".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governance_persistence::{Backplane, Consistency, InMemoryBackplane};
    use std::sync::Arc;

    #[tokio::test]
    async fn given_an_experiment_of_the_same_name_when_the_demo_is_played_then_it_is_left_alone() {
        let backplane: Arc<dyn Backplane> = Arc::new(InMemoryBackplane::new());
        let governance = rules::governance(&backplane).unwrap();
        let key = ExperimentKey::new("checkout").unwrap();
        play(&governance, &key).await.unwrap();
        let before = backplane.head(&key, Consistency::Strong).await.unwrap();
        assert!(play(&governance, &key).await.is_err());
        assert_eq!(backplane.head(&key, Consistency::Strong).await.unwrap(), before);
    }
}
