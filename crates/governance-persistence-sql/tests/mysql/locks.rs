//! Locks that another client holds: a call waits its time and has done nothing, and a deadlock is nobody's
//! business but ours.

use crate::place::{Place, run, texts};
use futures_util::future::join_all;
use governance_persistence::{Backplane, BackplaneExt, Commit, Error, Expected, ExperimentKey, Outcome};
use governance_persistence_conformance::samples;
use governance_persistence_sql::SqlBackplane;
use sqlx::MySqlConnection;
use std::time::Duration;

const HANGS: Duration = Duration::from_secs(60);

fn commit(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Any).record(samples::transition()).build().unwrap()
}

async fn hold(connection: &mut MySqlConnection, name: &str) {
    let lock = format!(
        "SELECT id FROM experiment_states WHERE tenant = '' AND environment = '' AND name = '{name}' FOR UPDATE"
    );
    run(connection, &lock).await.unwrap();
}

async fn number(connection: &mut MySqlConnection) -> String {
    texts(connection, "SELECT CAST(CONNECTION_ID() AS CHAR)").await.remove(0)
}

/// Until somebody waits for a lock that this connection holds.
async fn until_waited_for(watch: &mut MySqlConnection, holder: &str) {
    let waiting = format!(
        "SELECT CAST(r.trx_mysql_thread_id AS CHAR) FROM information_schema.INNODB_LOCK_WAITS w \
         JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id \
         JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id WHERE b.trx_mysql_thread_id = {holder}"
    );
    let looking = async {
        while texts(watch, &waiting).await.is_empty() {
            // The server fills these tables anew only when nobody has read them for 100 ms.
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    };
    tokio::time::timeout(HANGS, looking).await.expect("nobody waits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_head_that_somebody_holds_when_committing_then_it_ends_in_time_and_nothing_is_applied() {
    let Some(place) = Place::or_skip().await else { return };
    let options = place.options().statement_timeout(Duration::from_secs(1)).unwrap().writers(1).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    let (held, free) = (ExperimentKey::new("held").unwrap(), ExperimentKey::new("free").unwrap());
    for key in [&held, &free] {
        backplane.commit(&commit(key)).await.unwrap();
    }
    let mut holder = place.plain().await;
    run(&mut holder, "BEGIN").await.unwrap();
    hold(&mut holder, "held").await;

    let refused = commit(&held);
    let error = tokio::time::timeout(HANGS, backplane.commit(&refused)).await.expect("it hangs").unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
    // The session has let go of everything, and goes on.
    backplane.commit(&commit(&free)).await.unwrap();
    run(&mut holder, "ROLLBACK").await.unwrap();
    assert!(!backplane.commit(&refused).await.unwrap().replayed);
    assert_eq!(backplane.get_state_transition_history(&held).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_deadlock_with_another_client_then_what_it_befell_is_written_all_the_same() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let backplane = SqlBackplane::connect(&place.options().writers(1).unwrap()).await.unwrap();
    let keys = ["a", "b", "c"].map(|name| ExperimentKey::new(name).unwrap());
    for key in &keys {
        backplane.commit(&commit(key)).await.unwrap();
    }
    let [a, b, c] = keys.each_ref().map(commit);
    let (mut first, mut second, mut watch) = (place.plain().await, place.plain().await, place.admin().await);
    run(&mut first, "BEGIN").await.unwrap();
    run(&mut second, "BEGIN").await.unwrap();
    // The one that has changed more is not the victim.
    run(&mut second, "CREATE TEMPORARY TABLE t (n INT) ENGINE = InnoDB; INSERT INTO t SELECT seq FROM seq_1_to_1000")
        .await
        .unwrap();
    hold(&mut first, "c").await;
    hold(&mut second, "b").await;
    let (first_number, second_number) = (number(&mut first).await, number(&mut second).await);
    let deadlocks = "SELECT CAST(VARIABLE_VALUE AS CHAR) FROM information_schema.GLOBAL_STATUS \
                     WHERE VARIABLE_NAME = 'Innodb_deadlocks'";
    let before: u64 = texts(&mut watch, deadlocks).await[0].parse().unwrap();

    // While the writer waits for c, the next two gather; then they are one batch, which has a and wants b.
    let interfering = async {
        until_waited_for(&mut watch, &first_number).await;
        let both = join_all([backplane.commit(&a), backplane.commit(&b)]);
        let crossing = async {
            run(&mut first, "COMMIT").await.unwrap();
            until_waited_for(&mut watch, &second_number).await;
            hold(&mut second, "a").await;
            run(&mut second, "COMMIT").await.unwrap();
        };
        tokio::join!(both, crossing).0
    };
    let (alone, both) = tokio::join!(backplane.commit(&c), interfering);
    alone.unwrap();
    both.into_iter().for_each(|answer| assert!(!answer.unwrap().replayed));

    let after: u64 = texts(&mut watch, deadlocks).await[0].parse().unwrap();
    assert!(after > before, "there was no deadlock");
    for key in &keys {
        assert_eq!(backplane.get_state_transition_history(key).await.unwrap().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_few_connections_when_many_read_and_commit_at_once_then_all_are_served() {
    let Some(place) = Place::or_skip().await else { return };
    let options = place.options().max_connections(1).unwrap().writers(1).unwrap();
    let backplane = SqlBackplane::connect(&options.acquire_timeout(HANGS).unwrap()).await.unwrap();
    let keys: Vec<_> = (0..20).map(|n| ExperimentKey::new(&format!("e{n}")).unwrap()).collect();
    let served = join_all((0..200).map(async |n| {
        let key = &keys[n % keys.len()];
        let receipt = backplane.commit(&commit(key)).await.unwrap();
        let entry = backplane.entry(key, receipt.commit_id, governance_persistence::Consistency::Strong).await.unwrap();
        assert_eq!(entry.unwrap().sequence, receipt.sequence);
    }));
    assert_eq!(served.await.len(), 200);
}
