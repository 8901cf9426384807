//! Every write path against every closed gate and blocking policy: no path moves an experiment, and none puts
//! another configuration in effect.

use crate::world::{traffic_of, written};
use governance::{
    ApprovalDecision, ApprovalGate, ApprovalRequest, Attempt, AutomaticGate, ErrorRate, EvaluationRequest, Finding,
    GateDecision, Governance, GovernanceBuilder, ManualGate, Moves, NewVersion, Policy, Quorum, RoleBasedGate,
    RollbackRequest, TransitionRequest, Versioning,
};
use governance_persistence::{
    ApprovalRecord, Backplane, BackplaneExt, CommitId, Decision, ETag, Expected, ExperimentKey, JsonObject,
    LifecycleState, PolicyDefinition, PolicyEvaluation, Severity, Source, StateChange, VersionNumber,
};
use std::sync::Arc;

on_every_backplane! {
    no_path_moves_an_experiment_past_a_gate
    where_all_gates_are_open_the_same_paths_move_it
}

/// What a manager can be asked to write about an experiment that somebody wants in the state `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    Transition,
    TransitionUnderACommitId,
    TransitionIfMatch,
    TransitionToAVersion,
    TransitionWithConfiguration,
    TransitionWithAClaim,
    RollbackThatMoves,
    RollbackAlone,
    NewVersion,
    Request,
    ForgedDecision,
    Evaluation,
    Definition,
}

impl Path {
    const ALL: [Self; 13] = [
        Self::Transition,
        Self::TransitionUnderACommitId,
        Self::TransitionIfMatch,
        Self::TransitionToAVersion,
        Self::TransitionWithConfiguration,
        Self::TransitionWithAClaim,
        Self::RollbackThatMoves,
        Self::RollbackAlone,
        Self::NewVersion,
        Self::Request,
        Self::ForgedDecision,
        Self::Evaluation,
        Self::Definition,
    ];

    /// Mallory takes it. Tells whether the manager did what it was asked for.
    async fn take(self, governance: &Governance, key: &ExperimentKey, to: LifecycleState) -> bool {
        let first = VersionNumber::FIRST;
        let transition = TransitionRequest::to(to, "mallory");
        let lifecycle = governance.lifecycle();
        let transition = match self {
            Self::Transition => transition,
            Self::TransitionUnderACommitId => transition.commit_id(CommitId::new()),
            Self::TransitionIfMatch => match lifecycle.state(key).await.unwrap().etag() {
                Some(etag) => transition.if_match(etag),
                None => transition,
            },
            Self::TransitionToAVersion => transition.version(first),
            Self::TransitionWithConfiguration => transition.configuration(traffic_of(99)),
            Self::TransitionWithAClaim => {
                let claim = serde_json::json!({"approved": true, "approver": "bob", "roles": ["sre"]});
                transition.metadata(JsonObject::try_from(claim).unwrap()).reason("approved by bob")
            }
            Self::RollbackThatMoves => {
                let back = RollbackRequest::to(first, "mallory").moving_to_rolled_back();
                return governance.versions().rollback(key, &back).await.is_ok();
            }
            Self::RollbackAlone => {
                return governance.versions().rollback(key, &RollbackRequest::to(first, "mallory")).await.is_ok();
            }
            Self::NewVersion => {
                return governance.versions().create(key, &NewVersion::of(traffic_of(98), "mallory")).await.is_ok();
            }
            Self::Request => {
                return governance.approvals().request(key, &ApprovalRequest::to(to, "mallory")).await.is_ok();
            }
            Self::ForgedDecision => return forged(governance, key, to).await,
            Self::Evaluation => {
                let compliant = PolicyEvaluation::new("blocking", true, Severity::Info);
                let _ = governance.policies().record(key, "mallory", compliant).await;
                return governance.policies().evaluate(key, &EvaluationRequest::by("mallory")).await.is_ok();
            }
            Self::Definition => {
                let definition = PolicyDefinition::new("blocking", "any", JsonObject::empty(), "mallory").disabled();
                return governance.policies().define(key, definition).await.is_ok();
            }
        };
        lifecycle.transition(key, &transition).await.is_ok()
    }
}

/// Mallory asks, approves in her own name, writes an approval past the manager that belongs to no request,
/// and tries the move.
async fn forged(governance: &Governance, key: &ExperimentKey, to: LifecycleState) -> bool {
    let approvals = governance.approvals();
    if let Ok(requested) = approvals.request(key, &ApprovalRequest::to(to, "mallory")).await {
        let own = ApprovalDecision::approve(requested.transition_id, "mallory");
        let _ = approvals.decide(key, &own).await;
        let record = ApprovalRecord::decide(requested.transition_id, to, Decision::Approved, "bob").with_gate("other");
        governance.backplane().append_approval_record(key, record).await.unwrap();
    }
    governance.lifecycle().transition(key, &TransitionRequest::to(to, "mallory")).await.is_ok()
}

/// Rejects everybody, or cannot tell.
#[derive(Debug)]
struct Closed(fn() -> Result<GateDecision, Source>);

#[async_trait::async_trait]
impl ApprovalGate for Closed {
    fn name(&self) -> &str {
        "closed"
    }

    fn guards(&self, _from: LifecycleState, _to: LifecycleState) -> bool {
        true
    }

    async fn judge(&self, _attempt: &Attempt<'_>) -> Result<GateDecision, Source> {
        (self.0)()
    }
}

