//! The three races of governance, on any backplane: every interleaving that matters, forced by stopping before the
//! commit.

use crate::stopping::{Call, Stop, Stopping};
use crate::world::{approved, brought_to, configured, key, moved, moves_from, on, state};
use governance::{
    ApprovalDecision, ApprovalRequest, DisableRequest, Error, ErrorRate, EvaluationRequest, Governance, ManualGate,
    Moves, NotPendingCause, RollbackRequest, Telemetry, TransitionRequest, Transitioned,
};
use governance_persistence::{
    Backplane, BackplaneExt, Decision, JsonObject, LifecycleState, PolicyDefinition, PolicyEvaluation, Severity,
    VersionNumber,
};
use std::sync::Arc;
use tokio::task::JoinHandle;

on_every_backplane! {
    of_two_actors_who_ramp_at_once_one_wins_and_the_other_learns_who
    of_many_actors_who_ramp_at_once_one_wins
    a_rollback_that_comes_first_leaves_the_approval_nothing_to_approve
    a_rollback_between_approval_and_move_takes_the_move_away
    an_approved_move_that_comes_first_stops_the_rollback
    an_approval_while_the_rollback_is_judged_is_void_with_it
    a_decision_that_races_the_rollback_is_told_of_it
    an_evaluation_between_judging_and_committing_blocks
    an_evaluation_of_a_policy_set_up_elsewhere_blocks_as_well
    an_evaluation_of_a_policy_that_is_switched_off_blocks_nothing
    a_compliant_evaluation_in_between_blocks_nothing
    what_refused_another_attempt_says_nothing_about_this_one
    a_rejection_between_judging_and_committing_blocks
    an_edit_between_judging_and_committing_voids_the_approval
}

const LIVE: [LifecycleState; 3] = [LifecycleState::PendingApproval, LifecycleState::Approved, LifecycleState::Running];

/// What somebody does who stops right before the commit.
struct Stopped<T> {
    stop: Stop,
    task: JoinHandle<T>,
}

impl<T: Send + 'static> Stopped<T> {
    /// Somebody begins, on a manager of their own, as this sets it up, and stands before the commit.
    async fn before_commit<F>(
        backplane: &Arc<dyn Backplane>,
        set_up: impl Fn(&Arc<dyn Backplane>) -> Governance,
        act: impl FnOnce(Governance) -> F,
    ) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        let stopping = Stopping::new(backplane);
        let stopping_backplane: Arc<dyn Backplane> = stopping.clone();
        let mut stop = stopping.at(Call::Commit);
        let task = tokio::spawn(act(set_up(&stopping_backplane)));
        stop.reached().await;
        Self { stop, task }
    }

    /// They go on, and this is what comes of it.
    async fn goes_on(self) -> T {
        self.stop.go_on();
        self.task.await.unwrap()
    }
}

fn plain(backplane: &Arc<dyn Backplane>) -> Governance {
    on(backplane).build().unwrap()
}

async fn of_two_actors_who_ramp_at_once_one_wins_and_the_other_learns_who(backplane: Arc<dyn Backplane>) {
    // Given alice, who has judged that she may ramp
    brought_to(&backplane, &LIVE).await;
    let alice = Stopped::before_commit(&backplane, plain, async |governance: Governance| {
        moved(&governance, LifecycleState::Ramping).await
    });
    let alice = alice.await;
    // When bob ramps, and alice goes on
    let ramp = TransitionRequest::to(LifecycleState::Ramping, "bob");
    let bobs = plain(&backplane).lifecycle().transition(&key(), &ramp).await.unwrap();
    let error = alice.goes_on().await.unwrap_err();
    // Then alice learns that bob did it, and the experiment ramped once
    let state = error.as_conflict().unwrap().head.state.clone().unwrap();
    assert_eq!((state.lifecycle_state, state.last_modified_by.as_deref()), (LifecycleState::Ramping, Some("bob")));
    assert_eq!(state.etag, bobs.state.etag);
    assert_eq!(moves_from(&backplane, LifecycleState::Running).await, 1);
}

