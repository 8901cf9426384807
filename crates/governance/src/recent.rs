//! What this process's own commits left a moment ago, so that a move that follows at once need not read it again.
//!
//! Nobody goes by it but to commit: under [`At`](Expected::At) the sequence that was left, so that anything that was
//! recorded since is found by the backplane. What cannot be committed by it, a move that the lifecycle does not have
//! from there, or a state that is not the one the caller names, is judged anew by what is read.
//!
//! A sequence says what is there only while no history is lost. A server that fails over to a replica which had not
//! all of it may count up to the same sequence with commits of others. So nothing is kept unless the builder is told
//! to, and then for a moment: less than servers take to notice that one of them is gone.
//!
//! [`Expected::At`]: governance_persistence::Expected::At

use crate::Result;
use crate::policies::Definitions;
use crate::setup::Setup;
use governance_persistence::{Commit, ExperimentKey, Head, LogEntry, Receipt, replay};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Of how many experiments at most.
const LIMIT: usize = 1_024;
/// How many bytes of metadata and parameters are kept of one at most.
const LARGEST: usize = 16 * 1_024;

/// What is known of an experiment at one sequence.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) head: Head,
    /// All policies that are defined for it, if somebody asked.
    pub(crate) definitions: Option<Arc<Definitions>>,
    /// When the backplane was asked for it.
    seen: Instant,
}

/// What was left, by experiment.
#[derive(Debug)]
pub(crate) struct Recent {
    /// For how long it counts.
    lasts: Duration,
    left: Mutex<HashMap<ExperimentKey, Known>>,
}

impl Known {
    /// What the backplane has now.
    pub(crate) async fn read(setup: &Setup, key: &ExperimentKey) -> Result<Self> {
        let seen = Instant::now();
        Ok(Self { head: setup.head(key).await?, definitions: None, seen })
    }

    /// What is known behind this commit, which was sent then; nothing if others recorded in between.
    fn followed_by(self, commit: &Commit, receipt: &Receipt, seen: Instant) -> Option<Self> {
        if self.head.sequence.next() != receipt.sequence {
            return None;
        }
        let definitions = self.definitions.map(|definitions| Definitions::with(definitions, commit.records()));
        let entry = LogEntry::of(commit, receipt.sequence, receipt.recorded_at);
        Some(Self { head: replay::apply(self.head, &entry).ok()?, definitions, seen })
    }

    fn is_small(&self) -> bool {
        let state = self.head.state.as_ref().map_or(0, |state| state.metadata.as_str().len());
        let definitions = self.definitions.as_ref().map_or(0, |definitions| definitions.size());
        state + definitions <= LARGEST
    }
}

impl Recent {
    pub(crate) fn lasting(lasts: Duration) -> Self {
        Self { lasts, left: Mutex::default() }
    }

    /// What was left of the experiment, if that was a moment ago.
    pub(crate) fn of(&self, key: &ExperimentKey) -> Option<Known> {
        self.lock().get(key).filter(|known| self.is_fresh(known)).cloned()
    }

    /// Keeps what is about to be committed by.
    pub(crate) fn keep(&self, known: &Known) {
        if self.lasts.is_zero() || !known.is_small() {
            return;
        }
        let mut left = self.lock();
        if left.len() >= LIMIT {
            left.retain(|_, known| self.is_fresh(known));
        }
        if left.len() < LIMIT {
            left.insert(known.head.key.clone(), known.clone());
        }
    }

    /// A commit, sent at that time, was applied. What it left is known if what it came behind was.
    pub(crate) fn committed(&self, commit: &Commit, receipt: &Receipt, sent: Instant) {
        let before = self.lock().remove(commit.key());
        if let Some(after) = before.and_then(|before| before.followed_by(commit, receipt, sent)) {
            self.keep(&after);
        }
    }

    /// It is not there any more, or leads to no commit.
    pub(crate) fn forget(&self, key: &ExperimentKey) {
        self.lock().remove(key);
    }

    fn is_fresh(&self, known: &Known) -> bool {
        known.seen.elapsed() < self.lasts
    }

    /// Each change is made whole, so a panic elsewhere leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, HashMap<ExperimentKey, Known>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
