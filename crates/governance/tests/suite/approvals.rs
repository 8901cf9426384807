//! Asking people, and deciding.

use crate::backplanes::in_memory;
use crate::world::{approved, brought_to, configured, key, log, moved, on, state};
use governance::{
    ApprovalDecision, ApprovalRequest, Error, GateObjection, Governance, ManualGate, Moves, NotPendingCause, Objection,
    Quorum, SelfApproval, TransitionRequest,
};
use governance_persistence::{
    Backplane, BackplaneExt, CommitId, Decision, LifecycleState, RecordId, TimeToLive, VersionNumber,
};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

on_every_backplane! {
    an_approved_request_opens_the_gate_for_its_transition
    different_people_have_to_approve
    nobody_approves_their_own_request_where_that_is_forbidden
    one_rejection_closes_the_request
    approve_edit_transition_is_refused_with_the_reason
    an_edit_behind_approved_needs_approval_of_its_own
    an_approval_serves_for_one_move
    an_approval_in_the_same_instant_as_the_state_before_is_spent
    the_newest_request_counts
    a_request_expires
    each_gate_has_its_own_decision
    what_nobody_is_asked_about_is_not_requested
    requests_and_decisions_are_safe_to_repeat
}

const REVIEWED: Moves = Moves::between(LifecycleState::PendingApproval, LifecycleState::Approved);

fn review() -> ManualGate {
    ManualGate::new("review", REVIEWED)
}

async fn submitted(backplane: &Arc<dyn Backplane>, gate: ManualGate) -> Governance {
    brought_to(backplane, &[LifecycleState::PendingApproval]).await;
    on(backplane).approval_gate(gate).build().unwrap()
}

async fn requested(governance: &Governance) -> RecordId {
    let request = ApprovalRequest::to(LifecycleState::Approved, "alice");
    governance.approvals().request(&key(), &request).await.unwrap().transition_id
}

fn why_not(error: &Error) -> NotPendingCause {
    let Error::NotPending(not_pending) = error else { panic!("{error}") };
    not_pending.cause.clone()
}

async fn an_approved_request_opens_the_gate_for_its_transition(backplane: Arc<dyn Backplane>) {
    // Given a configuration under review, and a request for its approval
    let version = configured(&backplane, 10).await;
    let governance = submitted(&backplane, review()).await;
    let request = ApprovalRequest::to(LifecycleState::Approved, "alice").reason("a tenth of the traffic");
    let requested = governance.approvals().request(&key(), &request).await.unwrap();
    assert_eq!((requested.gates.as_slice(), requested.receipt.replayed), (&["review".to_owned()][..], false));
    // When the pending ones are listed, then it is there with all that a reviewer wants to know
    let pending = governance.approvals().pending(&key()).await.unwrap();
    let [waiting] = pending.as_slice() else { panic!("{pending:?}") };
    assert_eq!((waiting.transition_id, waiting.gate.as_str()), (requested.transition_id, "review"));
    assert_eq!(waiting.reason.as_deref(), Some("a tenth of the traffic"));
    assert_eq!(waiting.configuration.map(|about| about.number), Some(version));
    assert_eq!((waiting.approved_by.len(), waiting.quorum), (0, Quorum::ONE));
    // When the move is tried before anybody approved, then it says what it waits for
    let error = moved(&governance, LifecycleState::Approved).await.unwrap_err();
    assert!(error.to_string().contains("0 of 1 are given"), "{error}");
    // When bob approves, then nothing is pending, and the move is made as what he approved
    let decision = ApprovalDecision::approve(requested.transition_id, "bob").reason("go");
    let decided = governance.approvals().decide(&key(), &decision).await.unwrap();
    assert_eq!((decided.still_needed, decided.record.configuration_version), (0, Some(version)));
    assert_eq!(governance.approvals().pending(&key()).await.unwrap(), []);
    let moved = moved(&governance, LifecycleState::Approved).await.unwrap();
    assert_eq!(moved.transition.id, requested.transition_id);
    assert_eq!(moved.state.configuration_version, Some(version));
    let references = moved.transition.metadata.get("governance").unwrap();
    assert_eq!(references["approvals"], json!([decided.record.id]));
    // And the log has request, refused attempt, decision and transition, in this order
    let records: Vec<_> = log(&backplane).await.into_iter().skip(2).flat_map(|entry| entry.records).collect();
    let actors: Vec<_> = records.iter().filter_map(|record| record.actor()).collect();
    assert_eq!(actors, ["alice", "review", "bob", "alice"]);
}