async fn of_many_actors_who_ramp_at_once_one_wins(backplane: Arc<dyn Backplane>) {
    brought_to(&backplane, &LIVE).await;
    // When eight ramp without waiting for each other
    let actors = (0..8).map(|number| {
        let lifecycle = plain(&backplane).lifecycle();
        let ramp = TransitionRequest::to(LifecycleState::Ramping, format!("actor {number}"));
        tokio::spawn(async move { lifecycle.transition(&key(), &ramp).await })
    });
    let mut won = Vec::new();
    for actor in actors.collect::<Vec<_>>() {
        match actor.await.unwrap() {
            Ok(moved) => won.push(moved.transition.actor),
            // Who began before it was done lost; who began afterwards finds that it is there.
            Err(Error::Conflict(_) | Error::NotAllowed(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    // Then one did
    let standing = plain(&backplane).lifecycle().state(&key()).await.unwrap();
    assert_eq!(won, [standing.head.state.unwrap().last_modified_by.clone().unwrap()]);
    assert_eq!(moves_from(&backplane, LifecycleState::Running).await, 1);
}

/// Paused at version 2; people have to approve that it runs again.
async fn paused(backplane: &Arc<dyn Backplane>) {
    for traffic in [10, 20] {
        configured(backplane, traffic).await;
    }
    brought_to(backplane, &LIVE).await;
    brought_to(backplane, &[LifecycleState::Paused]).await;
}

fn reviewed(backplane: &Arc<dyn Backplane>) -> Governance {
    let gate = ManualGate::new("review", Moves::between(LifecycleState::Paused, LifecycleState::Running));
    on(backplane).approval_gate(gate).build().unwrap()
}

async fn rolled_back(governance: &Governance) -> governance::Result<governance::RolledBack> {
    let request = RollbackRequest::to(VersionNumber::FIRST, "carol").moving_to_rolled_back();
    governance.versions().rollback(&key(), &request).await
}

/// Never both: of the move that people approved and the rollback, the experiment made one.
async fn made_one(backplane: &Arc<dyn Backplane>, made: LifecycleState) {
    assert_eq!(state(backplane).await, made);
    assert_eq!(moves_from(backplane, LifecycleState::Paused).await, 1);
}

async fn a_rollback_that_comes_first_leaves_the_approval_nothing_to_approve(backplane: Arc<dyn Backplane>) {
    // Given a request, and then a rollback
    paused(&backplane).await;
    let governance = reviewed(&backplane);
    let request = ApprovalRequest::to(LifecycleState::Running, "alice");
    let id = governance.approvals().request(&key(), &request).await.unwrap().transition_id;
    rolled_back(&governance).await.unwrap();
    // When bob approves, then he learns of the rollback
    let error = governance.approvals().decide(&key(), &ApprovalDecision::approve(id, "bob")).await.unwrap_err();
    let Error::NotPending(not_pending) = &error else { panic!("{error}") };
    let left = NotPendingCause::StateLeft { now: LifecycleState::RolledBack, by: Some("carol".to_owned()) };
    assert_eq!(not_pending.cause, left);
    made_one(&backplane, LifecycleState::RolledBack).await;
}

async fn a_rollback_between_approval_and_move_takes_the_move_away(backplane: Arc<dyn Backplane>) {
    // Given alice, whose approved move is judged
    paused(&backplane).await;
    approved(&reviewed(&backplane), LifecycleState::Running).await;
    let alice = Stopped::before_commit(&backplane, reviewed, async |governance: Governance| {
        moved(&governance, LifecycleState::Running).await
    });
    let alice = alice.await;
    // When carol rolls back, and alice goes on
    rolled_back(&reviewed(&backplane)).await.unwrap();
    let error = alice.goes_on().await.unwrap_err();
    // Then alice learns of it
    assert!(error.is_conflict() && error.to_string().contains("set by carol"), "{error}");
    made_one(&backplane, LifecycleState::RolledBack).await;
}

async fn an_approved_move_that_comes_first_stops_the_rollback(backplane: Arc<dyn Backplane>) {
    // Given carol, whose rollback is judged
    paused(&backplane).await;
    approved(&reviewed(&backplane), LifecycleState::Running).await;
    let carol = Stopped::before_commit(&backplane, reviewed, async |governance: Governance| {
        rolled_back(&governance).await.map(|back| back.version)
    });
    let carol = carol.await;
    // When alice makes the approved move, and carol goes on
    moved(&reviewed(&backplane), LifecycleState::Running).await.unwrap();
    let error = carol.goes_on().await.unwrap_err();
    // Then carol learns of it, and no version was written
    assert!(error.is_conflict() && error.to_string().contains("it is Running"), "{error}");
    let latest = plain(&backplane).versions().latest(&key()).await.unwrap().unwrap();
    assert_eq!(latest.record.number.get(), 2);
    made_one(&backplane, LifecycleState::Running).await;
}

async fn an_approval_while_the_rollback_is_judged_is_void_with_it(backplane: Arc<dyn Backplane>) {
    // Given carol, whose rollback is judged
    paused(&backplane).await;
    let carol = Stopped::before_commit(&backplane, reviewed, async |governance: Governance| {
        rolled_back(&governance).await.map(|back| back.version)
    });
    let carol = carol.await;
    // When people approve the other move meanwhile, and carol goes on, judging again
    let governance = reviewed(&backplane);
    approved(&governance, LifecycleState::Running).await;
    carol.goes_on().await.unwrap();
    // Then the experiment is rolled back, and what was approved is of no use
    let error = moved(&governance, LifecycleState::Running).await.unwrap_err();
    assert!(matches!(error, Error::NotAllowed(_)), "{error}");
    made_one(&backplane, LifecycleState::RolledBack).await;
}

async fn a_decision_that_races_the_rollback_is_told_of_it(backplane: Arc<dyn Backplane>) {
    // Given bob, whose approval is judged
    paused(&backplane).await;
    let governance = reviewed(&backplane);
    let request = ApprovalRequest::to(LifecycleState::Running, "alice");
    let id = governance.approvals().request(&key(), &request).await.unwrap().transition_id;
    let bob = Stopped::before_commit(&backplane, reviewed, async move |governance: Governance| {
        governance.approvals().decide(&key(), &ApprovalDecision::approve(id, "bob")).await
    });
    let bob = bob.await;
    // When carol rolls back, and bob goes on
    rolled_back(&governance).await.unwrap();
    let error = bob.goes_on().await.unwrap_err();
    // Then he learns of it, and his approval is not recorded
    assert!(error.is_conflict() && error.to_string().contains("set by carol"), "{error}");
    let recorded = governance.approvals().of_transition(&key(), id).await.unwrap();
    assert!(recorded.iter().all(|found| found.record.decision == Decision::Pending), "{recorded:?}");
    made_one(&backplane, LifecycleState::RolledBack).await;
}

fn watched(backplane: &Arc<dyn Backplane>) -> Governance {
    on(backplane).policy(ErrorRate::at_most(0.05).unwrap()).build().unwrap()
}

/// Alice has judged that she may ramp, by an error rate of one percent.
async fn ramping(backplane: &Arc<dyn Backplane>) -> Stopped<governance::Result<Transitioned>> {
    brought_to(backplane, &LIVE).await;
    Stopped::before_commit(backplane, watched, async |governance: Governance| {
        let ramp = TransitionRequest::to(LifecycleState::Ramping, "alice");
        governance.lifecycle().transition(&key(), &ramp.telemetry(Telemetry::none().error_rate(0.01))).await
    })
    .await
}

/// A monitor measures this error rate.
async fn monitored(backplane: &Arc<dyn Backplane>, rate: f64) -> PolicyEvaluation {
    let request = EvaluationRequest::by("monitor").telemetry(Telemetry::none().error_rate(rate));
    watched(backplane).policies().evaluate(&key(), &request).await.unwrap().evaluations.remove(0)
}

async fn an_evaluation_between_judging_and_committing_blocks(backplane: Arc<dyn Backplane>) {
    // Given alice, whose move is judged
    let alice = ramping(&backplane).await;
    // When a monitor sees errors, and alice goes on
    monitored(&backplane, 0.2).await;
    let error = alice.goes_on().await.unwrap_err();
    // Then she is blocked by what the monitor saw, and not by what she brought
    assert!(error.to_string().contains("policy \"errorRate\": an error rate of 0.2"), "{error}");
    assert_eq!(moves_from(&backplane, LifecycleState::Running).await, 0);
    // And when she tries again with what is measured then, it decides anew
    let ramp = TransitionRequest::to(LifecycleState::Ramping, "alice").telemetry(Telemetry::none().error_rate(0.02));
    watched(&backplane).lifecycle().transition(&key(), &ramp).await.unwrap();
}

async fn an_evaluation_of_a_policy_set_up_elsewhere_blocks_as_well(backplane: Arc<dyn Backplane>) {
    let alice = ramping(&backplane).await;
    // When an audit that only another process knows finds something
    let audit = plain(&backplane).policies();
    audit.define(&key(), PolicyDefinition::new("privacy", "audit", JsonObject::empty(), "dora")).await.unwrap();
    audit.record(&key(), "auditor", PolicyEvaluation::new("privacy", false, Severity::Critical)).await.unwrap();
    // Then alice is blocked, too
    let error = alice.goes_on().await.unwrap_err();
    assert!(error.to_string().contains("policy \"privacy\": not compliant"), "{error}");
    assert_eq!(state(&backplane).await, LifecycleState::Running);
}

async fn an_evaluation_of_a_policy_that_is_switched_off_blocks_nothing(backplane: Arc<dyn Backplane>) {
    let alice = ramping(&backplane).await;
    // When an audit is switched off, and somebody who does not know goes on recording what it finds
    let audit = plain(&backplane).policies();
    audit.define(&key(), PolicyDefinition::new("privacy", "audit", JsonObject::empty(), "dora")).await.unwrap();
    audit.disable(&key(), &DisableRequest::of("privacy", "dora")).await.unwrap();
    audit.record(&key(), "auditor", PolicyEvaluation::new("privacy", false, Severity::Critical)).await.unwrap();
    // Then alice may go on
    alice.goes_on().await.unwrap();
}

async fn a_compliant_evaluation_in_between_blocks_nothing(backplane: Arc<dyn Backplane>) {
    let alice = ramping(&backplane).await;
    // When a monitor sees no errors, then the move is judged again, and refers to what was seen
    let seen = monitored(&backplane, 0.0).await;
    let moved = alice.goes_on().await.unwrap();
    let ours = moved.transition.metadata.get("governance").unwrap();
    assert_eq!(ours["evaluations"], serde_json::json!([seen.id]));
}

async fn what_refused_another_attempt_says_nothing_about_this_one(backplane: Arc<dyn Backplane>) {
    let alice = ramping(&backplane).await;
    // When bob tries with an error rate of his own, and is refused
    let ramp = TransitionRequest::to(LifecycleState::Ramping, "bob").telemetry(Telemetry::none().error_rate(0.9));
    watched(&backplane).lifecycle().transition(&key(), &ramp).await.unwrap_err();
    // Then alice's move is judged again, by hers
    alice.goes_on().await.unwrap();
}

async fn a_rejection_between_judging_and_committing_blocks(backplane: Arc<dyn Backplane>) {
    // Given alice, whose approved move is judged, and whose gate listens to everybody
    paused(&backplane).await;
    let id = approved(&reviewed(&backplane), LifecycleState::Running).await;
    let alice = Stopped::before_commit(&backplane, reviewed, async |governance: Governance| {
        moved(&governance, LifecycleState::Running).await
    });
    let alice = alice.await;
    // When a rejection is recorded, and alice goes on
    let request = reviewed(&backplane).approvals().of_transition(&key(), id).await.unwrap().remove(0).record;
    let rejection = request.decided(Decision::Rejected, "dave");
    backplane.append_approval_record(&key(), rejection).await.unwrap();
    // Then it counts
    let error = alice.goes_on().await.unwrap_err();
    assert!(error.to_string().contains("rejected by dave"), "{error}");
    assert_eq!(state(&backplane).await, LifecycleState::Paused);
}

async fn an_edit_between_judging_and_committing_voids_the_approval(backplane: Arc<dyn Backplane>) {
    paused(&backplane).await;
    approved(&reviewed(&backplane), LifecycleState::Running).await;
    let alice = Stopped::before_commit(&backplane, reviewed, async |governance: Governance| {
        moved(&governance, LifecycleState::Running).await
    });
    let alice = alice.await;
    // When somebody edits the configuration, and alice goes on, then what was approved is void
    configured(&backplane, 99).await;
    let error = alice.goes_on().await.unwrap_err();
    assert!(error.to_string().contains("the configuration changed since: there is version 3 now"), "{error}");
    assert_eq!(state(&backplane).await, LifecycleState::Paused);
}
