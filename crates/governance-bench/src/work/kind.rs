//! What the writers write to.

use super::Commits;
use governance_persistence::{ETag, ExperimentKey};

/// How many experiments the writers share.
pub(crate) const EXPERIMENTS: usize = 1_024;

/// What the writers write to.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Each to an experiment of its own.
    Own,
    /// To many experiments, shared out among them.
    Many,
    /// All to the same.
    Hot,
    /// To a new one with each commit.
    New,
}

impl Kind {
    /// How many experiments there are to begin with.
    pub(crate) fn experiments(self, writers: usize) -> usize {
        match self {
            Self::Own => writers,
            Self::Many => EXPERIMENTS,
            Self::Hot => 1,
            Self::New => 0,
        }
    }

    /// What each of so many writers sends.
    pub(crate) fn writers(self, seeded: &[(ExperimentKey, ETag)], count: usize) -> impl Iterator<Item = Commits> {
        (0..count).map(move |index| match self {
            Self::Own | Self::Many => {
                let share = seeded.len() / count;
                Commits::Own { experiments: seeded[index * share..][..share].to_vec(), next: 0 }
            }
            Self::Hot => Commits::Hot { experiment: seeded[0].0.clone(), next: 0 },
            Self::New => Commits::New { tenant: format!("tenant-{index}"), next: 0 },
        })
    }
}
