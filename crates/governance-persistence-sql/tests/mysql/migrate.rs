//! Migrations: applied once, whoever runs them; refused when they are newer than the program; finished by
//! the next one when they were interrupted.

use crate::place::{Place, one_of_each, run, texts};
use futures_util::future::join_all;
use governance_persistence::{Backplane, BackplaneExt, Error, ExperimentKey, Outcome};
use governance_persistence_conformance::Snapshot;
use governance_persistence_sql::{Migrate, Migrations, SqlBackplane};
use std::time::Duration;

/// Columns, constraints, indexes, triggers and views, a line each, as if every database had the same name.
async fn schema(place: &Place) -> Vec<String> {
    let of = |what: &str, table: &str, schema: &str, columns: &str| {
        format!(
            "SELECT CONCAT_WS(' ', '{what}', {columns}) FROM information_schema.{table} WHERE {schema} = DATABASE()"
        )
    };
    let column = "TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, \
                  COLLATION_NAME, EXTRA";
    let index = "TABLE_NAME, INDEX_NAME, NON_UNIQUE, SEQ_IN_INDEX, COLUMN_NAME";
    let trigger = "EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, SQL_MODE, ACTION_STATEMENT";
    let lines = [
        of("table", "TABLES", "TABLE_SCHEMA", "TABLE_NAME, TABLE_TYPE, ENGINE, ROW_FORMAT, TABLE_COLLATION"),
        of("column", "COLUMNS", "TABLE_SCHEMA", column),
        of("index", "STATISTICS", "TABLE_SCHEMA", index),
        of("constraint", "TABLE_CONSTRAINTS", "TABLE_SCHEMA", "TABLE_NAME, CONSTRAINT_NAME, CONSTRAINT_TYPE"),
        of("key", "REFERENTIAL_CONSTRAINTS", "CONSTRAINT_SCHEMA", "CONSTRAINT_NAME, DELETE_RULE, UPDATE_RULE"),
        of("check", "CHECK_CONSTRAINTS", "CONSTRAINT_SCHEMA", "CONSTRAINT_NAME, CHECK_CLAUSE"),
        of("trigger", "TRIGGERS", "TRIGGER_SCHEMA", trigger),
        of("view", "VIEWS", "TABLE_SCHEMA", "TABLE_NAME, SECURITY_TYPE, VIEW_DEFINITION"),
    ];
    let all = texts(&mut place.plain().await, &lines.join(" UNION ALL ")).await.into_iter();
    let ours = all.filter(|line| !line.contains("governance_migrations"));
    let mut ours: Vec<_> = ours.map(|line| line.replace(place.database(), "DATABASE")).collect();
    ours.sort();
    ours
}

async fn tables(place: &Place) -> Vec<String> {
    let tables = "SELECT CAST(TABLE_NAME AS CHAR) FROM information_schema.TABLES \
                  WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1";
    texts(&mut place.plain().await, tables).await
}

