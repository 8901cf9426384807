//! What a long history costs: the same work on a million records and on a thousand.

use super::histories::{Filled, Histories, Size, close};
use crate::measure::{Pair, Plan, Tasks, Workload};
use crate::work::{Commits, Committer, Read};
use anyhow::Result;
use std::sync::Arc;

/// What "within 1.25 of the time" is as a ratio of speeds.
const WITHIN: f64 = 1.0 / 1.25;

const FEW: usize = 1_000;

/// How many commits a round has.
const COMMITS: usize = 2_000;

/// How many of them one short history gets, in all rounds together: it grows by a tenth at most.
const RUN: usize = FEW / 10;

impl<F: Filled> Histories<'_, F> {
    /// Each kind of work on many records against the same on few.
    pub(super) fn growth(&self, plan: &Plan) -> Vec<Workload<'_>> {
        let reads = [
            ("head", Read::Head),
            ("page of 100", Read::Page { commits: 0 }),
            ("latest version", Read::LatestVersion),
            ("latest evaluation", Read::LatestEvaluation),
        ];
        let reads = reads.map(|(name, read)| self.read_growth(plan, name, read));
        let workloads = reads.into_iter().chain([self.commit_growth(plan)]);
        workloads.map(|workload| workload.aiming_at(WITHIN, WITHIN)).collect()
    }

    fn read_growth(&self, plan: &Plan, name: &str, read: Read) -> Workload<'_> {
        let many = plan.many;
        Workload::new(format!("growth to {many}: {name}"), against(), 1, move || {
            let (many, few) = (Size::one_of(many), Size::one_of(FEW));
            let (long, short) = (self.open(many)?, self.open(few)?);
            let reader = |backplane, size: Size| {
                let read = match read {
                    Read::Page { .. } => Read::Page { commits: size.records },
                    other => other,
                };
                self.reader(backplane, read, size)
            };
            let pair = Pair::new(reader(&long, many)?, reader(&short, few)?);
            Ok(pair.closing(move || close(self.runtime, &[long, short])))
        })
    }

    /// On both sides one writer commits the same, as often, to one history at a time. What differs
    /// is how long that history is: many records, or a thousand. Neither grows by more than a tenth
    /// in the rounds that a plan has by itself.
    ///
    /// Rounds that are long enough to tell would make one history of a thousand a long one. So
    /// there are as many of them as it takes, all in one backplane, and each gets a run of commits
    /// and then no more. One commit in a run is the first to its history, and finds less in the
    /// caches. The backplane of the short ones is smaller in all, but no longer by as much as the
    /// histories: with seven rounds it holds 160,000 records, against a million.
    fn commit_growth(&self, plan: &Plan) -> Workload<'_> {
        // One round more warms up.
        let runs = COMMITS * (plan.rounds as usize + 1) / RUN;
        let (many, few) = (Size::one_of(plan.many), Size { histories: runs, records: FEW });
        let commit = Workload::new(format!("growth to {}: commit", plan.many), against(), 1, move || {
            let (long, short) = (self.open(many)?, self.open(few)?);
            let committer = |backplane: &Arc<F::Backplane>, size: Size, length| -> Result<_> {
                let commits = Commits::Runs { experiments: size.experiments()?, length, next: 0 };
                Ok(Tasks::new(self.runtime, vec![Committer { backplane: backplane.clone(), commits }]))
            };
            let pair = Pair::new(committer(&long, many, runs * RUN)?, committer(&short, few, RUN)?);
            Ok(pair.closing(move || close(self.runtime, &[long, short])))
        });
        commit.exactly(COMMITS)
    }
}

fn against() -> String {
    format!("ours at {FEW} records")
}
