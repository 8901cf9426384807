//! Reads, of experiments and places picked at random.

use crate::measure::Worker;
use anyhow::{Result, ensure};
use governance_persistence::{
    Backplane, Consistency, ExperimentKey, HistoryQuery, LookUp, Place, RecordKind, Sequence,
};
use std::sync::Arc;

use super::fill::POLICY;

/// What to read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Read {
    /// The head of one of the experiments.
    Head,
    /// A page of 100 transitions, starting behind any of so many commits.
    Page { commits: usize },
    /// The latest configuration version.
    LatestVersion,
    /// The latest evaluation of one policy.
    LatestEvaluation,
}

/// One read, made ready.
pub(crate) enum Reads {
    Head(ExperimentKey),
    Page(ExperimentKey, HistoryQuery),
    LatestVersion(ExperimentKey),
    LatestEvaluation(ExperimentKey),
}

impl Read {
    /// One read of one of these experiments.
    pub(crate) fn prepare(self, experiments: &[ExperimentKey]) -> Result<Reads> {
        let key = experiments[fastrand::usize(..experiments.len())].clone();
        Ok(match self {
            Self::Head => Reads::Head(key),
            Self::Page { commits } => {
                // Far enough from the end that the page is full, whatever kinds come last.
                let sequence = Sequence::new(fastrand::u64(1..=(commits as u64 * 3 / 4).max(1)))?;
                let query = HistoryQuery::new(RecordKind::Transition);
                let cursor = query.cursor(&key, Place::new(sequence, 0));
                Reads::Page(key, query.starting_at(cursor))
            }
            Self::LatestVersion => Reads::LatestVersion(key),
            Self::LatestEvaluation => Reads::LatestEvaluation(key),
        })
    }
}

/// Reads from a backplane.
pub(crate) struct Reader<B> {
    pub(crate) backplane: Arc<B>,
    pub(crate) experiments: Vec<ExperimentKey>,
    pub(crate) read: Read,
}

impl<B: Backplane + 'static> Worker for Reader<B> {
    type Job = Reads;

    fn prepare(&mut self) -> Result<Reads> {
        self.read.prepare(&self.experiments)
    }

    async fn run(&mut self, read: &Reads) -> Result<()> {
        let strong = Consistency::Strong;
        match read {
            Reads::Head(key) => {
                let head = self.backplane.head(key, strong).await?;
                ensure!(head.exists(), "{key} is not there");
            }
            Reads::Page(key, query) => {
                let page = self.backplane.history(key, query, strong).await?;
                ensure!(page.items.len() == 100, "the page holds {} of 100", page.items.len());
            }
            Reads::LatestVersion(key) => {
                let found = self.backplane.look_up(key, LookUp::LatestVersion, strong).await?;
                ensure!(found.len() == 1, "there is no latest version");
            }
            Reads::LatestEvaluation(key) => {
                let found = self.backplane.look_up(key, LookUp::LatestEvaluation(POLICY), strong).await?;
                ensure!(found.len() == 1, "there is no latest evaluation");
            }
        }
        Ok(())
    }
}
