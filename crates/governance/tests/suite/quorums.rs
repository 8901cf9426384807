//! What becomes of a request when its gate wants another quorum since.

use crate::world::{approved, brought_to, configured, key, moved, on};
use governance::{
    ApprovalDecision, ApprovalRequest, GateObjection, Governance, ManualGate, Moves, Objection, Quorum, SelfApproval,
};
use governance_persistence::{
    Backplane,
    LifecycleState::{Approved, PendingApproval},
};
use std::sync::Arc;

on_every_backplane! {
    who_was_asked_for_less_is_asked_again
    ones_own_word_does_not_count_since
    more_words_than_were_asked_for_are_enough
    less_is_wanted_since
}

fn two() -> Quorum {
    Quorum::of(2).unwrap()
}

/// A gate that wants this.
fn wanting(backplane: &Arc<dyn Backplane>, quorum: Quorum) -> Governance {
    on(backplane).approval_gate(ManualGate::new("review", Moves::into(Approved)).quorum(quorum)).build().unwrap()
}

async fn submitted(backplane: &Arc<dyn Backplane>) {
    configured(backplane, 10).await;
    brought_to(backplane, &[PendingApproval]).await;
}

/// Alice is told what people were asked for, and what is wanted since.
async fn has_to_ask_again(governance: &Governance, asked: Quorum, now: Quorum) {
    let error = moved(governance, Approved).await.unwrap_err();
    let objection = Objection::Gate { gate: "review".to_owned(), cause: GateObjection::QuorumRaised { asked, now } };
    assert_eq!(error.as_refusal().unwrap().objections, [objection], "{error}");
    assert!(error.to_string().ends_with("ask again"), "{error}");
}

async fn who_was_asked_for_less_is_asked_again(backplane: Arc<dyn Backplane>) {
    // Given a request for one approval, which bob gave, at a gate that wants two since
    submitted(&backplane).await;
    approved(&wanting(&backplane, Quorum::ONE), Approved).await;
    let governance = wanting(&backplane, two());
    // When alice makes the move, then she is told to ask again
    has_to_ask_again(&governance, Quorum::ONE, two()).await;
    // When she does, then two people may decide, and the move is made
    let id = approved(&governance, Approved).await;
    assert_eq!(governance.approvals().pending(&key()).await.unwrap()[0].approved_by, ["bob"]);
    governance.approvals().decide(&key(), &ApprovalDecision::approve(id, "carol")).await.unwrap();
    moved(&governance, Approved).await.unwrap();
}

async fn ones_own_word_does_not_count_since(backplane: Arc<dyn Backplane>) {
    // Given alice's request, which she approved herself, at a gate that wants somebody else since
    submitted(&backplane).await;
    let before = wanting(&backplane, Quorum::ONE);
    let id = before.approvals().request(&key(), &ApprovalRequest::to(Approved, "alice")).await.unwrap().transition_id;
    before.approvals().decide(&key(), &ApprovalDecision::approve(id, "alice")).await.unwrap();
    let four_eyes = Quorum::ONE.self_approval(SelfApproval::Forbidden);
    // When she makes the move, then she is told to ask again
    let governance = wanting(&backplane, four_eyes);
    has_to_ask_again(&governance, Quorum::ONE, four_eyes).await;
    approved(&governance, Approved).await;
    moved(&governance, Approved).await.unwrap();
}

async fn more_words_than_were_asked_for_are_enough(backplane: Arc<dyn Backplane>) {
    // Given a request for two approvals by whomever, which two others gave, at a gate that wants others since
    submitted(&backplane).await;
    let before = wanting(&backplane, two());
    let id = approved(&before, Approved).await;
    before.approvals().decide(&key(), &ApprovalDecision::approve(id, "carol")).await.unwrap();
    // When the move is made, then what was given is what is wanted
    moved(&wanting(&backplane, two().self_approval(SelfApproval::Forbidden)), Approved).await.unwrap();
}

async fn less_is_wanted_since(backplane: Arc<dyn Backplane>) {
    // Given a request for two approvals, of which bob gave one, at a gate that wants one since
    submitted(&backplane).await;
    approved(&wanting(&backplane, two()), Approved).await;
    // When the move is made, then that is enough
    moved(&wanting(&backplane, Quorum::ONE), Approved).await.unwrap();
}