async fn different_people_have_to_approve(backplane: Arc<dyn Backplane>) {
    // Given a gate that wants two approvals
    let governance = submitted(&backplane, review().quorum(Quorum::of(2).unwrap())).await;
    let id = requested(&governance).await;
    // When bob approves twice, then his second word is refused, and one is missing
    let approvals = governance.approvals();
    let first = approvals.decide(&key(), &ApprovalDecision::approve(id, "bob")).await.unwrap();
    assert_eq!(first.still_needed, 1);
    let again = approvals.decide(&key(), &ApprovalDecision::approve(id, "bob")).await.unwrap_err();
    assert_eq!(why_not(&again), NotPendingCause::DecidedAlready { approver: "bob".to_owned() });
    let error = moved(&governance, LifecycleState::Approved).await.unwrap_err();
    assert!(error.to_string().contains("1 of 2 are given, by bob"), "{error}");
    assert_eq!(approvals.pending(&key()).await.unwrap()[0].approved_by, ["bob"]);
    // When a copy of his word is written past the manager, then it still is one person's
    let copy = first.record.clone().with_id(RecordId::new());
    backplane.append_approval_record(&key(), copy).await.unwrap();
    assert!(moved(&governance, LifecycleState::Approved).await.is_err());
    // When carol approves, too, then the gate is open, and no longer asks
    approvals.decide(&key(), &ApprovalDecision::approve(id, "carol")).await.unwrap();
    let late = approvals.decide(&key(), &ApprovalDecision::approve(id, "dave")).await.unwrap_err();
    assert_eq!(why_not(&late), NotPendingCause::Approved);
    moved(&governance, LifecycleState::Approved).await.unwrap();
}

async fn nobody_approves_their_own_request_where_that_is_forbidden(backplane: Arc<dyn Backplane>) {
    // Given a gate of four eyes, and alice's request
    let four_eyes = Quorum::ONE.self_approval(SelfApproval::Forbidden);
    let governance = submitted(&backplane, review().quorum(four_eyes)).await;
    let id = requested(&governance).await;
    // When she approves it herself, then she is told
    let error = governance.approvals().decide(&key(), &ApprovalDecision::approve(id, "alice")).await.unwrap_err();
    assert!(matches!(error, Error::SelfApproval { .. }), "{error}");
    // When her word is written past the manager, then it does not count
    let request = governance.approvals().of_transition(&key(), id).await.unwrap().remove(0).record;
    backplane.append_approval_record(&key(), request.decided(Decision::Approved, "alice")).await.unwrap();
    assert!(moved(&governance, LifecycleState::Approved).await.is_err());
    // When she withdraws it, she may
    governance
        .approvals()
        .decide(&key(), &ApprovalDecision::reject(requested(&governance).await, "alice"))
        .await
        .unwrap();
}

