//! Records and states with every optional field set, and with none, at instants and in words that
//! are hard to keep.

use super::json::{odd_json, odd_object};
use super::record::{number, request};
use governance_persistence::{
    ApprovalRecord, ConfigurationDraft, ConfigurationVersion, Decision, Json, JsonObject, LifecycleState,
    PolicyDefinition, PolicyEvaluation, Record, RecordId, Severity, StateChange, StateTransition, Timestamp,
};

/// Instants that engines like to lose: the ends of time, before 1970, beyond 2038, one microsecond.
pub fn odd_instants() -> Vec<Timestamp> {
    let text = [
        "1969-12-31T23:59:59.999999Z",
        "1582-10-10T00:00:00.000001Z",
        "2038-01-19T03:14:08Z",
        "2150-02-28T12:00:00.123456Z",
    ];
    let parsed = text.iter().map(|text| text.parse().expect("the sample is an instant"));
    [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH].into_iter().chain(parsed).collect()
}

/// Words of several lines and scripts.
pub fn odd_prose() -> String {
    "Grüße, 日本語, 👩‍👩‍👧 and \u{202e}right to left;\r\n\t'single' \"double\" `back` \\ -- ; DROP TABLE %s {0} $1 :x ?"
        .to_owned()
}

/// A state with every field set.
pub fn full_state(at: Timestamp) -> StateChange {
    StateChange::to(LifecycleState::Ramping)
        .by("Zoë O'Brien 😀")
        .running_version(number(9_007_199_254_740_991))
        .with_metadata(odd_object())
        .at(at)
}

/// One record of each kind and several approvals, with every optional field set. The versions are
/// `first` and the one after it, a rollback.
pub fn full_records(first: u64, at: Timestamp) -> Vec<Record> {
    let transition = full_transition(at);
    let original = full_version(first, at);
    let about = original.reference();
    let decided = |decision| {
        let approval = ApprovalRecord::decide(transition.id, LifecycleState::Running, decision, "Zoë O'Brien 😀");
        approval.with_requester("alice").about(about).at(at)
    };
    let approvals = [decided(Decision::Approved), decided(Decision::Rejected), request().about(about).at(at)];
    let mut records: Vec<Record> = approvals.into_iter().map(full_approval).map(Record::from).collect();
    records.push(full_rollback(&original, at).into());
    records.insert(1, original.into());
    records.push(transition.into());
    records.push(full_definition(at).into());
    records.extend(Severity::ALL.into_iter().map(|severity| Record::from(full_evaluation(severity, at))));
    records
}

fn full_transition(at: Timestamp) -> StateTransition {
    StateTransition::new(LifecycleState::Running, LifecycleState::RolledBack, "Zoë O'Brien 😀")
        .with_reason(odd_prose())
        .with_metadata(odd_object())
        .at(at)
}

fn full_approval(approval: ApprovalRecord) -> ApprovalRecord {
    approval
        .leaving(LifecycleState::Paused)
        .with_gate("two-person rule: ✔✔")
        .with_reason(odd_prose())
        .with_metadata(odd_object())
}

fn full_version(n: u64, at: Timestamp) -> ConfigurationVersion {
    let draft = ConfigurationDraft::new(odd_json(), "Zoë O'Brien 😀").with_description(odd_prose());
    draft.in_state(LifecycleState::Approved).with_metadata(odd_object()).at(at).numbered(number(n))
}

fn full_rollback(original: &ConfigurationVersion, at: Timestamp) -> ConfigurationVersion {
    let next = original.number.next().expect("there is a number after the sample's");
    let draft = ConfigurationDraft::rollback(original, original.number, "carol").with_description(odd_prose());
    draft.in_state(LifecycleState::RolledBack).with_metadata(odd_object()).at(at).numbered(next)
}

fn full_definition(at: Timestamp) -> PolicyDefinition {
    PolicyDefinition::new("latency: p99 < 200 ms", "sql'injection\"", odd_object(), "Zoë O'Brien 😀")
        .with_version(number(9_007_199_254_740_991))
        .disabled()
        .with_metadata(odd_object())
        .at(at)
}

fn full_evaluation(severity: Severity, at: Timestamp) -> PolicyEvaluation {
    PolicyEvaluation::new("latency: p99 < 200 ms", severity == Severity::Info, severity)
        .with_reason(odd_prose())
        .between(LifecycleState::Running, LifecycleState::Ramping)
        .with_metadata(odd_object())
        .at(at)
}

/// One record of each kind with no optional field set. The version has the number `n`, and a
/// configuration that is no object.
pub fn sparse_records(n: u64) -> Vec<Record> {
    let configuration = Json::parse("null").expect("the sample is JSON");
    vec![
        StateTransition::new(LifecycleState::Archived, LifecycleState::Archived, "a").into(),
        ApprovalRecord::decide(RecordId::new(), LifecycleState::Draft, Decision::Rejected, "b").into(),
        ConfigurationDraft::new(configuration, "c").numbered(number(n)).into(),
        PolicyDefinition::new("d", "e", JsonObject::empty(), "f").into(),
        PolicyEvaluation::new("g", false, Severity::Critical).into(),
    ]
}
