//! A lock that somebody holds on all heads: each call ends in time and has done nothing.

use crate::ledger::Ledger;
use crate::place::{Place, run};
use futures_util::future::join_all;
use governance_persistence::{Backplane, Commit, Consistency, Error, Expected, ExperimentKey, Outcome};
use governance_persistence_conformance::samples;
use governance_persistence_sql::SqlBackplane;
use std::time::Duration;

/// Only what has no limit takes so long: those here are of a second or less, and two are given to the server.
const HANGS: Duration = Duration::from_secs(60);

fn commit(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Any).record(samples::transition()).build().unwrap()
}

fn assert_not_applied(error: &Error) {
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_lock_that_somebody_holds_when_calls_meet_it_then_they_end_in_time_and_nothing_is_applied() {
    let Some(place) = Place::or_skip().await else { return };
    let options = place.options().statement_timeout(Duration::from_millis(500)).unwrap();
    let options = options.acquire_timeout(Duration::from_secs(1)).unwrap().max_connections(2).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    let keys: Vec<_> = (0..20).map(|n| ExperimentKey::new(&format!("e{n}")).unwrap()).collect();
    let ledger = Ledger::default();
    for key in &keys[..10] {
        let commit = commit(key);
        ledger.sent(&commit);
        ledger.acknowledged(backplane.commit(&commit).await.unwrap());
    }

    let mut holder = place.plain().await;
    run(&mut holder, "BEGIN; LOCK TABLE experiment_states IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let refused: Vec<_> = (0..200).map(|n| commit(&keys[n % keys.len()])).collect();
    let committing = join_all(refused.iter().map(|commit| backplane.commit(commit)));
    let reading = join_all((0..50).map(|n| backplane.head(&keys[n % keys.len()], Consistency::Strong)));
    let both = async { tokio::join!(committing, reading) };
    let (committed, read) = tokio::time::timeout(HANGS, both).await.expect("a call waits for the lock");
    let mut reasons = String::new();
    for error in committed.into_iter().map(Result::unwrap_err).chain(read.into_iter().map(Result::unwrap_err)) {
        assert_not_applied(&error);
        reasons.push_str(&error.to_string());
    }
    for limit in ["statementTimeout", "no connection was free", "no writer was free within acquireTimeout"] {
        assert!(reasons.contains(limit), "nobody met this limit: {limit}");
    }

    run(&mut holder, "ROLLBACK").await.unwrap();
    for commit in refused.iter().take(40) {
        ledger.sent(commit);
        let receipt = backplane.commit(commit).await.unwrap();
        assert!(!receipt.replayed, "it was said not to be applied");
        ledger.acknowledged(receipt);
    }
    // Of the others nothing came later.
    assert_eq!(ledger.check(&backplane).await, 50);
}