async fn one_rejection_closes_the_request(backplane: Arc<dyn Backplane>) {
    // Given a gate of two, where bob approved and carol rejected
    let governance = submitted(&backplane, review().quorum(Quorum::of(2).unwrap())).await;
    let (approvals, id) = (governance.approvals(), requested(&governance).await);
    approvals.decide(&key(), &ApprovalDecision::approve(id, "bob")).await.unwrap();
    approvals.decide(&key(), &ApprovalDecision::reject(id, "carol").reason("too early")).await.unwrap();
    // When dave approves, too, then it is closed
    let late = approvals.decide(&key(), &ApprovalDecision::approve(id, "dave")).await.unwrap_err();
    assert_eq!(why_not(&late), NotPendingCause::Rejected { by: "carol".to_owned() });
    assert_eq!(approvals.pending(&key()).await.unwrap(), []);
    let error = moved(&governance, LifecycleState::Approved).await.unwrap_err();
    assert!(error.to_string().contains("rejected by carol: too early"), "{error}");
}

async fn approve_edit_transition_is_refused_with_the_reason(backplane: Arc<dyn Backplane>) {
    // Given version 1, approved
    configured(&backplane, 10).await;
    let governance = submitted(&backplane, review()).await;
    approved(&governance, LifecycleState::Approved).await;
    // When somebody edits it
    configured(&backplane, 90).await;
    // Then the approval is void, and says why
    let error = moved(&governance, LifecycleState::Approved).await.unwrap_err();
    let Error::Refused(refusal) = &error else { panic!("{error}") };
    let [Objection::Gate { cause: GateObjection::ConfigurationChanged { approved: was, now }, .. }] =
        refusal.objections.as_slice()
    else {
        panic!("{error}")
    };
    assert_eq!((was.map(VersionNumber::get), now.map(VersionNumber::get)), (Some(1), Some(2)));
    assert!(error.to_string().contains("version 1, but the configuration changed since: there is version 2 now"));
    assert_eq!(state(&backplane).await, LifecycleState::PendingApproval);
    // And who approves it now is told, too
    let id = requested(&governance).await;
    configured(&backplane, 95).await;
    let late = governance.approvals().decide(&key(), &ApprovalDecision::approve(id, "bob")).await.unwrap_err();
    assert!(matches!(why_not(&late), NotPendingCause::ConfigurationChanged { .. }), "{late}");
    // And an edit back to the same content is an edit all the same
    configured(&backplane, 95).await;
    assert_eq!(governance.approvals().pending(&key()).await.unwrap(), []);
    let error = moved(&governance, LifecycleState::Approved).await.unwrap_err();
    assert!(error.to_string().contains("the configuration changed since: there is version 4 now"), "{error}");
    // When it is approved as it is now, then it goes ahead
    approved(&governance, LifecycleState::Approved).await;
    let moved = moved(&governance, LifecycleState::Approved).await.unwrap();
    assert_eq!(moved.state.configuration_version.map(VersionNumber::get), Some(4));
}

async fn an_edit_behind_approved_needs_approval_of_its_own(backplane: Arc<dyn Backplane>) {
    // Given version 1, approved by people, and version 2, written since
    let first = configured(&backplane, 10).await;
    let governance = submitted(&backplane, review()).await;
    approved(&governance, LifecycleState::Approved).await;
    moved(&governance, LifecycleState::Approved).await.unwrap();
    let second = configured(&backplane, 90).await;
    // When it is to run, or version 2 is named, then the gate into Approved stands before it
    let run = TransitionRequest::to(LifecycleState::Running, "alice");
    for request in [run.clone(), run.clone().version(second)] {
        let error = governance.lifecycle().transition(&key(), &request).await.unwrap_err();
        assert!(error.to_string().contains("gate \"review\": it needs 1 approvals by people"), "{error}");
    }
    // When what was approved is to run, then it runs
    let running = governance.lifecycle().transition(&key(), &run.version(first)).await.unwrap();
    assert_eq!(running.state.configuration_version, Some(first));
    // When it goes on by itself, then it goes on with that
    let ramping = moved(&governance, LifecycleState::Ramping).await.unwrap();
    assert_eq!(ramping.state.configuration_version, Some(first));
    moved(&governance, LifecycleState::Paused).await.unwrap();
    // When people approve version 2 for the next move, then it takes effect
    let request = ApprovalRequest::to(LifecycleState::Running, "alice").version(second);
    let id = governance.approvals().request(&key(), &request).await.unwrap().transition_id;
    governance.approvals().decide(&key(), &ApprovalDecision::approve(id, "bob")).await.unwrap();
    let run = TransitionRequest::to(LifecycleState::Running, "alice").version(second);
    let running = governance.lifecycle().transition(&key(), &run).await.unwrap();
    assert_eq!((running.transition.id, running.state.configuration_version), (id, Some(second)));
    // And a version that is not there, or where none takes effect, is refused
    let third = TransitionRequest::to(LifecycleState::Ramping, "alice").version(VersionNumber::new(3).unwrap());
    let error = governance.lifecycle().transition(&key(), &third).await.unwrap_err();
    assert!(matches!(error, Error::NoSuchVersion { .. }), "{error}");
    let pause = TransitionRequest::to(LifecycleState::Paused, "alice").version(first);
    assert!(matches!(governance.lifecycle().transition(&key(), &pause).await, Err(Error::Invalid(_))));
}

