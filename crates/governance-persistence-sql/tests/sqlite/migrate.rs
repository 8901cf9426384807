//! Migrations: applied once, whoever runs them; refused when they are newer than the program.

use crate::place::{Place, one_of_each};
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, Error, Expected, ExperimentKey, LifecycleState, StateChange,
};
use governance_persistence_sql::{Migrate, Migrations, SqlBackplane};

fn tables(place: &Place) -> Vec<String> {
    let plain = place.plain();
    let mut select = plain
        .prepare(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY 1",
        )
        .unwrap();
    select.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn given_a_new_file_when_it_is_migrated_up_and_down_then_the_schema_comes_and_goes() {
    let place = Place::new();
    let migrations = Migrations::connect(&place.options()).await.unwrap();
    let planned: Vec<_> = migrations.plan_up(None).await.unwrap().into_iter().map(|step| step.name).collect();
    assert!(migrations.status().await.unwrap().iter().all(|migration| !migration.applied && migration.known));
    assert!(!place.path().exists(), "looking must not create");

    assert_eq!(migrations.up(None).await.unwrap(), planned);
    assert!(migrations.up(None).await.unwrap().is_empty());
    assert!(migrations.status().await.unwrap().iter().all(|migration| migration.applied_at.is_some()));
    assert!(tables(&place).contains(&"governance_audit".to_owned()));

    let count = u32::try_from(planned.len()).unwrap();
    let reverted: Vec<_> = planned.into_iter().rev().collect();
    assert_eq!(migrations.down(count).await.unwrap(), reverted);
    assert_eq!(tables(&place), ["governance_migrations"]);
    assert_eq!(migrations.up(None).await.unwrap().len(), reverted.len());
}

#[tokio::test]
async fn given_the_planned_sql_when_it_is_run_by_hand_then_the_schema_is_the_same() {
    let (by_hand, by_us) = (Place::new(), Place::new());
    let migrations = Migrations::connect(&by_us.options()).await.unwrap();
    let plain = rusqlite::Connection::open(by_hand.path()).unwrap();
    for step in migrations.plan_up(None).await.unwrap() {
        step.statements.iter().for_each(|statement| plain.execute_batch(statement).unwrap());
    }
    migrations.up(None).await.unwrap();
    let schema = |place: &Place| -> Vec<String> {
        let plain = place.plain();
        let sql = "SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name <> 'governance_migrations' ORDER BY name";
        plain.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(schema(&by_hand), schema(&by_us));
}

#[tokio::test(flavor = "multi_thread")]
async fn given_a_new_file_when_eight_migrate_at_once_then_it_is_migrated_once() {
    let place = Place::new();
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
    let place = Place::new();
    let options = place.options().migrate(Migrate::Never);
    let error = SqlBackplane::connect(&options).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    assert!(error.to_string().contains("governance migrate up"), "{error}");
    assert!(!place.path().exists(), "a refused file must not be left behind");

    std::fs::write(place.path(), "").unwrap();
    let error = SqlBackplane::connect(&options).await.unwrap_err();
    assert!(error.to_string().contains("it lacks 1 of the migrations"), "{error}");

    Migrations::connect(&options).await.unwrap().up(None).await.unwrap();
    SqlBackplane::connect(&options).await.unwrap();
}

#[tokio::test]
async fn given_a_schema_of_a_newer_version_when_connecting_or_migrating_then_it_is_refused_and_left_alone() {
    let place = Place::new();
    let key = ExperimentKey::new("checkout").unwrap();
    let draft = StateChange::to(LifecycleState::Draft);
    place.connect().await.save_experiment_state(&key, draft, Expected::Absent).await.unwrap();
    place.plain().execute("INSERT INTO governance_migrations VALUES ('m20991231_000001_future', 0)", []).unwrap();

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
    let rows: i64 = place.plain().query_row("SELECT count(*) FROM experiment_states", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn given_a_history_when_the_schema_is_reverted_then_it_is_gone_and_the_backplane_says_what_to_do() {
    let place = Place::new();
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    Migrations::connect(&place.options()).await.unwrap().down(1).await.unwrap();
    assert_eq!(tables(&place), ["governance_migrations"]);
    assert!(backplane.head(&key, Consistency::Strong).await.is_err());
    let error = SqlBackplane::connect(&place.options().migrate(Migrate::Never)).await.unwrap_err();
    assert!(error.to_string().contains("governance migrate up"), "{error}");
}

#[tokio::test]
async fn given_a_file_of_somebody_else_when_connecting_without_migrating_then_it_stays_as_it_was() {
    let place = Place::new();
    let theirs = rusqlite::Connection::open(place.path()).unwrap();
    theirs.execute_batch("CREATE TABLE theirs (x)").unwrap();
    let before = std::fs::read(place.path()).unwrap();
    let error = SqlBackplane::connect(&place.options().migrate(Migrate::Never)).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    assert_eq!(std::fs::read(place.path()).unwrap(), before);
    let mode: String = theirs.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
}
