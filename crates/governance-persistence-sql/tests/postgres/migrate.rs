//! Migrations: applied once, whoever runs them; refused when they are newer than the program; run again
//! when they were interrupted.

use crate::place::{Place, one_of_each, run, texts};
use futures_util::future::join_all;
use governance_persistence::{Backplane, BackplaneExt, Commit, Error, Expected, ExperimentKey, Outcome};
use governance_persistence_conformance::{Snapshot, samples};
use governance_persistence_sql::{Migrate, Migrations, SqlBackplane, SqlOptions};
use sqlx::PgConnection;
use std::time::Duration;

/// Relations, columns, constraints, indexes, functions and triggers of the schema, a line each.
const SCHEMA: &str = "\
SELECT line FROM (
  SELECT format('relation %s %s %s', c.relname, c.relkind, c.reloptions) AS line FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace
  UNION ALL SELECT format('column %s.%s %s %s %s %s %s', a.attrelid::regclass, a.attname, a.attnum,
      format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, (SELECT pg_get_expr(d.adbin, d.adrelid)
      FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum)) || a.attcollation::regcollation
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND c.relkind IN ('r', 'v')
  UNION ALL SELECT format('constraint %s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace
  UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = current_schema()
  UNION ALL SELECT format('function %s', pg_get_functiondef(oid)) FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace
  UNION ALL SELECT format('trigger %s %s', tgenabled, pg_get_triggerdef(t.oid)) FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND NOT tgisinternal
  UNION ALL SELECT format('view %s', definition) FROM pg_views WHERE schemaname = current_schema()
) lines WHERE line NOT LIKE '%governance_migrations%' ORDER BY line COLLATE \"C\"";

/// What there is, as if every schema had the same name.
async fn schema(place: &Place) -> Vec<String> {
    let lines = texts(&mut place.plain().await, SCHEMA).await;
    lines.into_iter().map(|line| line.replace(place.schema(), "SCHEMA")).collect()
}

async fn tables(place: &Place) -> Vec<String> {
    let tables = "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'v') \
                  AND relnamespace = current_schema()::regnamespace ORDER BY 1";
    texts(&mut place.plain().await, tables).await
}

#[tokio::test]
async fn given_a_new_schema_when_it_is_migrated_up_and_down_then_everything_comes_and_goes() {
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

#[tokio::test]
async fn given_the_planned_sql_when_it_is_run_by_hand_then_the_schema_is_the_same() {
    let (Some(by_hand), Some(by_us)) = (Place::or_skip().await, Place::or_skip().await) else { return };
    let migrations = Migrations::connect(&by_us.options()).await.unwrap();
    let mut plain = by_hand.plain().await;
    for step in migrations.plan_up(None).await.unwrap() {
        for statement in step.statements {
            run(&mut plain, &statement).await.unwrap();
        }
    }
    migrations.up(None).await.unwrap();
    let (by_hand, by_us) = (schema(&by_hand).await, schema(&by_us).await);
    assert!(by_us.iter().any(|line| line.starts_with("trigger A")), "{by_us:?}");
    assert_eq!(by_hand, by_us);
}

#[tokio::test(flavor = "multi_thread")]
async fn given_a_new_schema_when_eight_migrate_at_once_then_it_is_migrated_once() {
    let Some(place) = Place::or_skip().await else { return };
    let options = place.options();
    let migrators = (0..8).map(|_| {
        let options = options.clone();
        tokio::spawn(async move { Migrations::connect(&options).await?.up(None).await })
    });
    let applied: Vec<_> = join_all(migrators).await.into_iter().map(|done| done.unwrap().unwrap()).collect();
    assert_eq!(applied.iter().filter(|names| !names.is_empty()).count(), 1, "{applied:?}");
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

/// The backend of somebody who waits for a lock on this table.
async fn one_who_waits(connection: &mut PgConnection, table: &str) -> String {
    let waiting = format!(
        "SELECT l.pid::text FROM pg_locks l WHERE NOT l.granted AND l.relation = '{table}'::regclass \
         AND l.pid <> pg_backend_pid()"
    );
    loop {
        if let Some(pid) = texts(connection, &waiting).await.pop() {
            return pid;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn given_a_migrator_whose_connection_is_killed_in_the_middle_then_nothing_is_left_and_it_can_run_again() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let migrations = Migrations::connect(&place.options()).await.unwrap();
    migrations.up(None).await.unwrap();
    let before = schema(&place).await;

    // It waits, with some of the tables dropped, for one that somebody else reads.
    let mut reader = place.plain().await;
    run(&mut reader, "BEGIN; SELECT * FROM governance_ephemerals").await.unwrap();
    let interrupted = async {
        let pid = one_who_waits(&mut place.plain().await, "governance_ephemerals").await;
        run(&mut place.admin().await, &format!("SELECT pg_terminate_backend({pid})")).await.unwrap();
    };
    let (reverted, ()) = tokio::join!(migrations.down(1), interrupted);
    let error = reverted.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    run(&mut reader, "COMMIT").await.unwrap();

    assert_eq!(schema(&place).await, before, "all or nothing");
    assert!(migrations.status().await.unwrap().iter().all(|migration| migration.applied));
    assert_eq!(migrations.down(1).await.unwrap().len(), 1);
    assert_eq!(migrations.up(None).await.unwrap().len(), 1);
    assert_eq!(schema(&place).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn given_a_role_whose_transactions_are_serializable_then_nothing_is_different() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let url = place.user("serial", "p", "p").await;
    let role = format!("{}_serial", place.schema());
    let settings = format!(
        "ALTER ROLE {role} SET default_transaction_isolation = 'serializable'; \
         ALTER ROLE {role} SET default_transaction_read_only = on"
    );
    run(&mut place.admin().await, &settings).await.unwrap();
    let options = SqlOptions::new(&url).unwrap().migrate(Migrate::OnConnect);

    let backplane = SqlBackplane::connect(&options).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    // At the role's own level, most of these would fail to serialize.
    let commits: Vec<_> = (0..64).map(|_| transition_of(&key)).collect();
    for answer in join_all(commits.iter().map(|commit| backplane.commit(commit))).await {
        answer.unwrap();
    }
    assert_eq!(Snapshot::of(&backplane, &key).await.log.len(), 64);
}

fn transition_of(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Any).record(samples::transition()).build().unwrap()
}

#[tokio::test]
async fn given_a_table_of_migrations_that_somebody_holds_when_it_is_looked_at_then_it_ends_in_time() {
    let Some(place) = Place::or_skip().await else { return };
    place.connect().await.close().await.unwrap();
    let mut holder = place.plain().await;
    run(&mut holder, "BEGIN; LOCK TABLE governance_migrations IN ACCESS EXCLUSIVE MODE").await.unwrap();
    for migrate in [Migrate::Never, Migrate::OnConnect] {
        let options = place.options().migrate(migrate).statement_timeout(Duration::from_millis(500)).unwrap();
        let connected = tokio::time::timeout(Duration::from_secs(60), SqlBackplane::connect(&options)).await;
        let error = connected.expect("it waits for ever").unwrap_err();
        assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
    }
}
