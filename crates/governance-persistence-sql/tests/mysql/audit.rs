//! The audit view, for people with a SQL client.

use crate::place::{Place, one_of_each};
use governance_persistence::{Backplane, Commit, Expected, ExperimentKey, StateChange, Timestamp};
use governance_persistence_conformance::samples;
use serde_json::Value;
use sqlx::Row;
use sqlx::mysql::MySqlRow;

async fn rows(place: &Place) -> Vec<MySqlRow> {
    let rows = "SELECT * FROM governance_audit ORDER BY sequence, ordinal IS NOT NULL, ordinal";
    sqlx::query(rows).fetch_all(&mut place.plain().await).await.unwrap()
}

fn content(row: &MySqlRow) -> Value {
    // MySQL says that it is JSON, MariaDB that it is text.
    let text: String = row.get_unchecked("content");
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn given_every_kind_of_record_when_the_view_is_read_then_it_shows_who_did_what_and_when() {
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
        let change: StateChange = serde_json::from_value(content(&state)).unwrap();
        assert_eq!(Some(&change), commit.state());
        assert_eq!(state.get::<String, _>("kind"), "state");
        assert_eq!(state.get::<Option<String>, _>("actor"), change.last_modified_by);
        for (ordinal, record) in commit.records().iter().enumerate() {
            let row = rows.next().unwrap();
            assert_eq!(row.get::<Option<String>, _>("tenant").as_deref(), Some("acme"));
            assert_eq!(row.get::<Option<String>, _>("environment"), None);
            assert_eq!(row.get::<String, _>("name"), "checkout");
            assert_eq!(row.get::<i64, _>("sequence").cast_unsigned(), receipt.sequence.get());
            assert_eq!(usize::try_from(row.get::<i64, _>("ordinal")), Ok(ordinal));
            assert_eq!(row.get::<String, _>("kind"), record.kind().as_str());
            assert_eq!(row.get::<String, _>("id"), record.id().to_string());
            assert_eq!(row.get::<String, _>("commit_id"), receipt.commit_id.to_string());
            assert_eq!(row.get::<String, _>("recorded_at"), receipt.recorded_at.to_string());
            let shown = content(&row);
            let written = serde_json::to_value(record).unwrap();
            for name in ["metadata", "configuration", "parameters", "isRollback", "enabled", "compliant", "reason"] {
                if let Some(value) = written.get(name) {
                    assert_eq!(shown.get(name), Some(value), "{name} of {shown}");
                }
            }
        }
    }
    assert!(rows.next().is_none());
}

#[tokio::test]
async fn given_instants_before_1970_and_far_from_it_when_the_view_is_read_then_they_are_right_to_the_microsecond() {
    let Some(place) = Place::or_skip().await else { return };
    let backplane = place.connect().await;
    let key = ExperimentKey::new("old").unwrap();
    let instants: Vec<_> =
        samples::odd_instants().into_iter().chain([Timestamp::from_unix_micros(-1).unwrap()]).collect();
    let records = instants.iter().map(|at| samples::transition().at(*at));
    backplane.commit(&Commit::builder(&key, Expected::Any).records(records).build().unwrap()).await.unwrap();

    let shown: Vec<String> = rows(&place).await.iter().map(|row| row.get("timestamp")).collect();
    assert_eq!(shown, instants.iter().map(ToString::to_string).collect::<Vec<_>>());
}
