//! Processes that are killed between a request and its decision: what they were told is done is there afterwards.

use crate::places::Address;
use crate::process::{Answer, Deed, Process, governed};
use crate::world::{brought_to, configured, key, log, moved};
use governance::{ApprovalDecision, Quorum};
use governance_persistence::{Decision, LifecycleState};
use serde_json::json;

on_every_shared_place! {
    a_request_and_an_approval_outlive_the_processes_that_made_them
}

async fn a_request_and_an_approval_outlive_the_processes_that_made_them(address: Address) {
    // Given a configuration under review, which two people have to approve
    let backplane = address.open().await;
    let version = configured(&backplane, 10).await;
    brought_to(&backplane, &[LifecycleState::PendingApproval]).await;
    backplane.close().await.unwrap();
    // When alice asks for it, and bob approves, and both are killed
    let [mut alice, mut bob, mut carol] = ["alice", "bob", "carol"].map(|name| Process::of(name, &address));
    let answer = alice.does(Deed::Request(LifecycleState::Approved));
    let Answer::Requested(id) = answer else { panic!("{answer:?}") };
    alice.kill();
    assert_eq!(bob.does(Deed::Approve(id)), Answer::Done);
    bob.kill();
    // And carol is killed right before her approval is sent
    carol.stands_before(Deed::Approve(id));
    carol.kill();

    // Then another process finds the request, bob's approval, and nothing of carol's
    let backplane = address.open().await;
    let governance = governed(&backplane);
    let approvals = governance.approvals();
    let pending = approvals.pending(&key()).await.unwrap();
    let [waiting] = pending.as_slice() else { panic!("{pending:?}") };
    assert_eq!((waiting.transition_id, waiting.gate.as_str()), (id, "approval"));
    assert_eq!((waiting.requested_by.as_deref(), &waiting.approved_by[..]), (Some("alice"), &["bob".to_owned()][..]));
    assert_eq!(waiting.quorum, Quorum::of(2).unwrap());
    assert_eq!(waiting.configuration.map(|about| about.number), Some(version));
    let recorded = approvals.of_transition(&key(), id).await.unwrap();
    let decided: Vec<_> =
        recorded.iter().map(|found| (found.record.decision, found.record.approver.as_deref())).collect();
    assert_eq!(decided, [(Decision::Pending, None), (Decision::Approved, Some("bob"))]);
    let error = moved(&governance, LifecycleState::Approved).await.unwrap_err();
    assert!(error.to_string().contains("1 of 2 are given, by bob"), "{error}");

    // When dave approves, too, then the move is made on the word of both
    let decided = approvals.decide(&key(), &ApprovalDecision::approve(id, "dave")).await.unwrap();
    assert_eq!(decided.still_needed, 0);
    let moved = moved(&governance, LifecycleState::Approved).await.unwrap();
    assert_eq!((moved.transition.id, moved.state.configuration_version), (id, Some(version)));
    let references = moved.transition.metadata.get("governance").unwrap();
    assert_eq!(references["approvals"], json!([recorded[1].record.id, decided.record.id]));
    // And the log is whole
    log(&backplane).await.iter().for_each(|entry| entry.verify().unwrap());
}
