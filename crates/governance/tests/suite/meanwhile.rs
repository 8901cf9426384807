//! What comes in between reading and committing: it is what the record says, or the caller is told.

use crate::stopping::{Call, Stopping};
use crate::world::{brought_to, configured, key, on, state};
use governance::{
    ApprovalRequest, Error, ErrorRate, EvaluationRequest, Governance, ManualGate, Moves, RollbackRequest,
    TransitionRequest,
};
use governance_persistence::{Backplane, CommitId, LifecycleState, Outcome, VersionNumber};
use std::sync::Arc;

on_every_backplane! {
    a_request_is_about_the_edit_that_came_in_between
    a_request_for_a_state_that_was_left_in_between_is_a_conflict
    a_rollback_is_written_in_the_state_that_came_in_between
    an_evaluation_is_about_the_state_that_came_in_between
    a_lost_reply_is_answered_when_the_request_is_made_again
}

fn governed(backplane: Arc<dyn Backplane>) -> Governance {
    let gate = ManualGate::new("review", Moves::into(LifecycleState::Approved));
    let builder = Governance::builder().persistence(backplane).approval_gate(gate);
    builder.policy(ErrorRate::at_most(0.05).unwrap()).build().unwrap()
}

/// Somebody acts, and stands before the commit while something else comes in between.
async fn with<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    backplane: &Arc<dyn Backplane>,
    act: impl FnOnce(Governance) -> F,
    in_between: impl AsyncFnOnce(),
) -> T {
    let stopping = Stopping::new(backplane);
    let mut stop = stopping.at(Call::Commit);
    let task = tokio::spawn(act(governed(stopping)));
    stop.reached().await;
    in_between().await;
    stop.go_on();
    task.await.unwrap()
}

async fn asked(governance: Governance) -> governance::Result<governance::Requested> {
    governance.approvals().request(&key(), &ApprovalRequest::to(LifecycleState::Approved, "alice")).await
}

async fn a_request_is_about_the_edit_that_came_in_between(backplane: Arc<dyn Backplane>) {
    // Given version 1 under review
    configured(&backplane, 10).await;
    brought_to(&backplane, &[LifecycleState::PendingApproval]).await;
    // When it is edited while alice asks for approval, then people are asked about the edit
    let edited = async || {
        configured(&backplane, 20).await;
    };
    let requested = with(&backplane, asked, edited).await.unwrap();
    assert_eq!(requested.configuration.map(|about| about.number.get()), Some(2));
    let pending = governed(backplane).approvals().pending(&key()).await.unwrap();
    assert_eq!(pending.iter().map(|waiting| waiting.configuration).collect::<Vec<_>>(), [requested.configuration]);
}

async fn a_request_for_a_state_that_was_left_in_between_is_a_conflict(backplane: Arc<dyn Backplane>) {
    brought_to(&backplane, &[LifecycleState::PendingApproval]).await;
    // When the experiment is taken back while alice asks, then she learns of it, and nobody is asked
    let taken_back = async || brought_to(&backplane, &[LifecycleState::Draft]).await;
    let error = with(&backplane, asked, taken_back).await.unwrap_err();
    assert!(error.is_conflict() && error.to_string().contains("it is Draft"), "{error}");
    let governance = governed(Arc::clone(&backplane));
    assert!(governance.approvals().history(&key(), &governance::Listing::new()).await.unwrap().items.is_empty());
    assert_eq!(governance.approvals().pending(&key()).await.unwrap(), []);
}

async fn a_rollback_is_written_in_the_state_that_came_in_between(backplane: Arc<dyn Backplane>) {
    configured(&backplane, 10).await;
    configured(&backplane, 20).await;
    // When the experiment is submitted while carol goes back, then the version says so
    let back = async |governance: Governance| {
        governance.versions().rollback(&key(), &RollbackRequest::to(VersionNumber::FIRST, "carol")).await
    };
    let submitted = async || brought_to(&backplane, &[LifecycleState::PendingApproval]).await;
    let version = with(&backplane, back, submitted).await.unwrap().version;
    assert_eq!((version.number.get(), version.lifecycle_state), (3, Some(LifecycleState::PendingApproval)));
}

async fn an_evaluation_is_about_the_state_that_came_in_between(backplane: Arc<dyn Backplane>) {
    // When the experiment is submitted while a monitor evaluates, then the evaluation is about that
    let evaluate =
        async |governance: Governance| governance.policies().evaluate(&key(), &EvaluationRequest::by("monitor")).await;
    let submitted = async || brought_to(&backplane, &[LifecycleState::PendingApproval]).await;
    let evaluation = with(&backplane, evaluate, submitted).await.unwrap().evaluations.remove(0);
    assert_eq!(evaluation.current_state, Some(LifecycleState::PendingApproval));
    // And the policy was defined once
    let definition = governed(backplane).policies().definition(&key(), "errorRate").await.unwrap().unwrap();
    assert_eq!(definition.record.version, VersionNumber::FIRST);
}

async fn a_lost_reply_is_answered_when_the_request_is_made_again(backplane: Arc<dyn Backplane>) {
    // Given a backplane that applies a commit, and whose reply gets lost
    let stopping = Stopping::new(&backplane);
    let lifecycle = governed(stopping.clone()).lifecycle();
    let id = CommitId::new();
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice").commit_id(id);
    stopping.lose_the_next_reply();
    // When the move is made
    let error = lifecycle.transition(&key(), &submit).await.unwrap_err();
    // Then the caller is told that it may have been, and under which commit id to ask
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.is_retryable());
    assert!(matches!(error, Error::Backplane { commit_id: Some(named), .. } if named == id));
    // When it is asked for again, then it was made, once
    let made = lifecycle.transition(&key(), &submit).await.unwrap();
    assert!(made.receipt.replayed);
    assert_eq!((made.receipt.sequence.get(), state(&backplane).await), (1, LifecycleState::PendingApproval));
    // And without an id of one's own, the error has the one to look for
    stopping.lose_the_next_reply();
    let take_back = TransitionRequest::to(LifecycleState::Draft, "alice");
    let Error::Backplane { commit_id: Some(id), .. } = lifecycle.transition(&key(), &take_back).await.unwrap_err()
    else {
        panic!("it was lost")
    };
    let made = lifecycle.transition(&key(), &take_back.commit_id(id)).await.unwrap();
    assert_eq!((made.receipt.replayed, made.receipt.sequence.get()), (true, 2));
    assert_eq!(on(&backplane).build().unwrap().lifecycle().state(&key()).await.unwrap().head.sequence.get(), 2);
}
