//! Plain records of every kind, each with a new id.

use super::key::unique;
use governance_persistence::{
    ApprovalRecord, ConfigurationDraft, ConfigurationVersion, Decision, Json, LifecycleState, PolicyDefinition,
    PolicyEvaluation, Record, RecordId, Severity, StateTransition, VersionNumber,
};
use serde_json::json;

/// The version number.
pub fn number(number: u64) -> VersionNumber {
    VersionNumber::new(number).expect("the number of the sample is valid")
}

/// A configuration that no other has.
pub fn configuration() -> Json {
    Json::from_value(&json!({ "variant": unique("v"), "traffic": 10 })).expect("the sample is JSON")
}

/// A transition from Draft to PendingApproval.
pub fn transition() -> StateTransition {
    StateTransition::new(LifecycleState::Draft, LifecycleState::PendingApproval, "alice")
}

/// A request for approval of a new transition.
pub fn request() -> ApprovalRecord {
    ApprovalRecord::request(LifecycleState::Running, "alice")
}

/// An approval of this transition.
pub fn approval(transition: RecordId) -> ApprovalRecord {
    ApprovalRecord::decide(transition, LifecycleState::Running, Decision::Approved, "bob")
}

/// A configuration version of this number.
pub fn version(n: u64) -> ConfigurationVersion {
    ConfigurationDraft::new(configuration(), "carol").numbered(number(n))
}

/// A definition of this policy.
pub fn definition(policy: &str) -> PolicyDefinition {
    let parameters = json!({ "limit": 0.05 }).try_into().expect("the sample is an object");
    PolicyDefinition::new(policy, "errorRate", parameters, "dave")
}

/// A favourable evaluation of this policy.
pub fn evaluation(policy: &str) -> PolicyEvaluation {
    PolicyEvaluation::new(policy, true, Severity::Info)
}

/// The name of the policy in [`one_of_each`].
pub const fn policy() -> &'static str {
    "error-rate"
}

/// One record of each kind; the version has this number.
pub fn one_of_each(version_number: u64) -> Vec<Record> {
    let transition = transition();
    let approval = approval(transition.id);
    vec![
        approval.into(),
        version(version_number).into(),
        transition.into(),
        evaluation(policy()).into(),
        definition(policy()).into(),
    ]
}