async fn an_approval_serves_for_one_move(backplane: Arc<dyn Backplane>) {
    // Given an approval that was given, and an experiment that was taken back to Draft and submitted again
    let governance = submitted(&backplane, review()).await;
    let id = approved(&governance, LifecycleState::Approved).await;
    brought_to(&backplane, &[LifecycleState::Draft, LifecycleState::PendingApproval]).await;
    // When it is to be used, then it does not count
    let error = moved(&governance, LifecycleState::Approved).await.unwrap_err();
    assert!(error.to_string().contains("none was asked for since the state was entered"), "{error}");
    let late = governance.approvals().decide(&key(), &ApprovalDecision::approve(id, "carol")).await.unwrap_err();
    assert!(matches!(why_not(&late), NotPendingCause::StateLeft { .. }), "{late}");
}

async fn an_approval_in_the_same_instant_as_the_state_before_is_spent(backplane: Arc<dyn Backplane>) {
    // Given the same history, all of it recorded at one time, as a coarse clock would
    let fine = in_memory();
    let governance = submitted(&fine, review()).await;
    approved(&governance, LifecycleState::Approved).await;
    brought_to(&fine, &[LifecycleState::Draft, LifecycleState::PendingApproval]).await;
    let entries = log(&fine).await;
    for mut entry in entries.clone() {
        entry.recorded_at = entries[0].recorded_at;
        backplane.replicate(&entry).await.unwrap();
    }
    // When the approval is to be used, then the order of history decides
    let governance = on(&backplane).approval_gate(review()).build().unwrap();
    let error = moved(&governance, LifecycleState::Approved).await.unwrap_err();
    assert!(error.to_string().contains("none was asked for since the state was entered"), "{error}");
}

async fn the_newest_request_counts(backplane: Arc<dyn Backplane>) {
    let governance = submitted(&backplane, review()).await;
    // Given a request in place of another one
    let (old, new) = (requested(&governance).await, requested(&governance).await);
    // When somebody decides about the old one, then they learn of the new one
    let error = governance.approvals().decide(&key(), &ApprovalDecision::approve(old, "bob")).await.unwrap_err();
    assert_eq!(why_not(&error), NotPendingCause::Replaced { by: new });
    let pending = governance.approvals().pending(&key()).await.unwrap();
    assert_eq!(pending.iter().map(|waiting| waiting.transition_id).collect::<Vec<_>>(), [new]);
    // And about one that never was
    let never = ApprovalDecision::approve(RecordId::new(), "bob");
    let error = governance.approvals().decide(&key(), &never).await.unwrap_err();
    assert_eq!(why_not(&error), NotPendingCause::NeverRequested);
}