#[tokio::test]
async fn given_a_new_database_when_it_is_migrated_up_and_down_then_everything_comes_and_goes() {
    let Some(place) = Place::or_skip().await else { return };
    let migrations = Migrations::connect(&place.options()).await.unwrap();
    let planned: Vec<_> = migrations.plan_up(None).await.unwrap().into_iter().map(|step| step.name).collect();
    assert!(migrations.status().await.unwrap().iter().all(|migration| !migration.applied && migration.known));
    assert!(tables(&place).await.is_empty(), "looking must not create");

    assert_eq!(migrations.up(None).await.unwrap(), planned);
    assert!(migrations.up(None).await.unwrap().is_empty());
    assert!(migrations.status().await.unwrap().iter().all(|migration| migration.applied_at.is_some()));
    assert!(tables(&place).await.contains(&"governance_audit".to_owned()));

    let count = u32::try_from(planned.len()).unwrap();
    let reverted: Vec<_> = planned.into_iter().rev().collect();
    assert_eq!(migrations.down(count).await.unwrap(), reverted);
    assert_eq!(tables(&place).await, ["governance_migrations"]);
    assert!(schema(&place).await.is_empty(), "{:?}", schema(&place).await);
    assert_eq!(migrations.up(None).await.unwrap().len(), reverted.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn given_a_new_database_when_eight_migrate_at_once_then_it_is_migrated_once() {
    let Some(place) = Place::or_skip().await else { return };
    let options = place.options();
    let migrators = (0..8).map(|_| {
        let options = options.clone();
        tokio::spawn(async move { Migrations::connect(&options).await?.up(None).await })
    });
    let applied: Vec<_> = join_all(migrators).await.into_iter().map(|done| done.unwrap().unwrap()).collect();
    assert_eq!(applied.iter().filter(|names| !names.is_empty()).count(), 1, "{applied:?}");
}

/// Runs what a migrator would, up to this statement.
async fn interrupted(place: &Place, statements: &[String], after: usize) {
    let mut plain = place.plain().await;
    for statement in &statements[..after] {
        run(&mut plain, statement).await.unwrap();
    }
}

#[tokio::test]
async fn given_a_migration_that_was_interrupted_anywhere_when_it_is_run_again_then_the_schema_is_the_same() {
    let Some(place) = Place::or_skip().await else { return };
    let migrations = Migrations::connect(&place.options()).await.unwrap();
    let up: Vec<_> = migrations.plan_up(None).await.unwrap().into_iter().flat_map(|step| step.statements).collect();
    migrations.up(None).await.unwrap();
    let whole = schema(&place).await;
    assert!(whole.iter().any(|line| line.starts_with("trigger experiment_states")), "{whole:?}");
    let down: Vec<_> = migrations.plan_down(1).await.unwrap().into_iter().flat_map(|step| step.statements).collect();

    for after in (0..=up.len()).step_by(6).chain([up.len()]) {
        interrupted(&place, &down, after % (down.len() + 1)).await;
        assert_eq!(migrations.down(1).await.unwrap().len(), 1, "after {after}");
        assert_eq!(schema(&place).await, Vec::<String>::new(), "after {after}");
        interrupted(&place, &up, after).await;
        assert_eq!(migrations.up(None).await.unwrap().len(), 1, "after {after}");
        assert_eq!(schema(&place).await, whole, "after {after}");
    }
}

#[tokio::test]
async fn given_a_schema_that_is_not_there_when_connecting_without_migrating_then_it_says_what_to_do() {
    let Some(place) = Place::or_skip().await else { return };
    let options = place.options().migrate(Migrate::Never);
    let error = SqlBackplane::connect(&options).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    assert!(error.to_string().contains("governance migrate up"), "{error}");
    assert!(tables(&place).await.is_empty(), "a refused connect leaves nothing");

    Migrations::connect(&options).await.unwrap().up(None).await.unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    Migrations::connect(&options).await.unwrap().down(1).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    for error in [
        backplane.get_experiment_state(&key).await.unwrap_err(),
        backplane.commit(&one_of_each(&key, 1)).await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("governance migrate up"), "{error}");
    }
}

#[tokio::test]
async fn given_a_schema_of_a_newer_version_when_connecting_or_migrating_then_it_is_refused_and_left_alone() {
    let Some(place) = Place::or_skip().await else { return };
    let key = ExperimentKey::new("checkout").unwrap();
    let backplane = place.connect().await;
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    place.execute("INSERT INTO governance_migrations VALUES ('m20991231_000001_future', 0)").await;

    let migrations = Migrations::connect(&place.options()).await.unwrap();
    for error in [
        SqlBackplane::connect(&place.options()).await.unwrap_err(),
        SqlBackplane::connect(&place.options().migrate(Migrate::Never)).await.unwrap_err(),
        migrations.up(None).await.unwrap_err(),
        migrations.down(1).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
        assert!(error.to_string().contains("m20991231_000001_future"), "{error}");
    }
    assert!(migrations.status().await.unwrap().iter().any(|migration| migration.applied && !migration.known));
    assert_eq!(Snapshot::of(&backplane, &key).await.log.len(), 1);
}

#[tokio::test]
async fn given_a_table_of_migrations_that_somebody_holds_when_it_is_looked_at_then_it_ends_in_time() {
    let Some(place) = Place::or_skip().await else { return };
    place.connect().await.close().await.unwrap();
    let mut holder = place.plain().await;
    run(&mut holder, "LOCK TABLES governance_migrations WRITE").await.unwrap();
    for migrate in [Migrate::Never, Migrate::OnConnect] {
        let options = place.options().migrate(migrate).statement_timeout(Duration::from_millis(500)).unwrap();
        let connected = tokio::time::timeout(Duration::from_secs(60), SqlBackplane::connect(&options)).await;
        let error = connected.expect("it waits for ever").unwrap_err();
        assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
    }
}
