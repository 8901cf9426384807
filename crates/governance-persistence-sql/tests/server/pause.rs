//! A server that stands still: nothing waits for it longer than its limits, and nothing is lost.

use crate::ledger::Ledger;
use crate::own::Own;
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, BackplaneExt, Commit, Consistency, Ephemeral, EphemeralId, EphemeralKind, Error, Expected,
    ExperimentKey, Json, Outcome, TimeToLive,
};
use governance_persistence_conformance::samples;
use governance_persistence_sql::SqlBackplane;
use std::time::Duration;

/// Long enough that only a call without a limit takes longer: each limit of these options is a second,
/// and two more are given to the server.
const HANGS: Duration = Duration::from_secs(60);

fn commit(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Any).record(samples::transition()).build().unwrap()
}

async fn ends<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANGS, call).await.expect("a call waits for a server that stands still")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_server_that_stands_still_when_calls_meet_it_then_they_end_in_time_and_the_commits_resolve() {
    let Some(own) = Own::start() else { return };
    let second = Duration::from_secs(1);
    let options = own.options().statement_timeout(second).unwrap().acquire_timeout(second).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    let keys: Vec<_> = (0..32).map(|n| ExperimentKey::new(&format!("e{n}")).unwrap()).collect();
    let ledger = Ledger::default();
    for key in &keys {
        let commit = commit(key);
        ledger.sent(&commit);
        ledger.acknowledged(backplane.commit(&commit).await.unwrap());
    }

    own.server.pause().unwrap();
    // All of it is under way, and nobody knows how far it came.
    let alone = commit(&keys[0]);
    ledger.sent(&alone);
    let error = ends(backplane.commit(&alone)).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::Unknown, .. }), "{error:?}");
    let commits: Vec<_> = keys.iter().map(commit).collect();
    commits.iter().for_each(|commit| ledger.sent(commit));
    let committing = join_all(commits.iter().map(|commit| backplane.commit(commit)));
    let reading = join_all(keys.iter().map(|key| backplane.head(key, Consistency::Strong)));
    let (kind, id) = (EphemeralKind::new("k").unwrap(), EphemeralId::new("i").unwrap());
    let (value, minute) = (Json::parse("1").unwrap(), TimeToLive::new(Duration::from_secs(60)).unwrap());
    let putting = backplane.put(&keys[0], &kind, &id, &value, minute);
    let (committed, read, put, pinged) =
        ends(async { tokio::join!(committing, reading, putting, backplane.ping()) }).await;

    for error in committed.iter().map(|answer| answer.as_ref().unwrap_err()) {
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    }
    for error in read.iter().map(|answer| answer.as_ref().unwrap_err()).chain([&pinged.unwrap_err()]) {
        assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
    }
    assert!(matches!(put.unwrap_err(), Error::Unavailable { .. }));
    // Who comes later meets the same.
    let late = commit(&keys[0]);
    ledger.sent(&late);
    ends(backplane.commit(&late)).await.unwrap_err();
    ends(backplane.head(&keys[0], Consistency::Strong)).await.unwrap_err();

    own.server.resume().unwrap();
    let patient = governance_persistence::Retrying::new(backplane).deadline(HANGS);
    for commit in commits.iter().chain([&alone, &late]) {
        ledger.acknowledged(patient.commit(commit).await.unwrap());
    }
    for key in &keys {
        assert!(patient.get_state_transition_history(key).await.unwrap().len() >= 2);
    }
    patient.ephemeral().put(&keys[0], &kind, &id, &value, minute).await.unwrap();
    assert_eq!(ledger.check(&patient).await, 2 * keys.len() + 2);
}
