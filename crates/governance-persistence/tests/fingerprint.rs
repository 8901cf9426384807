//! The fingerprint is for ever: what was committed years ago must verify still.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use governance_persistence::{
    ApprovalRecord, Commit, ConfigurationDraft, Decision, Expected, ExperimentKey, Json, JsonObject, LifecycleState,
    LogEntry, PolicyDefinition, PolicyEvaluation, Record, Sequence, Severity, StateChange, StateTransition, Timestamp,
    VersionNumber,
};
use serde_json::json;

fn id<T: From<uuid::Uuid>>(number: u128) -> T {
    uuid::Uuid::from_u128(number).into()
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_unix_micros(1_767_225_600_000_000 + micros).unwrap()
}

fn metadata() -> JsonObject {
    json!({"z": 1.0, "a": {"exact": 18_446_744_073_709_551_615_u64, "é": [null, -0.0, 1e21]}}).try_into().unwrap()
}

/// A commit that uses every field of every record.
fn commit() -> Commit {
    use LifecycleState::{Approved, Draft, PendingApproval, Running};
    let key = ExperimentKey::new("checkout").unwrap().in_tenant("acme").unwrap().in_environment("prod").unwrap();
    let configuration = Json::parse(r#"{"traffic": 12.50, "variants": ["a", "b"]}"#).unwrap();
    let first = ConfigurationDraft::new(configuration, "alice")
        .with_id(id(1))
        .with_description("first\nlines")
        .in_state(Draft)
        .with_metadata(metadata())
        .at(at(1))
        .numbered(VersionNumber::new(7).unwrap());
    let second = ConfigurationDraft::rollback(&first, first.number, "bob")
        .with_id(id(2))
        .at(at(2))
        .numbered(VersionNumber::new(8).unwrap());
    let approval = ApprovalRecord::decide(id(4), Approved, Decision::Approved, "carol")
        .with_id(id(3))
        .leaving(PendingApproval)
        .with_gate("manual")
        .with_requester("alice")
        .with_reason("looks good")
        .about(first.reference())
        .with_metadata(metadata())
        .at(at(3));
    let parameters = json!({"maxErrorRate": 0.05}).try_into().unwrap();
    Commit::builder(&key, Expected::Absent)
        .id(id(100))
        .state(StateChange::to(Running).by("alice").running_version(second.number).with_metadata(metadata()).at(at(0)))
        .record(first)
        .record(second)
        .record(approval)
        .record(
            StateTransition::new(Approved, Running, "alice")
                .with_id(id(4))
                .with_reason("\"go\"\t\\")
                .with_metadata(metadata())
                .at(at(4)),
        )
        .record(PolicyDefinition::new("errors", "errorRate", parameters, "dave").with_id(id(5)).disabled().at(at(5)))
        .record(
            PolicyEvaluation::new("errors", false, Severity::Critical)
                .with_id(id(6))
                .with_reason("7 %")
                .between(Approved, Running)
                .with_metadata(metadata())
                .at(at(6)),
        )
        .build()
        .unwrap()
}

#[test]
fn given_a_known_commit_then_its_fingerprint_is_the_one_it_always_had() {
    assert_eq!(commit().fingerprint().to_string(), "39aec77bd8b587019947261ffacc86aa37509d84e8eaddfb6ffbd1e3cd42e5b1");
}

#[test]
fn given_any_record_or_state_then_the_json_that_is_written_is_canonical() {
    let commit = commit();
    let canonical = |json: &str| Json::parse(json).unwrap().as_str().to_owned();
    for record in commit.records() {
        let json = serde_json::to_string(record).unwrap();
        assert_eq!(json, canonical(&json));
        assert_eq!(&serde_json::from_str::<Record>(&json).unwrap(), record);
    }
    let state = serde_json::to_string(commit.state().unwrap()).unwrap();
    assert_eq!(state, canonical(&state));
    let entry = serde_json::to_string(&LogEntry::of(&commit, Sequence::ZERO.next(), at(9))).unwrap();
    assert_eq!(entry, canonical(&entry));
}

#[test]
fn given_a_commit_when_it_is_kept_as_json_then_what_is_read_back_is_the_same_commit() {
    let commit = commit();
    let kept = serde_json::to_string(&commit).unwrap();
    let again: Commit = serde_json::from_str(&kept).unwrap();
    assert_eq!((again.id(), again.expected()), (commit.id(), commit.expected()));
    assert_eq!(again.fingerprint(), commit.fingerprint());
    let wrong = kept.replace("\"actor\":\"alice\"", "\"actor\":\" alice\"");
    assert!(serde_json::from_str::<Commit>(&wrong).unwrap_err().to_string().contains("actor"));
}

#[test]
fn given_an_entry_when_any_part_of_it_is_changed_then_it_does_not_verify() {
    let entry = LogEntry::of(&commit(), Sequence::ZERO.next(), at(9));
    entry.verify().unwrap();
    let text = serde_json::to_string(&entry).unwrap();
    for (from, to) in [
        ("\"name\":\"checkout\"", "\"name\":\"Checkout\""),
        (",\"tenant\":\"acme\"", ""),
        ("\"approver\":\"carol\"", "\"approver\":\"mallory\""),
        ("\"compliant\":false", "\"compliant\":true"),
        ("2026-01-01T00:00:00.000004Z", "2026-01-01T00:00:00.000005Z"),
        ("18446744073709551615", "18446744073709551614"),
        ("\"lifecycleState\":\"Running\"", "\"lifecycleState\":\"Paused\""),
        ("\"traffic\":12.5", "\"traffic\":13"),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from} is not in it");
        let changed: LogEntry = serde_json::from_str(&changed).unwrap();
        assert!(changed.verify().is_err(), "{from}");
    }
}
