//! A client that is killed in the middle of commits: all that it had acknowledged is there, and nothing is
//! left locked.

use crate::ledger::whole_log;
use crate::place::Place;
use governance_persistence::{Backplane, Commit, Expected, ExperimentKey, Sequence};
use governance_persistence_conformance::samples;
use governance_persistence_sql::{SqlBackplane, SqlOptions};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Tells the killed process where to write.
const URL: &str = "GOVERNANCE_TEST_URL";

fn commit(key: &ExperimentKey) -> Commit {
    Commit::builder(key, Expected::Any).records([samples::transition(), samples::transition()]).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_client_that_is_killed_when_its_experiment_is_opened_again_then_all_it_had_acknowledged_is_there() {
    let Some(place) = Place::or_skip().await else { return };
    let backplane = place.connect().await;
    let key = ExperimentKey::new("killed").unwrap();
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::writes_until_killed", "--ignored", "--nocapture", "--test-threads=1"])
        .env(URL, place.url())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let acknowledged = lines.map_while(Result::ok).filter_map(|line| line.split_once("acknowledged: ")?.1.parse().ok());
    let acknowledged: Vec<Sequence> = acknowledged.take(100).collect();
    process.kill().unwrap();
    process.wait().unwrap();

    assert_eq!(acknowledged.len(), 100);
    // Its last statement may still be running; ours comes after it.
    let last = backplane.commit(&commit(&key)).await.unwrap().sequence;
    let log = whole_log(&backplane, &key).await;
    assert!(last > *acknowledged.last().unwrap(), "an acknowledged commit is gone");
    assert!(log.iter().all(|entry| entry.records.len() == 2), "a commit is there in part");
}

#[tokio::test]
#[ignore = "a part of the test above, which kills it"]
async fn writes_until_killed() {
    let url = std::env::var(URL).expect("the test above sets it");
    let backplane = SqlBackplane::connect(&SqlOptions::new(&url).unwrap()).await.unwrap();
    let key = ExperimentKey::new("killed").unwrap();
    // Bounded, should nobody come to kill it.
    for _ in 0..100_000 {
        let receipt = backplane.commit(&commit(&key)).await.unwrap();
        println!("\nacknowledged: {}", receipt.sequence);
    }
}
