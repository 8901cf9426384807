//! Gates that decide by themselves, and what is recorded of them.

use crate::world::{key, log, moved, on, state};
use governance::{
    Actor, ApprovalGate, Attempt, AutomaticGate, Error, GateDecision, GateObjection, Governance, LifecycleTable, Moves,
    Objection, RoleBasedGate, TransitionRequest,
};
use governance_persistence::{
    ApprovalRecord, Backplane, BackplaneExt, Decision, JsonObject, LifecycleState, Record, Source,
};
use serde_json::json;
use std::sync::Arc;

on_every_backplane! {
    an_automatic_gate_leaves_its_approval_with_the_transition
    roles_come_from_the_actor_and_not_from_metadata
    a_refusal_is_recorded_and_moves_nothing
    a_gate_that_cannot_judge_is_closed
    every_gate_must_be_open
    a_gate_guards_its_moves_and_no_others
    gates_of_one_name_are_refused
    a_gate_before_no_move_is_refused
}

const SUBMIT: Moves = Moves::between(LifecycleState::Draft, LifecycleState::PendingApproval);

fn operators() -> RoleBasedGate {
    RoleBasedGate::new("operators", SUBMIT, ["operator", "sre"]).unwrap()
}

async fn submitted_by(governance: &Governance, actor: Actor) -> governance::Result<governance::Transitioned> {
    let request = TransitionRequest::to(LifecycleState::PendingApproval, actor);
    governance.lifecycle().transition(&key(), &request).await
}

async fn an_automatic_gate_leaves_its_approval_with_the_transition(backplane: Arc<dyn Backplane>) {
    // Given an automatic gate
    let governance = on(&backplane).approval_gate(AutomaticGate::new("submission", SUBMIT)).build().unwrap();
    // When the move is made
    let moved = moved(&governance, LifecycleState::PendingApproval).await.unwrap();
    // Then one commit has the transition and the gate's approval of it
    let log = log(&backplane).await;
    let [Record::Transition(transition), Record::Approval(approval)] = log[0].records.as_slice() else {
        panic!("{log:?}")
    };
    assert_eq!(moved.approvals, std::slice::from_ref(approval));
    assert_eq!(approval.transition_id, transition.id);
    assert_eq!((approval.decision, approval.gate.as_deref()), (Decision::Approved, Some("submission")));
    assert_eq!(approval.requested_by.as_deref(), Some("alice"));
}

async fn roles_come_from_the_actor_and_not_from_metadata(backplane: Arc<dyn Backplane>) {
    let governance = on(&backplane).approval_gate(operators()).build().unwrap();
    // When alice claims a role in metadata
    let claims = JsonObject::try_from(json!({"role": "sre", "roles": ["sre"], "actorRole": "sre"})).unwrap();
    let request = TransitionRequest::to(LifecycleState::PendingApproval, "alice").metadata(claims);
    let error = governance.lifecycle().transition(&key(), &request).await.unwrap_err();
    // Then the gate stays closed, and says what is missing
    assert!(error.to_string().ends_with("gate \"operators\": alice has none of the roles operator, sre"), "{error}");
    // When somebody comes whose authentication says so
    let moved = submitted_by(&governance, Actor::new("carol").with_role("sre")).await.unwrap();
    // Then she passes in her own name
    assert_eq!(moved.approvals[0].approver.as_deref(), Some("carol"));
    assert_eq!(moved.approvals[0].reason.as_deref(), Some("has the role sre"));
}

async fn a_refusal_is_recorded_and_moves_nothing(backplane: Arc<dyn Backplane>) {
    let governance = on(&backplane).approval_gate(operators()).build().unwrap();
    // When alice is refused
    let error = moved(&governance, LifecycleState::PendingApproval).await.unwrap_err();
    // Then the gate's decision is recorded, and where
    let refusal = error.as_refusal().unwrap();
    assert_eq!(refusal.actor, "alice");
    let log = log(&backplane).await;
    assert_eq!(refusal.receipt.commit_id, log[0].commit_id);
    let [Record::Approval(rejected)] = log[0].records.as_slice() else { panic!("{log:?}") };
    assert_eq!((rejected.decision, rejected.gate.as_deref()), (Decision::Rejected, Some("operators")));
    assert_eq!((rejected.from, rejected.to), (Some(LifecycleState::Draft), LifecycleState::PendingApproval));
    assert_eq!(rejected.requested_by.as_deref(), Some("alice"));
    assert_eq!(rejected.reason.as_deref(), Some("alice has none of the roles operator, sre"));
    assert!(log[0].state.is_none());
    assert_eq!(state(&backplane).await, LifecycleState::Draft);
}

