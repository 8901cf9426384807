//! The audit view, for people with a SQL client.

use crate::place::{Place, one_of_each};
use governance_persistence::{Backplane, ExperimentKey, Timestamp};

#[tokio::test]
async fn given_history_when_the_audit_view_is_read_then_it_shows_who_did_what_and_when() {
    let place = Place::new();
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap().in_tenant("acme").unwrap();
    let commit = one_of_each(&key, 1);
    let receipt = backplane.commit(&commit).await.unwrap();

    let plain = place.plain();
    let mut select = plain
        .prepare(
            "SELECT tenant, environment, name, sequence, kind, actor, recorded_at, timestamp, content, commit_id \
             FROM governance_audit ORDER BY ordinal",
        )
        .unwrap();
    let rows: Vec<_> = select
        .query_map([], |row| {
            assert_eq!(row.get::<_, Option<String>>("tenant")?.as_deref(), Some("acme"));
            assert_eq!(row.get::<_, Option<String>>("environment")?, None);
            assert_eq!(row.get::<_, String>("name")?, "checkout");
            assert_eq!(row.get::<_, i64>("sequence")?, 1);
            assert_eq!(row.get::<_, String>("commit_id")?, receipt.commit_id.to_string());
            assert_eq!(row.get::<_, String>("recorded_at")?, receipt.recorded_at.to_string());
            let timestamp = row.get::<_, String>("timestamp")?;
            assert_eq!(timestamp.parse::<Timestamp>().unwrap().to_string(), timestamp);
            let content = row.get::<_, String>("content")?;
            assert!(serde_json::from_str::<serde_json::Value>(&content).unwrap().is_object());
            row.get::<_, String>("kind")
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();

    let kinds = commit.records().iter().map(|record| record.kind().as_str());
    assert_eq!(rows, std::iter::once("state").chain(kinds).collect::<Vec<_>>());
}

#[tokio::test]
async fn given_an_instant_before_1970_when_the_audit_view_is_read_then_it_is_right_to_the_microsecond() {
    let place = Place::new();
    let backplane = place.connect().await;
    let key = ExperimentKey::new("old").unwrap();
    let at = Timestamp::from_unix_micros(-1).unwrap();
    let transition = governance_persistence_conformance::samples::transition().at(at);
    let commit = governance_persistence::Commit::builder(&key, governance_persistence::Expected::Any);
    backplane.commit(&commit.record(transition).build().unwrap()).await.unwrap();

    let shown: String =
        place.plain().query_row("SELECT timestamp FROM governance_audit", [], |row| row.get(0)).unwrap();
    assert_eq!(shown, at.to_string());
}
