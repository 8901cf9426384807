//! Repeating a request under its commit id: the same one is answered as it was then, another one is told apart.

use crate::stopping::{Call, Stopping};
use crate::world::{brought_to, configured, key, on, state, traffic_of};
use governance::{
    Actor, ApprovalRequest, Error, ErrorRate, EvaluationRequest, Governance, Listing, ManualGate, Moves, RoleBasedGate,
    Telemetry, TrafficLimit, TransitionRequest, Transitioned, Versioning,
};
use governance_persistence::{
    Backplane, CommitId, Error as BackplaneError, JsonObject, LifecycleState, Outcome, PolicyDefinition, VersionNumber,
};
use std::sync::Arc;
use std::time::Duration;

on_every_backplane! {
    a_repeated_move_with_another_configuration_is_another_one
    a_repeated_move_with_a_configuration_that_took_no_effect_is_told_apart
    a_repeated_request_to_restore_another_version_is_another_one
    a_refusal_whose_reply_was_lost_is_told_when_the_move_is_asked_for_again
    a_move_that_was_made_is_never_said_not_to_be
    before_a_conflict_is_told_the_same_request_is_looked_for
    a_conflict_is_told_when_the_request_was_not_carried_out
    an_evaluation_is_recorded_once
    a_definition_is_recorded_once
}

const APPROVED: [LifecycleState; 2] = [LifecycleState::PendingApproval, LifecycleState::Approved];

fn automatic(backplane: &Arc<dyn Backplane>) -> Governance {
    on(backplane).versioning(Versioning::Automatic).build().unwrap()
}

/// The id came back with other content.
#[track_caller]
fn reused<T: std::fmt::Debug>(answer: governance::Result<T>) {
    let error = answer.unwrap_err();
    assert!(matches!(error, Error::Backplane { source: BackplaneError::CommitIdReused { .. }, .. }), "{error}");
}

/// Carries the latest configuration to this state, and repeats it with that, and with another one.
async fn carried(backplane: &Arc<dyn Backplane>, to: LifecycleState) {
    let lifecycle = automatic(backplane).lifecycle();
    let carry = TransitionRequest::to(to, "alice").commit_id(CommitId::new());
    // When the latest configuration is carried, which needs no new version
    let latest = carry.clone().configuration(traffic_of(5));
    assert_eq!(lifecycle.transition(&key(), &latest).await.unwrap().version, None);
    // And there is a newer one since
    configured(backplane, 99).await;
    // Then the same move was made, and one with another configuration was not
    assert!(lifecycle.transition(&key(), &latest).await.unwrap().receipt.replayed);
    for other in [99, 3] {
        reused(lifecycle.transition(&key(), &carry.clone().configuration(traffic_of(other))).await);
    }
}

async fn a_repeated_move_with_another_configuration_is_another_one(backplane: Arc<dyn Backplane>) {
    configured(&backplane, 3).await;
    configured(&backplane, 5).await;
    brought_to(&backplane, &APPROVED).await;
    carried(&backplane, LifecycleState::Running).await;
}

async fn a_repeated_move_with_a_configuration_that_took_no_effect_is_told_apart(backplane: Arc<dyn Backplane>) {
    configured(&backplane, 3).await;
    configured(&backplane, 5).await;
    carried(&backplane, LifecycleState::PendingApproval).await;
}

async fn a_repeated_request_to_restore_another_version_is_another_one(backplane: Arc<dyn Backplane>) {
    // Given an experiment that runs its third version, and a gate before rollbacks
    for traffic in [3, 5, 9] {
        configured(&backplane, traffic).await;
    }
    brought_to(&backplane, &APPROVED).await;
    brought_to(&backplane, &[LifecycleState::Running]).await;
    let gate = ManualGate::new("review", Moves::into(LifecycleState::RolledBack));
    let approvals = on(&backplane).approval_gate(gate).build().unwrap().approvals();
    let ask = ApprovalRequest::to(LifecycleState::RolledBack, "alice").commit_id(CommitId::new());
    // When people are asked about the first one, then the same is answered again, and the second one is not
    let first = ask.clone().restoring(VersionNumber::FIRST);
    let asked = approvals.request(&key(), &first).await.unwrap();
    assert_eq!(approvals.request(&key(), &first).await.unwrap().transition_id, asked.transition_id);
    reused(approvals.request(&key(), &ask.restoring(VersionNumber::new(2).unwrap())).await);
}

