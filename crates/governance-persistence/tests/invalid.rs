//! Bad input: refused before any I/O, with every fault named, at and over each limit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use governance_persistence::{
    ApprovalRecord, Commit, CommitBuilder, ConfigurationDraft, ContentHash, Cursor, Decision, Error, Expected,
    ExperimentKey, HistoryQuery, Json, JsonObject, LifecycleState, PageSize, PolicyEvaluation, RecordId, RecordKind,
    Result, Severity, StateChange, StateTransition, TimeToLive, VersionNumber, limits,
};
use serde_json::json;
use std::time::Duration;

fn key() -> ExperimentKey {
    ExperimentKey::new("checkout").unwrap()
}

fn commit() -> CommitBuilder {
    Commit::builder(&key(), Expected::Any)
}

fn transition(actor: &str) -> StateTransition {
    StateTransition::new(LifecycleState::Draft, LifecycleState::Archived, actor)
}

/// The faulty fields, in order.
fn fields<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result.expect_err("this is invalid") {
        Error::Invalid(invalid) => invalid.faults().iter().map(|fault| fault.field.clone()).collect(),
        other => panic!("{other:?} is not Invalid"),
    }
}

#[test]
fn given_a_commit_with_many_faults_when_it_is_built_then_all_are_named_at_once() {
    let twice = RecordId::new();
    let undecided = ApprovalRecord::decide(RecordId::new(), LifecycleState::Approved, Decision::Pending, "bob");
    let bad_hash: ContentHash = "0".repeat(64).parse().unwrap();
    let built = commit()
        .state(StateChange::to(LifecycleState::Running).by(" alice"))
        .record(transition("a\nb").with_id(twice).with_reason(""))
        .record(transition("alice").with_id(twice))
        .record(undecided)
        .record(
            ConfigurationDraft::hashed(Json::parse("{}").unwrap(), bad_hash, "carol").numbered(VersionNumber::FIRST),
        )
        .record(ConfigurationDraft::new(Json::parse("{}").unwrap(), "").numbered(VersionNumber::new(3).unwrap()))
        .build();
    assert_eq!(
        fields(built),
        [
            "state.lastModifiedBy",
            "records[0].transition.actor",
            "records[0].transition.reason",
            "records[2].approval.approver",
            "records[3].version.hash",
            "records[4].version.createdBy",
            "records[1].transition.id",
            "records[4].version.number",
        ]
    );
}

#[test]
fn given_texts_at_and_over_their_limits_then_only_the_longer_are_refused() {
    let label = |over| "é".repeat(limits::MAX_LABEL_CHARS + over);
    let prose = |over| "é".repeat(limits::MAX_PROSE_CHARS + over);
    let build = |actor: &str, reason: &str| commit().record(transition(actor).with_reason(reason)).build();
    build(&label(0), &prose(0)).unwrap();
    assert_eq!(fields(build(&label(1), &prose(1))), ["records[0].transition.actor", "records[0].transition.reason"]);

    let part = |over| "é".repeat(limits::MAX_SCOPE_CHARS + over);
    let name = |over| "é".repeat(limits::MAX_NAME_CHARS + over);
    ExperimentKey::from_parts(Some(&part(0)), Some(&part(0)), &name(0)).unwrap();
    let over = ExperimentKey::from_parts(Some(&part(1)), Some(&part(1)), &name(1));
    assert_eq!(fields(over), ["tenant", "environment", "name"]);
}

#[test]
fn given_a_thousand_records_then_one_more_is_refused() {
    let records = |count| commit().records((0..count).map(|_| transition("alice"))).build();
    records(limits::MAX_RECORDS).unwrap();
    assert_eq!(fields(records(limits::MAX_RECORDS + 1)), ["records"]);
}

#[test]
fn given_a_commit_of_one_mebibyte_then_one_more_byte_is_refused() {
    let id = RecordId::new();
    let commit_id = governance_persistence::CommitId::new();
    let evaluation = |bytes: usize| {
        let metadata = JsonObject::try_from(json!({"x": "x".repeat(bytes)})).unwrap();
        PolicyEvaluation::new("p", true, Severity::Info).with_id(id).with_metadata(metadata)
    };
    let build = |bytes: usize| commit().id(commit_id).record(evaluation(bytes)).build();
    let over = build(limits::MAX_COMMIT_BYTES).unwrap_err().to_string();
    // The error tells the size, from which follows what fits exactly.
    let size: usize = over.split_once("has ").unwrap().1.split_once(' ').unwrap().0.parse().unwrap();
    let fits = 2 * limits::MAX_COMMIT_BYTES - size;
    build(fits).unwrap();
    assert_eq!(fields(build(fits + 1)), ["commit"]);
}

#[test]
fn given_an_empty_commit_then_it_is_refused() {
    assert_eq!(fields(commit().build()), ["commit"]);
}

