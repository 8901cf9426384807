//! The grants that docs/mysql.md gives: enough for the application, and for nobody more than that.

use crate::place::{Place, one_of_each, run, texts};
use governance_persistence::{
    Backplane, Commit, Consistency, Ephemeral, EphemeralId, EphemeralKind, Error, Expected, ExperimentKey,
    ExperimentsQuery, Filter, Json, LogEntry, Sequence, TimeToLive, Timestamp,
};
use governance_persistence_conformance::{Snapshot, samples};
use governance_persistence_sql::{Migrations, SqlBackplane, SqlOptions};
use sqlx::{Connection, MySqlConnection};
use std::time::Duration;

const HISTORY: [&str; 6] = [
    "governance_commits",
    "state_transitions",
    "approval_records",
    "configuration_versions",
    "policy_definitions",
    "policy_evaluations",
];
const ACCOUNTS: [&str; 3] = ["app", "retention", "auditor"];

/// The SQL under the heading, word for word.
fn documented() -> String {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mysql.md")).unwrap();
    let (_, section) = page.split_once("\n## Grants\n").expect("docs/mysql.md has a section on grants");
    let (_, block) = section.split_once("```sql\n").expect("the section has a block of SQL");
    block.split("```").next().unwrap().to_owned()
}

/// A database in which the documented accounts have their rights, under names of this test's own.
struct Granted {
    place: Place,
    prefix: String,
}

impl Granted {
    async fn new() -> Option<Self> {
        let place = Place::with_all_or_skip().await?;
        Migrations::connect(&place.options()).await.unwrap().up(None).await.unwrap();
        let prefix = format!("g{}", &place.database()[place.database().len() - 12..]);
        let mut sql = documented().replace(" governance.", &format!(" {}.", place.database()));
        for account in ACCOUNTS {
            assert!(sql.contains(&format!("governance_{account}@")), "{sql}");
            sql = sql.replace(&format!("governance_{account}@'%'"), &format!("{prefix}_{account}@127.0.0.1"));
        }
        run(&mut place.admin().await, &sql).await.unwrap();
        Some(Self { place, prefix })
    }

    fn url(&self, account: &str) -> String {
        let user = format!("{}_{account}:choose%20one@", self.prefix);
        self.place.url().replace("governance:governance@", &user)
    }

    async fn client(&self, account: &str) -> MySqlConnection {
        MySqlConnection::connect(&self.url(account)).await.unwrap()
    }

    async fn remove(self) {
        for account in ACCOUNTS {
            let drop = format!("DROP USER {}_{account}@127.0.0.1", self.prefix);
            run(&mut self.place.admin().await, &drop).await.unwrap();
        }
    }
}

/// ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR, ER_DBACCESS_DENIED_ERROR
const NO_RIGHT: [u16; 3] = [1142, 1143, 1044];

async fn assert_no_right(connection: &mut MySqlConnection, sql: &str) {
    let Err(sqlx::Error::Database(error)) = run(connection, sql).await else { panic!("it must be refused: {sql}") };
    let number = error.downcast_ref::<sqlx::mysql::MySqlDatabaseError>().number();
    assert!(NO_RIGHT.contains(&number), "{sql}: {error}");
}

#[tokio::test]
async fn given_the_applications_account_then_it_commits_and_reads_everything_and_changes_no_history() {
    let Some(granted) = Granted::new().await else { return };
    let url = granted.url("app");
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
    assert_eq!(Snapshot::of(&backplane, &key).await.log.len(), 2);
    let all = ExperimentsQuery::new(Filter::Any);
    assert_eq!(backplane.experiments(&all, Consistency::Strong).await.unwrap().items.len(), 1);
    let copied = one_of_each(&ExperimentKey::new("copied").unwrap(), 1);
    let entry = LogEntry::of(&copied, Sequence::new(1).unwrap(), receipt.recorded_at);
    backplane.replicate(&entry).await.unwrap();
    let (kind, id) = (EphemeralKind::new("k").unwrap(), EphemeralId::new("i").unwrap());
    let minute = TimeToLive::new(Duration::from_secs(60)).unwrap();
    backplane.put(&key, &kind, &id, &Json::parse("1").unwrap(), minute).await.unwrap();
    assert!(backplane.get(&key, &kind, &id).await.unwrap().is_some());
    assert!(backplane.remove(&key, &kind, &id).await.unwrap());

    let mut client = granted.client("app").await;
    for table in HISTORY {
        assert_no_right(&mut client, &format!("UPDATE {table} SET sequence = sequence")).await;
        assert_no_right(&mut client, &format!("DELETE FROM {table}")).await;
        assert_no_right(&mut client, &format!("TRUNCATE {table}")).await;
        assert_no_right(&mut client, &format!("DROP TRIGGER {table}_no_update")).await;
    }
    for sql in [
        "UPDATE experiment_states SET pruned_through = 1",
        "UPDATE experiment_states SET name = 'another'",
        "DELETE FROM experiment_states",
        "INSERT INTO governance_migrations VALUES ('x', 0)",
        "CREATE TABLE mine (n INT)",
    ] {
        assert_no_right(&mut client, sql).await;
    }
    // What the backplane may not do, it says so.
    let migrations = Migrations::connect(&SqlOptions::new(&url).unwrap()).await.unwrap();
    let error = migrations.down(1).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }) && error.to_string().contains("docs/mysql.md"), "{error:?}");
    granted.remove().await;
}

#[tokio::test]
async fn given_the_account_of_retention_then_it_deletes_what_it_has_pruned_and_writes_nothing() {
    let Some(granted) = Granted::new().await else { return };
    let backplane = granted.place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap();
    for version in 1..=2 {
        backplane.commit(&one_of_each(&key, version)).await.unwrap();
    }
    let mut client = granted.client("retention").await;
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
    granted.remove().await;
}

/// A trigger looks at a temporary table first, too, so no account may make one beside the real ones.
#[tokio::test]
async fn given_the_documented_accounts_when_a_temporary_table_would_stand_before_the_heads_then_none_can_be_made() {
    let Some(granted) = Granted::new().await else { return };
    for account in ACCOUNTS {
        let mut client = granted.client(account).await;
        let shadow = "CREATE TEMPORARY TABLE experiment_states (id BIGINT, pruned_through BIGINT)";
        assert_no_right(&mut client, shadow).await;
    }
    granted.remove().await;
}

#[tokio::test]
async fn given_the_auditors_account_then_it_reads_the_view_and_nothing_else() {
    let Some(granted) = Granted::new().await else { return };
    let key = ExperimentKey::new("checkout").unwrap();
    granted.place.connect().await.commit(&one_of_each(&key, 1)).await.unwrap();
    let mut client = granted.client("auditor").await;
    assert_eq!(texts(&mut client, "SELECT kind FROM governance_audit").await.len(), 6);
    for table in HISTORY.into_iter().chain(["experiment_states", "governance_ephemerals"]) {
        assert_no_right(&mut client, &format!("SELECT * FROM {table}")).await;
        assert_no_right(&mut client, &format!("DELETE FROM {table}")).await;
    }
    granted.remove().await;
}