async fn a_refusal_whose_reply_was_lost_is_told_when_the_move_is_asked_for_again(backplane: Arc<dyn Backplane>) {
    // Given a move that a gate refuses, and a backplane that records that, and whose reply gets lost
    let stopping = Stopping::new(&backplane);
    let operators =
        RoleBasedGate::new("operators", Moves::into(LifecycleState::PendingApproval), ["operator"]).unwrap();
    let builder = Governance::builder().persistence(stopping.clone()).approval_gate(operators);
    let lifecycle = builder.build().unwrap().lifecycle();
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice");
    let lost = async |request: &TransitionRequest| {
        stopping.lose_the_next_reply();
        let error = lifecycle.transition(&key(), request).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown);
        let Error::Backplane { commit_id: Some(id), .. } = error else { panic!("{error}") };
        id
    };
    // When it is asked for under an id, then that is the one to repeat it under, and the objections are told
    let id = CommitId::new();
    assert_eq!(lost(&submit.clone().commit_id(id)).await, id);
    for id in [id, lost(&submit).await] {
        let error = lifecycle.transition(&key(), &submit.clone().commit_id(id)).await.unwrap_err();
        assert!(error.to_string().contains("alice has none of the roles operator"), "{error}");
    }
    // And under that id the move is made once nothing stands against it
    let operator = Actor::new("alice").with_role("operator");
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, operator).commit_id(id);
    assert_eq!(lifecycle.transition(&key(), &submit).await.unwrap().receipt.commit_id, id);
}

/// Alice asks twice at once under this id, and has no time: the second one stands before its commit while
/// the first one is carried out, and this happens.
async fn twice(backplane: &Arc<dyn Backplane>, happens: impl AsyncFnOnce()) -> governance::Result<Transitioned> {
    let stopping = Stopping::new(backplane);
    let governance = Governance::builder().persistence(stopping.clone()).deadline(Duration::ZERO).build().unwrap();
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice").commit_id(CommitId::new());
    let mut stop = stopping.at(Call::Commit);
    let lifecycle = governance.lifecycle();
    let second = submit.clone();
    let task = tokio::spawn(async move { lifecycle.transition(&key(), &second).await });
    stop.reached().await;
    on(backplane).build().unwrap().lifecycle().transition(&key(), &submit).await.unwrap();
    happens().await;
    stop.go_on();
    task.await.unwrap()
}

async fn a_move_that_was_made_is_never_said_not_to_be(backplane: Arc<dyn Backplane>) {
    // When the same request comes in between, then there is an answer, though there is no time to judge again
    let made = twice(&backplane, async || {}).await.unwrap();
    assert!(made.receipt.replayed);
    assert_eq!(state(&backplane).await, LifecycleState::PendingApproval);
    // And if others have moved on since, it is the same one
    brought_to(&backplane, &[LifecycleState::Draft]).await;
    let moved_on = async || brought_to(&backplane, &[LifecycleState::Approved]).await;
    let made = twice(&backplane, moved_on).await.unwrap();
    assert!(made.receipt.replayed);
    assert_eq!(made.transition.to, LifecycleState::PendingApproval);
    assert_eq!(state(&backplane).await, LifecycleState::Approved);
}

async fn before_a_conflict_is_told_the_same_request_is_looked_for(backplane: Arc<dyn Backplane>) {
    // Given alice, who asks twice at once under an id; bob's move comes before the commit of the second one
    let stopping = Stopping::new(&backplane);
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice").commit_id(CommitId::new());
    let lifecycle = Governance::builder().persistence(stopping.clone()).build().unwrap().lifecycle();
    let mut stop = stopping.at(Call::Commit);
    let second = submit.clone();
    let task = tokio::spawn(async move { lifecycle.transition(&key(), &second).await });
    stop.reached().await;
    brought_to(&backplane, &[LifecycleState::PendingApproval, LifecycleState::Draft]).await;
    let mut last_look = stopping.at(Call::Head);
    stop.go_on();
    last_look.reached().await;
    // When the first one is carried out before that is told
    on(&backplane).build().unwrap().lifecycle().transition(&key(), &submit).await.unwrap();
    last_look.go_on();
    // Then it is what the second one answers
    assert!(task.await.unwrap().unwrap().receipt.replayed);
}

