//! What a long history costs: the same work on a million records and on a thousand.

use super::histories::{Filled, Histories, close, experiment};
use crate::measure::{Pair, Plan, Tasks, Workload};
use crate::work::{Commits, Committer, Read};
use anyhow::Result;
use std::sync::Arc;

/// What "within 1.25 of the time" is as a ratio of speeds.
const WITHIN: f64 = 1.0 / 1.25;

/// A few commits a round: a history of a thousand records should stay about that.
const COMMITS: usize = 256;

const FEW: usize = 1_000;

impl<F: Filled> Histories<'_, F> {
    /// Each kind of work on many records against the same on few.
    pub(super) fn growth(&self, plan: &Plan) -> Vec<Workload<'_>> {
        let many = plan.many;
        let against = format!("ours at {FEW} records");
        let commit = Workload::new(format!("growth to {many}: commit"), &against, 1, move || {
            let (long, short) = (self.open(many)?, self.open(FEW)?);
            let committer = |backplane: &Arc<F::Backplane>| -> Result<_> {
                let commits = Commits::Hot { experiment: experiment()?, next: 0 };
                Ok(Tasks::new(self.runtime, vec![Committer { backplane: backplane.clone(), commits }]))
            };
            let pair = Pair::new(committer(&long)?, committer(&short)?);
            Ok(pair.closing(move || close(self.runtime, &[long, short])))
        });
        let reads = [
            ("head", Read::Head),
            ("page of 100", Read::Page { commits: 0 }),
            ("latest version", Read::LatestVersion),
            ("latest evaluation", Read::LatestEvaluation),
        ];
        let reads = reads.into_iter().map(|(name, read)| {
            Workload::new(format!("growth to {many}: {name}"), &against, 1, move || {
                let (long, short) = (self.open(many)?, self.open(FEW)?);
                let pair = Pair::new(self.reader(&long, read, many)?, self.reader(&short, read, FEW)?);
                Ok(pair.closing(move || close(self.runtime, &[long, short])))
            })
        });
        // The reads come first, so that the few records are still that few.
        let workloads = reads.chain([commit.at_most(COMMITS)]);
        workloads.map(|workload| workload.aiming_at(WITHIN, WITHIN)).collect()
    }
}
