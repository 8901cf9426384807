//! Servers that are set up otherwise.

use crate::own::Own;
use crate::place::one_of_each;
use governance_persistence::{Backplane, Consistency, Error, ExperimentKey, PageSize, Sequence};
use governance_persistence_sql::Migrations;

#[tokio::test]
async fn given_a_server_with_a_binary_log_when_migrating_then_it_says_what_the_triggers_need() {
    let Some(own) = Own::start_with(&["--log-bin=binlog", "--binlog-format=ROW"]) else { return };
    let migrations = Migrations::connect(&own.options()).await.unwrap();
    let error = migrations.up(None).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    assert!(error.to_string().contains("log_bin_trust_function_creators"), "{error}");

    own.server.sql("SET GLOBAL log_bin_trust_function_creators = 1").unwrap();
    assert_eq!(migrations.up(None).await.unwrap().len(), 1);
    let backplane = own.connect().await;
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
    let Some(own) = Own::start_with(&lax) else { return };
    let backplane = own.connect().await;
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