async fn a_request_expires(backplane: Arc<dyn Backplane>) {
    // Given a request that lives for a moment
    brought_to(&backplane, &[LifecycleState::PendingApproval]).await;
    let moment = TimeToLive::new(Duration::from_millis(1)).unwrap();
    let governance = on(&backplane).approval_gate(review()).approval_requests_expire_after(moment).build().unwrap();
    let id = requested(&governance).await;
    // When the moment is over
    while !governance.approvals().pending(&key()).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    // Then nobody can decide any more, but the request is recorded
    let error = governance.approvals().decide(&key(), &ApprovalDecision::approve(id, "bob")).await.unwrap_err();
    assert_eq!(why_not(&error), NotPendingCause::Expired);
    assert_eq!(governance.approvals().of_transition(&key(), id).await.unwrap().len(), 1);
}

async fn each_gate_has_its_own_decision(backplane: Arc<dyn Backplane>) {
    // Given two gates that ask people
    brought_to(&backplane, &[LifecycleState::PendingApproval]).await;
    let gates = on(&backplane).approval_gate(review()).approval_gate(ManualGate::new("security", REVIEWED));
    let governance = gates.build().unwrap();
    let (approvals, id) = (governance.approvals(), requested(&governance).await);
    // When bob names none, then he is asked for which
    let error = approvals.decide(&key(), &ApprovalDecision::approve(id, "bob")).await.unwrap_err();
    assert!(error.to_string().contains("one of review, security"), "{error}");
    // When one gate is opened, then the other one waits, and need not be named
    approvals.decide(&key(), &ApprovalDecision::approve(id, "bob").gate("review")).await.unwrap();
    assert!(moved(&governance, LifecycleState::Approved).await.unwrap_err().to_string().contains("\"security\""));
    let waiting: Vec<_> = approvals.pending(&key()).await.unwrap().into_iter().map(|waiting| waiting.gate).collect();
    assert_eq!(waiting, ["security"]);
    approvals.decide(&key(), &ApprovalDecision::approve(id, "bob")).await.unwrap();
    moved(&governance, LifecycleState::Approved).await.unwrap();
}

async fn what_nobody_is_asked_about_is_not_requested(backplane: Arc<dyn Backplane>) {
    let governance = on(&backplane).approval_gate(review()).build().unwrap();
    let request = ApprovalRequest::to(LifecycleState::PendingApproval, "alice");
    let error = governance.approvals().request(&key(), &request).await.unwrap_err();
    assert!(matches!(error, Error::NothingToApprove { .. }), "{error}");
    let request = ApprovalRequest::to(LifecycleState::Approved, "alice");
    let error = governance.approvals().request(&key(), &request).await.unwrap_err();
    assert!(matches!(error, Error::NotAllowed(_)), "{error}");
}

async fn requests_and_decisions_are_safe_to_repeat(backplane: Arc<dyn Backplane>) {
    let governance = submitted(&backplane, review().quorum(Quorum::of(2).unwrap())).await;
    let approvals = governance.approvals();
    // Given a request and a decision under commit ids
    let request = ApprovalRequest::to(LifecycleState::Approved, "alice").commit_id(CommitId::new());
    let asked = approvals.request(&key(), &request).await.unwrap();
    let decision = ApprovalDecision::approve(asked.transition_id, "bob").commit_id(CommitId::new());
    let decided = approvals.decide(&key(), &decision).await.unwrap();
    // When they are made again, then they are answered as the first time
    let again = approvals.request(&key(), &request).await.unwrap();
    assert_eq!((again.transition_id, again.receipt.replayed), (asked.transition_id, true));
    let again = approvals.decide(&key(), &decision).await.unwrap();
    assert_eq!((again.record, again.still_needed, again.receipt.replayed), (decided.record, 1, true));
    // And under an id of something else they are refused
    let other = decision.clone().reason("other");
    assert!(approvals.decide(&key(), &other).await.unwrap_err().to_string().contains("was used before"));
    assert!(approvals.request(&key(), &request.clone().reason("other")).await.is_err());
}
