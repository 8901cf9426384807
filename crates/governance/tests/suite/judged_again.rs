//! Judging again: a request is about the state that its first look found, however often it is judged.

use crate::stopping::{Call, Stopping};
use crate::world::{brought_to, configured, key, log, on};
use governance::{ApprovalRequest, Error, Governance, ManualGate, Moves, TransitionRequest};
use governance_persistence::{Backplane, BackplaneExt, LifecycleState, PolicyEvaluation, Severity};
use std::sync::Arc;

on_every_backplane! {
    a_state_that_came_before_the_second_look_is_a_conflict
    a_request_for_approval_is_about_the_state_of_its_first_look
    an_experiment_that_left_its_state_and_came_back_is_another_one
}

const APPROVED: [LifecycleState; 2] = [LifecycleState::PendingApproval, LifecycleState::Approved];

/// Somebody acts, and stands before the commit while a monitor records, and before the second look, which
/// that makes necessary, while this happens.
async fn before_second_look<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    backplane: &Arc<dyn Backplane>,
    act: impl FnOnce(Governance) -> F,
    happens: impl AsyncFnOnce(),
) -> T {
    let stopping = Stopping::new(backplane);
    let mut commit = stopping.at(Call::Commit);
    let gate = ManualGate::new("review", Moves::into(LifecycleState::Archived));
    let task =
        tokio::spawn(act(Governance::builder().persistence(stopping.clone()).approval_gate(gate).build().unwrap()));
    commit.reached().await;
    let seen = PolicyEvaluation::new("errorRate", true, Severity::Critical);
    backplane.append_policy_evaluation(&key(), seen).await.unwrap();
    let mut second_look = stopping.at(Call::Head);
    commit.go_on();
    second_look.reached().await;
    happens().await;
    second_look.go_on();
    task.await.unwrap()
}

/// Bob moves it.
async fn bob_moves_to(backplane: &Arc<dyn Backplane>, to: LifecycleState) {
    let request = TransitionRequest::to(to, "bob");
    on(backplane).build().unwrap().lifecycle().transition(&key(), &request).await.unwrap();
}

/// The answer is the conflict that names bob and this state.
#[track_caller]
fn lost_to_bob(error: &Error, to: LifecycleState) {
    let conflict = error.as_conflict().unwrap_or_else(|| panic!("{error}"));
    let state = conflict.head.state.clone().unwrap();
    assert_eq!((state.lifecycle_state, state.last_modified_by.as_deref()), (to, Some("bob")));
}

async fn a_state_that_came_before_the_second_look_is_a_conflict(backplane: Arc<dyn Backplane>) {
    // Given alice, who wants the approved experiment to run, and judges again after a monitor recorded
    brought_to(&backplane, &APPROVED).await;
    let run = async |governance: Governance| {
        governance.lifecycle().transition(&key(), &TransitionRequest::to(LifecycleState::Running, "alice")).await
    };
    // When bob ramps it before she looks again
    let bob = async || bob_moves_to(&backplane, LifecycleState::Ramping).await;
    let error = before_second_look(&backplane, run, bob).await.unwrap_err();
    // Then she learns who did what, and her move, which was about Approved, is not made from Ramping
    lost_to_bob(&error, LifecycleState::Ramping);
    let last = log(&backplane).await.pop().unwrap().state.unwrap();
    assert_eq!(last.lifecycle_state, LifecycleState::Ramping);
}

async fn a_request_for_approval_is_about_the_state_of_its_first_look(backplane: Arc<dyn Backplane>) {
    // Given alice, who asks that the ramping experiment may be archived, and judges again after a monitor recorded
    brought_to(&backplane, &APPROVED).await;
    brought_to(&backplane, &[LifecycleState::Ramping]).await;
    let ask = async |governance: Governance| {
        governance.approvals().request(&key(), &ApprovalRequest::to(LifecycleState::Archived, "alice")).await
    };
    // When bob stops it, and ramps it anew, before she looks again
    let bob = async || {
        bob_moves_to(&backplane, LifecycleState::Paused).await;
        bob_moves_to(&backplane, LifecycleState::Ramping).await;
    };
    let error = before_second_look(&backplane, ask, bob).await.unwrap_err();
    // Then she learns of it, and nobody is asked
    lost_to_bob(&error, LifecycleState::Ramping);
    let pending = on(&backplane).build().unwrap().approvals().pending(&key()).await.unwrap();
    assert_eq!(pending, []);
}

async fn an_experiment_that_left_its_state_and_came_back_is_another_one(backplane: Arc<dyn Backplane>) {
    // Given alice, who wants the running experiment to ramp
    configured(&backplane, 10).await;
    brought_to(&backplane, &APPROVED).await;
    brought_to(&backplane, &[LifecycleState::Running]).await;
    let ramp = async |governance: Governance| {
        governance.lifecycle().transition(&key(), &TransitionRequest::to(LifecycleState::Ramping, "alice")).await
    };
    // When bob pauses it and lets it run again before she looks again, then she learns of it
    let bob = async || {
        bob_moves_to(&backplane, LifecycleState::Paused).await;
        bob_moves_to(&backplane, LifecycleState::Running).await;
    };
    let error = before_second_look(&backplane, ramp, bob).await.unwrap_err();
    lost_to_bob(&error, LifecycleState::Running);
}
