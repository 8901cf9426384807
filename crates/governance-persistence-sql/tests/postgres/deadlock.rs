//! A deadlock with another client: the backplane tries again, and no caller hears of it.

use crate::place::{Place, run, texts};
use futures_util::future::join_all;
use governance_persistence::{Backplane, BackplaneExt, Commit, Expected, ExperimentKey};
use governance_persistence_conformance::samples;
use governance_persistence_sql::SqlBackplane;
use sqlx::PgConnection;
use std::time::Duration;

const HANGS: Duration = Duration::from_secs(60);

fn commit(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Any).record(samples::transition()).build().unwrap()
}

/// Locks a head, and gives the number of the backend that holds it.
async fn hold(connection: &mut PgConnection, name: &str) -> String {
    let lock = format!("SELECT 1 FROM experiment_states WHERE name = '{name}' FOR UPDATE");
    run(connection, &lock).await.unwrap();
    texts(connection, "SELECT pg_backend_pid()::text").await.remove(0)
}

/// Until `query` gives a row.
async fn until(watch: &mut PgConnection, query: &str) {
    let looking = async {
        while texts(watch, query).await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(HANGS, looking).await.unwrap_or_else(|_| panic!("never: {query}"));
}

fn waits_for(pid: &str) -> String {
    format!("SELECT pid::text FROM pg_stat_activity WHERE {pid} = ANY (pg_blocking_pids(pid))")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_deadlock_with_another_client_when_the_batch_is_its_victim_then_it_is_written_all_the_same() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let backplane = SqlBackplane::connect(&place.options().writers(1).unwrap()).await.unwrap();
    let keys = ["a", "b", "c"].map(|name| ExperimentKey::new(name).unwrap());
    for key in &keys {
        backplane.commit(&commit(key)).await.unwrap();
    }
    let [a, b, c] = keys.each_ref().map(commit);
    let (mut first, mut second) = (place.plain().await, place.admin().await);
    // We are the one that looks for deadlocks, so we are the victim.
    run(&mut second, "SET deadlock_timeout = '1h'").await.unwrap();
    run(&mut first, "BEGIN").await.unwrap();
    run(&mut second, "BEGIN").await.unwrap();
    let (first_pid, second_pid) = (hold(&mut first, "c").await, hold(&mut second, "b").await);
    let mut watch = place.admin().await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let before: i64 = sqlx::query_scalar(deadlocks).fetch_one(&mut watch).await.unwrap();

    // While the writer waits for c, the next two gather; then they are one batch, which has a and wants b.
    let interfering = async {
        until(&mut watch, &waits_for(&first_pid)).await;
        let both = join_all([backplane.commit(&a), backplane.commit(&b)]);
        let crossing = async {
            run(&mut first, "COMMIT").await.unwrap();
            until(&mut watch, &waits_for(&second_pid)).await;
            hold(&mut second, "a").await;
            run(&mut second, "COMMIT").await.unwrap();
        };
        tokio::join!(both, crossing).0
    };
    let (alone, both) = tokio::join!(backplane.commit(&c), interfering);
    alone.unwrap();
    both.into_iter().for_each(|answer| assert!(!answer.unwrap().replayed));

    until(&mut watch, &format!("SELECT 'd' FROM ({deadlocks}) counted WHERE deadlocks > {before}")).await;
    for key in &keys {
        assert_eq!(backplane.get_state_transition_history(key).await.unwrap().len(), 2);
    }
}
