//! Servers of a test's own, set up otherwise, or killed.

use crate::place::one_of_each;
use governance_persistence::{Backplane, Consistency, Error, ExperimentKey, PageSize, Sequence};
use governance_persistence_sql::{Migrate, Migrations, SqlBackplane, SqlOptions};
use xtask::services::{Directory, MariaDb, MariaDbOptions, Service};

fn start(arguments: &[&str]) -> Option<MariaDb> {
    if !Service::Mariadb.is_available().unwrap() {
        return None;
    }
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Some(MariaDb::start(&Directory::create().unwrap(), &MariaDbOptions { arguments }).unwrap())
}

fn options(server: &MariaDb) -> SqlOptions {
    SqlOptions::new(&server.url()).unwrap().migrate(Migrate::OnConnect)
}

#[tokio::test]
async fn given_a_server_with_a_binary_log_when_migrating_then_it_says_what_the_triggers_need() {
    let Some(server) = start(&["--log-bin=binlog", "--binlog-format=ROW"]) else { return };
    let migrations = Migrations::connect(&options(&server)).await.unwrap();
    let error = migrations.up(None).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    assert!(error.to_string().contains("log_bin_trust_function_creators"), "{error}");

    server.sql("SET GLOBAL log_bin_trust_function_creators = 1").unwrap();
    assert_eq!(migrations.up(None).await.unwrap().len(), 1);
    let backplane = SqlBackplane::connect(&options(&server)).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    backplane.close().await.unwrap();
}

#[tokio::test]
async fn given_a_server_whose_defaults_are_lax_then_nothing_is_different() {
    let lax = [
        "--sql-mode=ANSI",
        "--transaction-isolation=SERIALIZABLE",
        "--autocommit=0",
        "--default-time-zone=+05:30",
        "--character-set-server=latin1",
        "--collation-server=latin1_swedish_ci",
        "--default-storage-engine=Aria",
    ];
    let Some(server) = start(&lax) else { return };
    let backplane = SqlBackplane::connect(&options(&server)).await.unwrap();
    let key = ExperimentKey::new("É😀'\"\\").unwrap();
    for version in 1..=3 {
        let commit = one_of_each(&key, version);
        let receipt = backplane.commit(&commit).await.unwrap();
        let log = backplane.log(&key, Sequence::new(version - 1).unwrap(), PageSize::MAX, Consistency::Strong).await;
        let entry = log.unwrap().remove(0);
        assert_eq!((entry.fingerprint, entry.recorded_at), (commit.fingerprint(), receipt.recorded_at));
        entry.verify().unwrap();
    }
    let other = ExperimentKey::new("e😀'\"\\").unwrap();
    assert_eq!(backplane.head(&other, Consistency::Strong).await.unwrap().sequence, Sequence::ZERO);
    let now = governance_persistence::Timestamp::now().unix_micros();
    let recorded = backplane.head(&key, Consistency::Strong).await.unwrap().recorded_at.unwrap().unix_micros();
    assert!((now - recorded).abs() < 3_600_000_000, "the clock is that of UTC, not of the server's zone");
    backplane.close().await.unwrap();
}

#[tokio::test]
async fn given_a_server_that_was_killed_when_it_is_back_then_the_backplane_goes_on_and_nothing_is_lost() {
    let Some(mut server) = start(&[]) else { return };
    let backplane = SqlBackplane::connect(&options(&server)).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    server.kill().unwrap();
    let lost = one_of_each(&key, 2);
    let error = backplane.commit(&lost).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");

    server.restart().unwrap();
    // The same commit again, until the connections that were cut are all found out.
    let mut answer = backplane.commit(&lost).await;
    for _ in 0..10 {
        if answer.is_err() {
            answer = backplane.commit(&lost).await;
        }
    }
    assert_eq!(answer.unwrap().sequence.get(), 2);
    let mut log = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await;
    for _ in 0..10 {
        if log.is_err() {
            log = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await;
        }
    }
    assert_eq!(log.unwrap().len(), 2);
    backplane.close().await.unwrap();
}