async fn a_conflict_is_told_when_the_request_was_not_carried_out(backplane: Arc<dyn Backplane>) {
    // Given alice, who has no time, and judges under an id of hers
    for (is_lost, is_busy) in [(true, false), (false, true)] {
        let stopping = Stopping::new(&backplane);
        let builder = Governance::builder().persistence(stopping.clone()).deadline(Duration::ZERO);
        let lifecycle = builder.build().unwrap().lifecycle();
        let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice").commit_id(CommitId::new());
        let mut stop = stopping.at(Call::Commit);
        let task = tokio::spawn(async move { lifecycle.transition(&key(), &submit).await });
        stop.reached().await;
        // When somebody else moves it, or records on it, then she is told which
        if is_lost {
            brought_to(&backplane, &[LifecycleState::PendingApproval, LifecycleState::Draft]).await;
        } else {
            configured(&backplane, 5).await;
        }
        stop.go_on();
        let error = task.await.unwrap().unwrap_err();
        let found = (error.is_conflict(), matches!(error, Error::Contended { .. }));
        assert_eq!(found, (is_lost, is_busy), "{error}");
    }
}

async fn an_evaluation_is_recorded_once(backplane: Arc<dyn Backplane>) {
    // Given two policies, and an evaluation whose reply gets lost
    let stopping = Stopping::new(&backplane);
    let builder = Governance::builder().persistence(stopping.clone()).policy(ErrorRate::at_most(0.05).unwrap());
    let policies = builder.policy(TrafficLimit::percent(10.0).unwrap()).build().unwrap().policies();
    let measured = Telemetry::none().error_rate(0.01).traffic_percentage(5.0);
    let id = CommitId::new();
    let request = EvaluationRequest::by("monitor").telemetry(measured).commit_id(id);
    stopping.lose_the_next_reply();
    let error = policies.evaluate(&key(), &request).await.unwrap_err();
    assert!(matches!(error, Error::Backplane { commit_id: Some(named), .. } if named == id), "{error}");
    // When it is asked for again, then it is answered by what was found, which is recorded once
    let found = policies.evaluate(&key(), &request).await.unwrap();
    assert!(found.receipt.replayed);
    let recorded = policies.history(&key(), &Listing::new()).await.unwrap().items;
    assert_eq!(recorded.into_iter().map(|recorded| recorded.record).collect::<Vec<_>>(), found.evaluations);
    assert_eq!(found.evaluations.len(), 2);
    // And another one is told apart
    reused(policies.evaluate(&key(), &request.clone().only("errorRate")).await);
    reused(policies.evaluate(&key(), &request.telemetry(Telemetry::none().error_rate(0.02))).await);
}

async fn a_definition_is_recorded_once(backplane: Arc<dyn Backplane>) {
    // Given a definition whose reply gets lost
    let stopping = Stopping::new(&backplane);
    let policies = Governance::builder().persistence(stopping.clone()).build().unwrap().policies();
    let definition = PolicyDefinition::new("privacy", "audit", JsonObject::empty(), "dora");
    stopping.lose_the_next_reply();
    assert_eq!(policies.define(&key(), definition.clone()).await.unwrap_err().outcome(), Outcome::Unknown);
    // When it is defined again, also after another one, then it was, once
    for _ in 0..2 {
        assert_eq!(policies.define(&key(), definition.clone()).await.unwrap(), definition);
        policies.define(&key(), PolicyDefinition::new("privacy", "other", JsonObject::empty(), "dora")).await.unwrap();
    }
    assert_eq!(policies.definitions(&key(), &Listing::new()).await.unwrap().items.len(), 3);
    // And another one of its id is told apart
    reused(policies.define(&key(), definition.disabled()).await);
}
