//! All experiments, spread over independently locked maps.

use super::Hasher;
use super::experiment::Experiment;
use crate::{ExperimentKey, Head};
use hashbrown::HashTable;
use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

/// 64 locks match the lock-free maps that were tried, at two threads and at many.
const SHARDS: usize = 64;

/// A table rather than a map, so that a key is hashed once for the shard and its place in it.
type Shard = HashTable<Experiment>;

#[derive(Debug)]
pub(super) struct Shards {
    hasher: Hasher,
    shards: [Mutex<Shard>; SHARDS],
    /// All keys that ever had a commit, in key order.
    keys: RwLock<BTreeSet<ExperimentKey>>,
}

impl Default for Shards {
    fn default() -> Self {
        Self { hasher: Hasher::default(), shards: std::array::from_fn(|_| Mutex::default()), keys: RwLock::default() }
    }
}

impl Shards {
    /// Nothing panics while a lock is held, and a table is whole between two calls anyway.
    fn lock(&self, hash: u64) -> MutexGuard<'_, Shard> {
        // A table places by the lowest bits, and tells apart by the highest.
        let shard = (hash >> 32) as usize % SHARDS;
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the experiment, if anything was recorded of it.
    pub(super) fn read<T>(&self, key: &ExperimentKey, ask: impl FnOnce(&Experiment) -> T) -> Option<T> {
        let hash = self.hasher.hash_one(key);
        self.lock(hash).find(hash, |experiment| experiment.head().key == *key).map(ask)
    }

    /// Lets `change` write to the experiment, which is kept only if something was recorded.
    pub(super) fn write<T>(&self, key: &ExperimentKey, change: impl FnOnce(&mut Experiment) -> T) -> T {
        let hash = self.hasher.hash_one(key);
        let mut shard = self.lock(hash);
        if let Some(experiment) = shard.find_mut(hash, |experiment| experiment.head().key == *key) {
            return change(experiment);
        }
        let mut experiment = Experiment::new(key.clone());
        let answer = change(&mut experiment);
        if experiment.head().exists() {
            shard.insert_unique(hash, experiment, |experiment| self.hasher.hash_one(&experiment.head().key));
            self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        }
        answer
    }

    /// The first `limit` heads behind `after`, in key order, that `admit` lets through.
    pub(super) fn heads(&self, after: Option<ExperimentKey>, limit: usize, admit: impl Fn(&Head) -> bool) -> Vec<Head> {
        let mut heads = Vec::new();
        let mut start = after.map_or(Bound::Unbounded, Bound::Excluded);
        while heads.len() < limit {
            let keys = self.keys_behind(start, limit);
            let Some(last) = keys.last() else {
                break;
            };
            start = Bound::Excluded(last.clone());
            let found = keys.iter().filter_map(|key| self.read(key, |experiment| experiment.head().clone()));
            heads.extend(found.filter(&admit));
        }
        heads.truncate(limit);
        heads
    }

    /// A writer locks its shard and then the keys; so nobody may hold the keys and lock a shard.
    fn keys_behind(&self, start: Bound<ExperimentKey>, limit: usize) -> Vec<ExperimentKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.range((start, Bound::Unbounded)).take(limit).cloned().collect()
    }
}