/// Says what it was told to say.
#[derive(Debug)]
struct Saying(&'static str, fn() -> Result<GateDecision, Source>);

#[async_trait::async_trait]
impl ApprovalGate for Saying {
    fn name(&self) -> &str {
        self.0
    }

    fn guards(&self, from: LifecycleState, to: LifecycleState) -> bool {
        SUBMIT.include(from, to)
    }

    async fn judge(&self, _attempt: &Attempt<'_>) -> Result<GateDecision, Source> {
        (self.1)()
    }
}

async fn a_gate_that_cannot_judge_is_closed(backplane: Arc<dyn Backplane>) {
    // Given a gate that fails, and one that says more than a record holds
    let failing = Saying("failing", || Err("the directory does not answer\0\n".into()));
    let wordy = Saying("wordy", || Ok(GateDecision::reject(format!(" \u{7}{}", "no ".repeat(3_000)))));
    let governance = on(&backplane).approval_gate(failing).approval_gate(wordy).build().unwrap();
    // When somebody comes
    let error = moved(&governance, LifecycleState::PendingApproval).await.unwrap_err();
    // Then both are closed, and what fits of it is recorded
    assert!(error.to_string().contains("gate \"failing\": it could not judge: the directory does not answer"));
    let records = backplane.get_approval_records(&key()).await.unwrap();
    let reasons: Vec<_> = records.iter().filter_map(|found| found.record.reason.as_deref()).collect();
    assert_eq!(reasons[0], "it could not judge: the directory does not answer");
    assert!(reasons[1].starts_with("no no"));
}

async fn every_gate_must_be_open(backplane: Arc<dyn Backplane>) {
    // Given an open gate between two closed ones
    let never = |name| Saying(name, || Ok(GateDecision::reject("never")));
    let builder = on(&backplane).approval_gate(never("first")).approval_gate(AutomaticGate::new("open", SUBMIT));
    let governance = builder.approval_gate(never("last")).build().unwrap();
    // When somebody comes
    let error = moved(&governance, LifecycleState::PendingApproval).await.unwrap_err();
    // Then both objections are told, and nothing says that the open one approved
    let Error::Refused(refusal) = error else { panic!("{error}") };
    let closed = |name: &str| Objection::Gate {
        gate: name.to_owned(),
        cause: GateObjection::Rejected { reason: "never".to_owned() },
    };
    assert_eq!(refusal.objections, [closed("first"), closed("last")]);
    let records: Vec<ApprovalRecord> =
        backplane.get_approval_records(&key()).await.unwrap().into_iter().map(|found| found.record).collect();
    assert!(records.iter().all(|record| record.decision == Decision::Rejected), "{records:?}");
}

async fn a_gate_guards_its_moves_and_no_others(backplane: Arc<dyn Backplane>) {
    let governance = on(&backplane).approval_gate(Saying("never", || Ok(GateDecision::reject("never")))).build();
    moved(&governance.unwrap(), LifecycleState::Archived).await.unwrap();
    assert_eq!(state(&backplane).await, LifecycleState::Archived);
}

async fn gates_of_one_name_are_refused(backplane: Arc<dyn Backplane>) {
    let twice = on(&backplane).approval_gate(operators()).approval_gate(operators()).build().unwrap_err();
    assert!(twice.to_string().contains("\"operators\" stands twice"), "{twice}");
    let unnamed = on(&backplane).approval_gate(AutomaticGate::new(" ", SUBMIT)).build().unwrap_err();
    assert!(matches!(unnamed, Error::Invalid(_)), "{unnamed}");
}

async fn a_gate_before_no_move_is_refused(backplane: Arc<dyn Backplane>) {
    // Given a gate before a move that the standard lifecycle does not have
    let gate = || AutomaticGate::new("shortcut", Moves::between(LifecycleState::Draft, LifecycleState::Approved));
    // When governance is built, then it is refused, because it would guard nothing
    let error = on(&backplane).approval_gate(gate()).build().unwrap_err();
    assert!(error.to_string().contains("\"shortcut\" stands before no move that the lifecycle has"), "{error}");
    // When the lifecycle has it, then it is built
    let table = LifecycleTable::standard().allowing(LifecycleState::Draft, LifecycleState::Approved);
    on(&backplane).approval_gate(gate()).lifecycle(table).build().unwrap();
}
