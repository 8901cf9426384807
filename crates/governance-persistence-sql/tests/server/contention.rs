//! Many writers on few experiments, through two backplanes, with everything mixed that a writer may send: nobody is
//! told of a deadlock, no sequence has a gap, and what was acknowledged is there once.

use crate::ledger::Ledger;
use crate::place::Place;
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Error, Expected, ExperimentKey, LifecycleState, RecordId, StateChange,
};
use governance_persistence_conformance::samples;
use governance_persistence_sql::SqlBackplane;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const WRITERS: u64 = 64;
const KEYS: usize = 50;
/// Of each writer, when nobody says for how long.
const COMMITS: usize = 25;

/// How often it happened.
#[derive(Debug, Default)]
struct Tally {
    applied: AtomicUsize,
    replays: AtomicUsize,
    conflicts: AtomicUsize,
    reused: AtomicUsize,
}

struct Writer {
    backplane: Arc<dyn Backplane>,
    ledger: Arc<Ledger>,
    tally: Arc<Tally>,
    random: fastrand::Rng,
    /// A commit of its own that is there, to be sent again and to be imitated.
    last: Option<Commit>,
}

impl Writer {
    async fn send(&mut self) {
        let commit = self.commit().await;
        if self.last.as_ref().is_none_or(|last| last.id() != commit.id()) {
            self.ledger.sent(&commit);
        }
        let applied = self.backplane.commit(&commit).await;
        let count = match &applied {
            Ok(receipt) if receipt.replayed => &self.tally.replays,
            Ok(_) => &self.tally.applied,
            Err(error) if error.is_conflict() => &self.tally.conflicts,
            Err(Error::CommitIdReused { .. } | Error::RecordIdReused { .. }) => &self.tally.reused,
            Err(error) => panic!("no caller may be told of this: {error:?}"),
        };
        count.fetch_add(1, Ordering::Relaxed);
        if let Ok(receipt) = applied {
            self.ledger.acknowledged(receipt);
            self.last = Some(commit);
        }
    }

    async fn commit(&mut self) -> Commit {
        let fresh = ExperimentKey::new(&format!("new-{}", CommitId::new())).unwrap();
        let shared = ExperimentKey::new(&format!("e{}", self.random.usize(..KEYS))).unwrap();
        let plain = |key: &ExperimentKey, expected| {
            let commit = Commit::builder(key, expected).state(StateChange::to(LifecycleState::Running));
            commit.record(samples::transition())
        };
        let built = match (self.random.u8(..10), &self.last) {
            (0, Some(last)) => return last.clone(),
            // Its record is there already; the one before it is not, and must not stay.
            (1, Some(last)) => {
                let used: Vec<RecordId> = last.records().iter().map(governance_persistence::Record::id).collect();
                plain(last.key(), Expected::Any).record(samples::transition().with_id(used[0]))
            }
            (2, _) => plain(&shared, Expected::Absent),
            (3 | 4, _) => {
                let head = self.backplane.head(&shared, Consistency::Strong).await.unwrap();
                plain(&shared, head.etag().map_or(Expected::Absent, Expected::Match))
            }
            (5, _) => {
                let head = self.backplane.head(&shared, Consistency::Strong).await.unwrap();
                let version = head.next_version().map_or(1, governance_persistence::VersionNumber::get);
                plain(&shared, Expected::At(head.sequence)).record(samples::version(version))
            }
            (6, _) => plain(&fresh, Expected::Absent),
            _ => plain(&shared, Expected::Any),
        };
        built.build().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_64_writers_on_50_experiments_then_no_deadlock_is_told_and_each_acknowledged_commit_is_there_once() {
    let Some(place) = Place::or_skip().await else { return };
    let seconds = std::env::var("GOVERNANCE_TEST_SECONDS").ok().map(|seconds| seconds.parse().unwrap());
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let options = place.options().acquire_timeout(Duration::from_secs(60)).unwrap();
    // As two processes would: each has writers of its own, who know nothing of the other's.
    let mut backplanes: Vec<Arc<dyn Backplane>> = Vec::new();
    for _ in 0..2 {
        backplanes.push(Arc::new(SqlBackplane::connect(&options).await.unwrap()));
    }
    let (ledger, tally) = (Arc::new(Ledger::default()), Arc::new(Tally::default()));
    let writers = (0..WRITERS).map(|number| {
        let backplane = backplanes[usize::from(number % 2 == 0)].clone();
        let (ledger, tally) = (ledger.clone(), tally.clone());
        let random = fastrand::Rng::with_seed(seed.wrapping_add(number));
        tokio::spawn(async move {
            let mut writer = Writer { backplane, ledger, tally, random, last: None };
            let mut sent = 0;
            while until.map_or(sent < COMMITS, |until| Instant::now() < until) {
                writer.send().await;
                sent += 1;
            }
        })
    });
    join_all(writers).await.into_iter().for_each(|ended| ended.unwrap());

    eprintln!("{tally:?}");
    assert_eq!(ledger.check(&*backplanes[0]).await, tally.applied.load(Ordering::Relaxed), "seed {seed}");
    // Each of them must have happened, or the run says nothing.
    for count in [&tally.applied, &tally.replays, &tally.conflicts, &tally.reused] {
        assert!(count.load(Ordering::Relaxed) >= COMMITS, "{tally:?}, seed {seed}");
    }
}