#[test]
fn given_an_approval_that_contradicts_itself_then_it_is_refused() {
    let mut nobody = ApprovalRecord::decide(RecordId::new(), LifecycleState::Approved, Decision::Approved, "bob");
    nobody.approver = None;
    let mut unasked = ApprovalRecord::request(LifecycleState::Approved, "alice");
    unasked.requested_by = None;
    let mut half = ApprovalRecord::request(LifecycleState::Approved, "alice");
    half.configuration_version = Some(VersionNumber::FIRST);
    for (record, field) in [(nobody, "approver"), (unasked, "requestedBy"), (half, "configurationVersion")] {
        assert_eq!(fields(commit().record(record).build()), [format!("records[0].approval.{field}")]);
    }
}

#[test]
fn given_a_rollback_that_does_not_go_back_then_it_is_refused() {
    let number = |n| VersionNumber::new(n).unwrap();
    let first = ConfigurationDraft::new(Json::parse("{}").unwrap(), "alice").numbered(number(5));
    let forward = ConfigurationDraft::rollback(&first, number(6), "bob").numbered(number(5));
    let built = commit().record(forward).build();
    assert_eq!(fields(built), ["records[0].version.restoredVersion", "records[0].version.rolledBackFrom"]);
}

#[test]
fn given_malformed_scalars_then_each_says_what_would_be_right() {
    for (error, words) in [
        (PageSize::new(0).unwrap_err(), "1 to 1000"),
        (PageSize::new(1_001).unwrap_err(), "1 to 1000"),
        (VersionNumber::new(0).unwrap_err(), "from 1 to 9007199254740991"),
        ("v1".parse::<VersionNumber>().unwrap_err(), "a whole number"),
        ("abc".parse::<ContentHash>().unwrap_err(), "64 hexadecimal digits"),
        ("Launched".parse::<LifecycleState>().unwrap_err(), "Draft, PendingApproval"),
        ("next page please".parse::<Cursor>().unwrap_err(), "`next` of a page"),
        ("AAAA".parse::<Cursor>().unwrap_err(), "`next` of a page"),
        (TimeToLive::new(Duration::ZERO).unwrap_err(), "at most 366 days"),
        (TimeToLive::new(TimeToLive::MAX.get() + Duration::from_nanos(1)).unwrap_err(), "at most 366 days"),
        (Json::parse("{\"a\":1,}").unwrap_err(), "RFC 8259"),
    ] {
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn given_a_cursor_then_it_serves_its_own_query_only_and_survives_text() {
    let query = HistoryQuery::new(RecordKind::Approval);
    let place = governance_persistence::Place::new(governance_persistence::Sequence::new(7).unwrap(), 3);
    let cursor: Cursor = query.cursor(&key(), place).to_string().parse().unwrap();
    assert_eq!(query.clone().starting_at(cursor.clone()).after(&key()).unwrap(), Some(place));

    let other_kind = HistoryQuery::new(RecordKind::Version).starting_at(cursor.clone());
    let other_direction = query.clone().newest_first().starting_at(cursor.clone());
    for other in [other_kind, other_direction] {
        assert_eq!(fields(other.after(&key())), ["cursor"]);
    }
    let other_tenant = key().in_tenant("acme").unwrap();
    assert_eq!(fields(query.starting_at(cursor).after(&other_tenant)), ["cursor"]);
}

#[test]
fn given_stored_text_that_is_not_canonical_when_it_goes_into_a_commit_then_it_is_refused() {
    let nested = "[".repeat(31) + &"]".repeat(31);
    for text in [
        "{\"b\":1, \"a\":2}",
        "{\"a\":1.0}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":1,\"a\":1}",
        &format!("{{\"a\":{nested}}}"),
    ] {
        let metadata = JsonObject::try_from(Json::from_canonical(text.to_owned()).unwrap()).unwrap();
        let built = commit().record(transition("alice").with_metadata(metadata.clone())).build();
        assert_eq!(fields(built), ["records[0].transition.metadata"], "{text}");
        let state = StateChange::to(LifecycleState::Draft).with_metadata(metadata);
        assert_eq!(fields(commit().state(state).build()), ["state.metadata"], "{text}");
    }
}

#[test]
fn given_a_range_of_time_beyond_the_ends_of_time_then_it_is_empty() {
    use governance_persistence::Timestamp;
    use std::ops::Bound;
    let after_the_end = (Bound::Excluded(Timestamp::MAX), Bound::Unbounded);
    let (from, until) = HistoryQuery::new(RecordKind::Approval).recorded(after_the_end).recorded_range();
    assert!(from > until);
    let (from, until) = HistoryQuery::new(RecordKind::Approval).recorded(..Timestamp::MIN).recorded_range();
    assert!(from > until);
}
