//! Audit sinks: everything that is committed is told.

use crate::backplanes::in_memory;
use crate::world::{approved, key, moved, on};
use governance::{
    AuditEvent, AuditSink, AutomaticGate, EvaluationRequest, ManualGate, Moves, NewVersion, Operation, RollbackRequest,
    Telemetry, TrafficLimit, TransitionRequest,
};
use governance_persistence::{
    CommitId, Json, JsonObject, LifecycleState, PolicyDefinition, PolicyEvaluation, Severity, VersionNumber,
};
use std::sync::{Arc, Mutex};

/// Operation, actor, and the event in words.
type Told = (Operation, String, String);

/// Keeps what it is told.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<Told>>>);

impl Kept {
    fn all(&self) -> Vec<Told> {
        self.0.lock().unwrap().clone()
    }
}

impl AuditSink for Kept {
    fn record(&self, event: &AuditEvent<'_>) {
        let told = (event.operation, event.actor().unwrap_or_default().to_owned(), event.to_string());
        self.0.lock().unwrap().push(told);
    }
}

#[tokio::test]
async fn everything_that_is_committed_is_told() {
    // Given a sink, and an experiment that meets gates of both kinds and a policy
    let (backplane, kept) = (in_memory(), Kept::default());
    let submission = Moves::into(LifecycleState::PendingApproval);
    let governance = on(&backplane)
        .approval_gate(AutomaticGate::new("submission", submission))
        .approval_gate(ManualGate::new("review", Moves::into(LifecycleState::Approved)))
        .policy(TrafficLimit::percent(10.0).unwrap())
        .audit(kept.clone())
        .build()
        .unwrap();
    // When it goes through its life
    for traffic in [1, 2] {
        let version = NewVersion::of(Json::parse(&traffic.to_string()).unwrap(), "alice").description("first\ntry");
        governance.versions().create(&key(), &version).await.unwrap();
    }
    moved(&governance, LifecycleState::PendingApproval).await.unwrap();
    moved(&governance, LifecycleState::Approved).await.unwrap_err();
    approved(&governance, LifecycleState::Approved).await;
    moved(&governance, LifecycleState::Approved).await.unwrap();
    let run = TransitionRequest::to(LifecycleState::Running, "alice").commit_id(CommitId::new());
    let run = run.telemetry(Telemetry::none().traffic_percentage(5.0));
    for _ in 0..2 {
        governance.lifecycle().transition(&key(), &run).await.unwrap();
    }
    governance.policies().evaluate(&key(), &EvaluationRequest::by("monitor")).await.unwrap();
    let definition = PolicyDefinition::new("privacy", "audit", JsonObject::empty(), "dora");
    governance.policies().define(&key(), definition).await.unwrap();
    let external = PolicyEvaluation::new("privacy", true, Severity::Info);
    governance.policies().record(&key(), "monitor", external).await.unwrap();
    let back = RollbackRequest::to(VersionNumber::FIRST, "carol").reason("errors").moving_to_rolled_back();
    governance.versions().rollback(&key(), &back).await.unwrap();
    // Then each commit was told of, in words
    let checkout = "\"checkout\" (tenant \"acme\"): ";
    let run = "alice moved it from Approved to Running; alice defined policy \"trafficLimit\" (version 1); \
               policy \"trafficLimit\" (Critical) is complied with (5 % of traffic, of 10 %)";
    let expected = [
        (Operation::Version, "alice", "alice wrote version 1 (first\\ntry)"),
        (Operation::Version, "alice", "alice wrote version 2 (first\\ntry)"),
        (
            Operation::Transition,
            "alice",
            "alice moved it from Draft to PendingApproval; \
             submission approved the move to PendingApproval at gate \"submission\", version 2",
        ),
        (
            Operation::Refusal,
            "alice",
            "review rejected the move to Approved at gate \"review\", version 2 \
             (it needs 1 approvals by people; none was asked for since the state was entered)",
        ),
        (Operation::Request, "alice", "alice asked for the move to Approved at gate \"review\", version 2"),
        (Operation::Decision, "bob", "bob approved the move to Approved at gate \"review\", version 2"),
        (Operation::Transition, "alice", "alice moved it from PendingApproval to Approved"),
        (Operation::Transition, "alice", run),
        (Operation::Transition, "alice", run),
        (
            Operation::Evaluation,
            "",
            "policy \"trafficLimit\" (Critical) is not complied with \
             (it could not be evaluated: the telemetry has no trafficPercentage)",
        ),
        (Operation::Definition, "dora", "dora defined policy \"privacy\" (version 1)"),
        (Operation::Evaluation, "", "policy \"privacy\" (Info) is complied with"),
        (
            Operation::Rollback,
            "carol",
            "carol moved it from Running to RolledBack (errors); carol brought version 1 back as version 3 (errors)",
        ),
    ];
    let expected: Vec<Told> =
        expected.map(|(operation, actor, text)| (operation, actor.to_owned(), format!("{checkout}{text}"))).into();
    assert_eq!(kept.all(), expected);
}
