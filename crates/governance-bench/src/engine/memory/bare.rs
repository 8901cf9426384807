//! The limit: a sharded map that holds the same heads, compares and replaces them, keeps the
//! commits, and does nothing else.

use crate::measure::Worker;
use crate::work::{Commits, Read, Reads};
use anyhow::{Result, bail};
use foldhash::fast::RandomState;
use governance_persistence::{Commit, ExperimentKey, Head};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError};

const SHARDS: usize = 64;

/// Where an experiment stands, and the commits that led there.
struct Held {
    head: Head,
    commits: Vec<Commit>,
}

type Shard = HashMap<ExperimentKey, Held, RandomState>;

/// 64 locked maps, which hash as the backplane does.
pub(super) struct BareMap {
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

impl BareMap {
    pub(super) fn of(heads: Vec<Head>) -> Self {
        let map = Self { hasher: RandomState::default(), shards: std::array::from_fn(|_| Mutex::default()) };
        for head in heads {
            let key = head.key.clone();
            map.with(&key, |held| held.insert(key.clone(), Held { head, commits: Vec::new() }));
        }
        map
    }

    fn with<T>(&self, key: &ExperimentKey, act: impl FnOnce(&mut Shard) -> T) -> T {
        let shard = self.hasher.hash_one(key) as usize % SHARDS;
        act(&mut self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Compares, replaces, appends.
pub(super) struct BareCommitter {
    pub(super) map: Arc<BareMap>,
    pub(super) commits: Commits,
}

impl Worker for BareCommitter {
    type Job = Commit;

    fn prepare(&mut self) -> Result<Commit> {
        self.commits.next()
    }

    async fn run(&mut self, commit: &Commit) -> Result<()> {
        self.map.with(commit.key(), |experiments| match experiments.get_mut(commit.key()) {
            Some(held) if commit.expected().is_met_by(&held.head) => {
                let state = commit.state().map(|state| state.clone().into_state(commit.key().clone(), commit.id()));
                held.head.state = state.map(Arc::new);
                held.head.sequence = held.head.sequence.next();
                held.commits.push(commit.clone());
                Ok(())
            }
            _ => bail!("{} is not as expected", commit.key()),
        })
    }
}

/// Looks up.
pub(super) struct BareReader {
    pub(super) map: Arc<BareMap>,
    pub(super) experiments: Vec<ExperimentKey>,
}

impl Worker for BareReader {
    type Job = Reads;

    fn prepare(&mut self) -> Result<Reads> {
        Read::Head.prepare(&self.experiments)
    }

    async fn run(&mut self, read: &Reads) -> Result<()> {
        let Reads::Head(key) = read else { bail!("a bare map holds no history") };
        let head = self.map.with(key, |experiments| experiments.get(key).map(|held| held.head.clone()));
        anyhow::ensure!(std::hint::black_box(head).is_some(), "{key} is not there");
        Ok(())
    }
}
