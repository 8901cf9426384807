//! The grants that docs/sql.md gives: enough for the application, and for nobody more than that.

use crate::place::{Place, one_of_each, run, texts};
use governance_persistence::{
    Backplane, BackplaneExt, Commit, Consistency, Ephemeral, EphemeralId, EphemeralKind, Error, Expected,
    ExperimentKey, ExperimentsQuery, Filter, Json, LifecycleState, LogEntry, Sequence, StateChange, TimeToLive,
    Timestamp,
};
use governance_persistence_conformance::{Snapshot, samples};
use governance_persistence_sql::{Migrations, SqlBackplane, SqlOptions};
use sqlx::{Connection, PgConnection};
use std::time::Duration;

/// insufficient_privilege
const NO_RIGHT: &str = "42501";
const HISTORY: [&str; 6] = [
    "governance_commits",
    "state_transitions",
    "approval_records",
    "configuration_versions",
    "policy_definitions",
    "policy_evaluations",
];

/// The SQL under the heading, word for word.
fn documented() -> String {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sql.md")).unwrap();
    let (_, section) = page.split_once("\n## Grants\n").expect("docs/sql.md has a section on grants");
    let (_, block) = section.split_once("```sql\n").expect("the section has a block of SQL");
    block.split("```").next().unwrap().to_owned()
}

/// A schema in which the documented roles have their rights, under names of this test's own.
async fn granted() -> Option<Place> {
    let place = Place::with_all_or_skip().await?;
    Migrations::connect(&place.options()).await.unwrap().up(None).await.unwrap();
    let roles = ["app", "retention", "auditor"];
    let mut sql = documented().replace("SCHEMA public", &format!("SCHEMA {}", place.schema()));
    for role in roles {
        let (ours, theirs) = (format!("{}_{role}", place.schema()), format!("governance_{role}"));
        assert!(sql.contains(&theirs), "{sql}");
        sql = sql.replace(&theirs, &ours);
    }
    run(&mut place.admin().await, &sql).await.unwrap();
    for role in roles {
        place.remove_role(&format!("{}_{role}", place.schema()));
    }
    Some(place)
}

/// The URL of a new user that has this role and nothing else.
async fn url_of(place: &Place, role: &str) -> String {
    let (url, schema) = (place.user(&format!("{role}_user"), "p", "p").await, place.schema());
    let only = format!(
        "REVOKE ALL ON SCHEMA {schema} FROM {schema}_{role}_user; GRANT {schema}_{role} TO {schema}_{role}_user"
    );
    run(&mut place.admin().await, &only).await.unwrap();
    url
}

async fn client(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

async fn assert_no_right(connection: &mut PgConnection, sql: &str) {
    let Err(sqlx::Error::Database(error)) = run(connection, sql).await else { panic!("it must be refused: {sql}") };
    assert_eq!(error.code().as_deref(), Some(NO_RIGHT), "{sql}: {error}");
}

#[tokio::test]
async fn given_the_application_role_then_it_commits_and_reads_everything_and_changes_no_history() {
    let Some(place) = granted().await else { return };
    let url = url_of(&place, "app").await;
    let backplane = SqlBackplane::connect(&SqlOptions::new(&url).unwrap()).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap().in_tenant("acme").unwrap();
    let commit = one_of_each(&key, 1);
    let receipt = backplane.commit(&commit).await.unwrap();
    assert!(backplane.commit(&commit).await.unwrap().replayed);
    let full = Commit::builder(&key, Expected::At(receipt.sequence))
        .state(samples::full_state(Timestamp::UNIX_EPOCH))
        .records(samples::full_records(2, Timestamp::UNIX_EPOCH))
        .build()
        .unwrap();
    backplane.commit(&full).await.unwrap();
    let draft = StateChange::to(LifecycleState::Draft);
    backplane.save_experiment_state(&key, draft.clone(), Expected::Absent).await.unwrap_err();
    assert_eq!(Snapshot::of(&backplane, &key).await.log.len(), 2);
    let all = ExperimentsQuery::new(Filter::Any);
    assert_eq!(backplane.experiments(&all, Consistency::Strong).await.unwrap().items.len(), 1);
    let other = ExperimentKey::new("copied").unwrap();
    let copied = one_of_each(&other, 1);
    let entry = LogEntry::of(&copied, Sequence::new(1).unwrap(), receipt.recorded_at);
    backplane.replicate(&entry).await.unwrap();
    let (kind, id) = (EphemeralKind::new("k").unwrap(), EphemeralId::new("i").unwrap());
    let minute = TimeToLive::new(Duration::from_secs(60)).unwrap();
    backplane.put(&key, &kind, &id, &Json::parse("1").unwrap(), minute).await.unwrap();
    assert!(backplane.get(&key, &kind, &id).await.unwrap().is_some());
    assert!(backplane.remove(&key, &kind, &id).await.unwrap());

    let mut client = client(&url).await;
    for table in HISTORY {
        assert_no_right(&mut client, &format!("UPDATE {table} SET sequence = sequence")).await;
        assert_no_right(&mut client, &format!("DELETE FROM {table}")).await;
        assert_no_right(&mut client, &format!("TRUNCATE {table}")).await;
        assert_no_right(&mut client, &format!("ALTER TABLE {table} DISABLE TRIGGER ALL")).await;
    }
    for sql in [
        "UPDATE experiment_states SET pruned_through = 1",
        "UPDATE experiment_states SET name = 'another'",
        "DELETE FROM experiment_states",
        "INSERT INTO governance_migrations VALUES ('x', 0)",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (n int)",
    ] {
        assert_no_right(&mut client, sql).await;
    }
    // What the backplane may not do, it says so.
    let migrations = Migrations::connect(&SqlOptions::new(&url).unwrap()).await.unwrap();
    let error = migrations.down(1).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }) && error.to_string().contains("docs/sql.md"), "{error:?}");
}

