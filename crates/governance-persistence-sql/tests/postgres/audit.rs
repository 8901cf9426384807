//! The audit view, for people with a SQL client.

use crate::place::{Place, one_of_each, texts};
use governance_persistence::{Backplane, Commit, Expected, ExperimentKey, Record, StateChange, Timestamp};
use governance_persistence_conformance::samples;
use serde_json::{Value, json};

/// A row as one JSON object.
const ROWS: &str = "SELECT row_to_json(a)::text FROM governance_audit a ORDER BY sequence, ordinal NULLS FIRST";

async fn rows(place: &Place) -> Vec<Value> {
    let rows = texts(&mut place.plain().await, ROWS).await;
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

/// Who acted, and when by their own clock.
fn actor_and_time(record: &Record) -> (Option<&str>, Timestamp) {
    match record {
        Record::Transition(transition) => (Some(&transition.actor), transition.timestamp),
        Record::Approval(approval) => {
            (approval.approver.as_deref().or(approval.requested_by.as_deref()), approval.timestamp)
        }
        Record::Version(version) => (Some(&version.created_by), version.created_at),
        Record::Definition(definition) => (Some(&definition.actor), definition.timestamp),
        Record::Evaluation(evaluation) => (None, evaluation.timestamp),
    }
}

/// What the view shows as columns of their own, or by the row's kind.
const ELSEWHERE: [&str; 5] = ["id", "timestamp", "createdAt", "actor", "createdBy"];

fn assert_shown(row: &Value, key: &ExperimentKey, record: &Record, ordinal: usize) {
    let (actor, at) = actor_and_time(record);
    assert_eq!(row["tenant"], json!(key.tenant()));
    assert_eq!(row["environment"], json!(key.environment()));
    assert_eq!(row["name"], json!(key.name()));
    assert_eq!(row["kind"], json!(record.kind().as_str()));
    assert_eq!(row["ordinal"], json!(ordinal));
    assert_eq!(row["id"], json!(record.id().to_string()));
    assert_eq!(row["actor"], json!(actor), "{row}");
    assert_eq!(row["timestamp"], json!(at.to_string()));
    let shown = row["content"].as_object().unwrap();
    // Each member of the record is there, and what the view adds is nothing.
    let committed = record_alone(record);
    for (name, value) in committed.iter().filter(|(name, _)| !ELSEWHERE.contains(&name.as_str())) {
        assert_eq!(shown.get(name), Some(value), "{name} of {row}");
    }
    for (name, value) in shown {
        assert!(*value == Value::Null || committed.contains_key(name), "{name} of {row}");
    }
}

/// A record as the core writes it, without the word for its kind.
fn record_alone(record: &Record) -> serde_json::Map<String, Value> {
    let record = match record {
        Record::Transition(record) => serde_json::to_value(record),
        Record::Approval(record) => serde_json::to_value(record),
        Record::Version(record) => serde_json::to_value(record),
        Record::Definition(record) => serde_json::to_value(record),
        Record::Evaluation(record) => serde_json::to_value(record),
    };
    record.unwrap().as_object().unwrap().clone()
}

#[tokio::test]
async fn given_every_kind_of_record_when_the_view_is_read_then_it_shows_what_was_committed() {
    let Some(place) = Place::or_skip().await else { return };
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap().in_tenant("acme").unwrap();
    let full = Commit::builder(&key, Expected::Any)
        .state(samples::full_state(Timestamp::UNIX_EPOCH))
        .records(samples::full_records(2, Timestamp::UNIX_EPOCH))
        .build()
        .unwrap();
    let commits = [one_of_each(&key, 1), full];
    let mut receipts = Vec::new();
    for commit in &commits {
        receipts.push(backplane.commit(commit).await.unwrap());
    }

    let mut rows = rows(&place).await.into_iter();
    for (commit, receipt) in commits.iter().zip(&receipts) {
        let state = rows.next().unwrap();
        assert_eq!((&state["kind"], &state["ordinal"]), (&json!("state"), &Value::Null));
        let change: StateChange = serde_json::from_value(state["content"].clone()).unwrap();
        assert_eq!(Some(&change), commit.state());
        assert_eq!(state["actor"], json!(change.last_modified_by));
        for (ordinal, record) in commit.records().iter().enumerate() {
            let row = rows.next().unwrap();
            assert_shown(&row, &key, record, ordinal);
            assert_eq!(row["sequence"], json!(receipt.sequence.get()));
            assert_eq!(row["commit_id"], json!(receipt.commit_id.to_string()));
            assert_eq!(row["recorded_at"], json!(receipt.recorded_at.to_string()));
        }
    }
    assert_eq!(rows.next(), None);
}

#[tokio::test]
async fn given_instants_before_1970_and_far_from_it_when_the_view_is_read_then_they_are_right_to_the_microsecond() {
    let Some(place) = Place::or_skip().await else { return };
    let backplane = place.connect().await;
    let key = ExperimentKey::new("old").unwrap();
    let instants: Vec<_> =
        samples::odd_instants().into_iter().chain([Timestamp::from_unix_micros(-1).unwrap()]).collect();
    let records = instants.iter().map(|at| samples::transition().at(*at));
    let commit = Commit::builder(&key, Expected::Any).records(records).build().unwrap();
    backplane.commit(&commit).await.unwrap();

    let shown: Vec<_> = rows(&place).await.into_iter().map(|row| row["timestamp"].clone()).collect();
    let expected: Vec<_> = instants.iter().map(|at| json!(at.to_string())).collect();
    assert_eq!(shown, expected);
}
