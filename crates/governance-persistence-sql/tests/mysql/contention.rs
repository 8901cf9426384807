//! Many writers on few experiments, through two backplanes: nobody is told of a deadlock, no sequence has a
//! gap, and what was acknowledged is there once.

use crate::place::Place;
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Error, Expected, ExperimentKey, LifecycleState, PageSize, Receipt,
    Sequence, StateChange,
};
use governance_persistence_conformance::samples;
use governance_persistence_sql::SqlBackplane;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

const WRITERS: u64 = 64;
const KEYS: u64 = 50;
/// Of each writer.
const COMMITS: usize = 25;

/// What became of one writer's commits.
#[derive(Default)]
struct Done {
    receipts: Vec<(Commit, Receipt)>,
    refused: Vec<CommitId>,
    replays: usize,
}

fn key(number: u64) -> ExperimentKey {
    ExperimentKey::new(&format!("e{number}")).unwrap()
}

async fn write(backplane: Arc<SqlBackplane>, mut random: fastrand::Rng) -> Done {
    let mut done = Done::default();
    for _ in 0..COMMITS {
        let key = key(random.u64(..KEYS));
        let last = done.receipts.last().map(|(commit, receipt)| (commit.clone(), *receipt));
        if let (0, Some((commit, receipt))) = (random.u8(..8), &last) {
            let again = backplane.commit(commit).await.unwrap();
            assert!(again.replayed && again.sequence == receipt.sequence, "{again:?}");
            done.replays += 1;
            continue;
        }
        let (expected, record) = match random.u8(..4) {
            0 => (Expected::Absent, samples::transition()),
            1 => {
                let head = backplane.head(&key, Consistency::Strong).await.unwrap();
                (head.etag().map_or(Expected::Absent, Expected::Match), samples::transition())
            }
            // The record of a commit that is there.
            2 if last.is_some() => {
                let used =
                    last.iter().flat_map(|(commit, _)| commit.records()).map(governance_persistence::Record::id).next();
                (Expected::Any, used.map_or_else(samples::transition, |id| samples::transition().with_id(id)))
            }
            _ => (Expected::Any, samples::transition()),
        };
        let state = StateChange::to(LifecycleState::Running);
        let commit = Commit::builder(&key, expected).state(state).record(record).build().unwrap();
        match backplane.commit(&commit).await {
            Ok(receipt) => done.receipts.push((commit, receipt)),
            Err(error) if error.is_conflict() => done.refused.push(commit.id()),
            Err(Error::RecordIdReused { .. }) => done.refused.push(commit.id()),
            Err(error) => panic!("no caller may be told of this: {error:?}"),
        }
    }
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_64_writers_on_50_experiments_then_no_deadlock_is_told_and_each_acknowledged_commit_is_there_once() {
    let Some(place) = Place::or_skip().await else { return };
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let options = place.options().acquire_timeout(Duration::from_secs(60)).unwrap();
    let mut backplanes = Vec::new();
    for _ in 0..2 {
        backplanes.push(Arc::new(SqlBackplane::connect(&options).await.unwrap()));
    }
    let writers = (0..WRITERS).map(|number| {
        let backplane = backplanes[usize::from(number % 2 == 0)].clone();
        tokio::spawn(write(backplane, fastrand::Rng::with_seed(seed.wrapping_add(number))))
    });
    let done: Vec<Done> = join_all(writers).await.into_iter().map(|done| done.unwrap()).collect();

    let mut there = HashMap::new();
    for number in 0..KEYS {
        let log = backplanes[0].log(&key(number), Sequence::ZERO, PageSize::MAX, Consistency::Strong).await.unwrap();
        let sequences: Vec<_> = log.iter().map(|entry| entry.sequence.get()).collect();
        assert_eq!(sequences, (1..=log.len() as u64).collect::<Vec<_>>(), "seed {seed}");
        for entry in log {
            entry.verify().unwrap();
            assert_eq!(there.insert(entry.commit_id, entry.sequence), None, "seed {seed}");
        }
    }
    let receipts: Vec<_> = done.iter().flat_map(|done| &done.receipts).collect();
    assert_eq!(receipts.len(), there.len(), "seed {seed}");
    for (commit, receipt) in &receipts {
        assert_eq!(there.get(&commit.id()), Some(&receipt.sequence), "seed {seed}");
    }
    let refused = done.iter().flat_map(|done| &done.refused).collect::<Vec<_>>();
    assert!(refused.iter().all(|id| !there.contains_key(id)), "seed {seed}");
    // Each of them must have happened, or the run says nothing.
    let replays: usize = done.iter().map(|done| done.replays).sum();
    assert!(receipts.len() > 100 && refused.len() > 100 && replays > 20, "seed {seed}");
}