#[tokio::test]
async fn given_the_retention_role_then_it_deletes_what_it_has_pruned_and_writes_nothing() {
    let Some(place) = granted().await else { return };
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap();
    for version in 1..=2 {
        backplane.commit(&one_of_each(&key, version)).await.unwrap();
    }
    let mut client = client(&url_of(&place, "retention").await).await;
    run(&mut client, "UPDATE experiment_states SET pruned_through = 1").await.unwrap();
    for table in HISTORY.into_iter().rev() {
        assert_eq!(run(&mut client, &format!("DELETE FROM {table} WHERE sequence = 1")).await.unwrap(), 1, "{table}");
        run(&mut client, &format!("DELETE FROM {table} WHERE sequence = 2")).await.unwrap_err();
        assert_no_right(&mut client, &format!("INSERT INTO {table} SELECT * FROM {table}")).await;
        assert_no_right(&mut client, &format!("UPDATE {table} SET sequence = sequence")).await;
    }
    for sql in ["UPDATE experiment_states SET sequence = 7", "DELETE FROM experiment_states"] {
        assert_no_right(&mut client, sql).await;
    }
}

/// Everybody may make temporary tables by default, and their names come before all others.
#[tokio::test]
async fn given_a_temporary_table_of_heads_that_are_pruned_when_history_is_deleted_then_the_database_refuses() {
    let Some(place) = granted().await else { return };
    let key = ExperimentKey::new("checkout").unwrap();
    place.connect().await.commit(&one_of_each(&key, 1)).await.unwrap();
    let mut client = client(&url_of(&place, "retention").await).await;
    let shadow = "CREATE TEMP TABLE experiment_states (id bigint, pruned_through bigint)";
    run(&mut client, shadow).await.unwrap();
    let heads = format!("SELECT id, 9007199254740991 FROM {}.experiment_states", place.schema());
    assert_eq!(run(&mut client, &format!("INSERT INTO experiment_states {heads}")).await.unwrap(), 1);
    for path in [place.schema().to_owned(), format!("pg_temp, {}", place.schema())] {
        run(&mut client, &format!("SET search_path = {path}")).await.unwrap();
        for table in HISTORY.into_iter().rev() {
            let error = run(&mut client, &format!("DELETE FROM {table}")).await.unwrap_err().to_string();
            assert!(error.contains("only retention deletes rows"), "{table}: {error}");
        }
    }
}

#[tokio::test]
async fn given_the_auditor_role_then_it_reads_the_view_and_nothing_else() {
    let Some(place) = granted().await else { return };
    let key = ExperimentKey::new("checkout").unwrap();
    place.connect().await.commit(&one_of_each(&key, 1)).await.unwrap();
    let mut client = client(&url_of(&place, "auditor").await).await;
    assert_eq!(texts(&mut client, "SELECT kind FROM governance_audit").await.len(), 6);
    for table in HISTORY.into_iter().chain(["experiment_states", "governance_ephemerals"]) {
        assert_no_right(&mut client, &format!("SELECT count(*) FROM {table}")).await;
        assert_no_right(&mut client, &format!("DELETE FROM {table}")).await;
    }
}