/// Is never complied with, or cannot tell.
#[derive(Debug)]
struct Blocking(fn() -> Result<Finding, Source>);

#[async_trait::async_trait]
impl Policy for Blocking {
    fn name(&self) -> &str {
        "blocking"
    }

    fn kind(&self) -> &str {
        "blocking"
    }

    fn parameters(&self) -> JsonObject {
        JsonObject::empty()
    }

    fn severity(&self) -> Severity {
        Severity::Critical
    }

    fn guards(&self, _from: LifecycleState, _to: LifecycleState) -> bool {
        true
    }

    async fn evaluate(&self, _attempt: &Attempt<'_>) -> Result<Finding, Source> {
        (self.0)()
    }
}

/// Something in the way, and how to set it up.
type Barrier = (&'static str, fn(GovernanceBuilder) -> GovernanceBuilder);

/// Everything that can be in the way.
fn barriers() -> Vec<Barrier> {
    fn two_others() -> Quorum {
        Quorum::of(2).unwrap().self_approval(governance::SelfApproval::Forbidden)
    }
    vec![
        ("a manual gate", |builder| {
            builder.approval_gate(ManualGate::new("review", Moves::all()).quorum(two_others()))
        }),
        ("a manual gate behind an open one", |builder| {
            let builder = builder.approval_gate(AutomaticGate::new("open", Moves::all()));
            builder.approval_gate(ManualGate::new("review", Moves::all()).quorum(two_others()))
        }),
        ("a gate for a role", |builder| {
            builder.approval_gate(RoleBasedGate::new("operators", Moves::all(), ["sre"]).unwrap())
        }),
        ("a gate that rejects", |builder| builder.approval_gate(Closed(|| Ok(GateDecision::reject("never"))))),
        ("a gate that fails", |builder| builder.approval_gate(Closed(|| Err("down".into())))),
        ("a policy", |builder| builder.policy(Blocking(|| Ok(Finding::not_compliant("never"))))),
        ("a policy that fails", |builder| builder.policy(Blocking(|| Err("down".into())))),
        ("a policy without telemetry", |builder| builder.policy(ErrorRate::at_most(1.0).unwrap().on([Moves::all()]))),
    ]
}

/// An experiment in this state, with version 2 of 3 in effect.
async fn placed(backplane: &Arc<dyn Backplane>, name: &str, state: LifecycleState) -> ExperimentKey {
    let key = ExperimentKey::new(name).unwrap();
    for traffic in [10, 20, 30] {
        written(backplane, &key, traffic).await;
    }
    let change = StateChange::to(state).by("setup").running_version(VersionNumber::new(2).unwrap());
    backplane.save_experiment_state(&key, change, Expected::Absent).await.unwrap();
    key
}

async fn standing(governance: &Governance, key: &ExperimentKey) -> (LifecycleState, Option<ETag>, Option<u64>) {
    let standing = governance.lifecycle().state(key).await.unwrap();
    (standing.state, standing.etag(), standing.version_in_effect().map(VersionNumber::get))
}

async fn no_path_moves_an_experiment_past_a_gate(backplane: Arc<dyn Backplane>) {
    for (barrier, set_up) in barriers() {
        // Given one barrier, and nothing else, before every move
        let builder = Governance::builder().persistence(Arc::clone(&backplane)).versioning(Versioning::Automatic);
        let governance = set_up(builder).build().unwrap();
        for from in LifecycleState::ALL {
            for to in from.successors() {
                let key = placed(&backplane, &format!("{barrier}: {from} to {to}"), from).await;
                let before = standing(&governance, &key).await;
                for path in Path::ALL {
                    // When mallory takes any path, one after the other
                    path.take(&governance, &key, *to).await;
                    // Then the experiment is where it was, and shows what it showed
                    assert_eq!(
                        standing(&governance, &key).await,
                        before,
                        "{path:?} from {from} to {to} past {barrier}"
                    );
                }
            }
        }
    }
}

async fn where_all_gates_are_open_the_same_paths_move_it(backplane: Arc<dyn Backplane>) {
    // Given no barrier but one that is open to all
    let builder = Governance::builder().persistence(Arc::clone(&backplane)).versioning(Versioning::Automatic);
    let governance = builder.approval_gate(AutomaticGate::new("open", Moves::all())).build().unwrap();
    let takes_effect = [LifecycleState::Approved, LifecycleState::Running, LifecycleState::Ramping];
    for from in LifecycleState::ALL {
        for to in from.successors() {
            for path in Path::ALL {
                // When mallory takes the path
                let key = placed(&backplane, &format!("{path:?}: {from} to {to}"), from).await;
                path.take(&governance, &key, *to).await;
                // Then those that ask for a move make it, where there is such a move; so the test above tests something
                let moves = match path {
                    Path::TransitionToAVersion => takes_effect.contains(to),
                    Path::RollbackThatMoves => from.successors().contains(&LifecycleState::RolledBack),
                    Path::RollbackAlone | Path::NewVersion | Path::Request | Path::Evaluation | Path::Definition => {
                        false
                    }
                    _ => true,
                };
                let reached = if path == Path::RollbackThatMoves { LifecycleState::RolledBack } else { *to };
                let now = standing(&governance, &key).await.0;
                assert_eq!(now, if moves { reached } else { from }, "{path:?} from {from} to {to}");
            }
        }
    }
}
