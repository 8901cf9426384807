//! What a long history costs: the same work on a million records and on a thousand.

use crate::measure::{Pair, Plan, Tasks, Workload};
use crate::work::{Commits, Committer, Read, Reader};
use anyhow::Result;
use governance_persistence::{Backplane, ExperimentKey};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// What "within 1.25 of the time" is as a ratio of speeds.
const WITHIN: f64 = 1.0 / 1.25;

/// A few commits a round: a history of a thousand records should stay about that.
const COMMITS: usize = 256;

const FEW: usize = 1_000;

/// How to make a backplane with one long history of so many records.
type Fill<'a, B> = Box<dyn Fn(&ExperimentKey, usize) -> Result<B> + 'a>;

/// Backplanes with one long history each, made when they are first asked for.
pub(super) struct Histories<'a, B> {
    fill: Fill<'a, B>,
    filled: RefCell<BTreeMap<usize, Arc<B>>>,
}

impl<'a, B: Backplane + 'static> Histories<'a, B> {
    pub(super) fn new(fill: impl Fn(&ExperimentKey, usize) -> Result<B> + 'a) -> Self {
        Self { fill: Box::new(fill), filled: RefCell::default() }
    }

    /// The one whose history has so many records.
    pub(super) fn of(&self, records: usize) -> Result<Arc<B>> {
        if let Some(filled) = self.filled.borrow().get(&records) {
            return Ok(filled.clone());
        }
        let made = Arc::new((self.fill)(&experiment()?, records)?);
        self.filled.borrow_mut().insert(records, made.clone());
        Ok(made)
    }

    /// One worker that reads the history of so many records.
    pub(super) fn reader(&self, runtime: &'a Runtime, read: Read, records: usize) -> Result<Tasks<'a, Reader<B>>> {
        let read = match read {
            Read::Page { .. } => Read::Page { commits: records },
            other => other,
        };
        let worker = Reader { backplane: self.of(records)?, experiments: vec![experiment()?], read };
        Ok(Tasks::new(runtime, vec![worker]))
    }

    /// Each kind of work on many records against the same on few.
    pub(super) fn growth<'b>(&'b self, runtime: &'b Runtime, plan: &Plan) -> Vec<Workload<'b>>
    where
        'a: 'b,
    {
        let many = plan.many;
        let against = format!("ours at {FEW} records");
        let commit = Workload::new(format!("growth to {many}: commit"), &against, 1, move || {
            let committer = |records| -> Result<_> {
                let commits = Commits::Hot { experiment: experiment()?, next: 0 };
                Ok(Box::new(Tasks::new(runtime, vec![Committer { backplane: self.of(records)?, commits }])))
            };
            Ok(Pair { ours: committer(many)?, limit: committer(FEW)? })
        });
        let reads = [
            ("head", Read::Head),
            ("page of 100", Read::Page { commits: 0 }),
            ("latest version", Read::LatestVersion),
            ("latest evaluation", Read::LatestEvaluation),
        ];
        let reads = reads.into_iter().map(|(name, read)| {
            Workload::new(format!("growth to {many}: {name}"), &against, 1, move || {
                let reader = |records| -> Result<_> { Ok(Box::new(self.reader(runtime, read, records)?)) };
                Ok(Pair { ours: reader(many)?, limit: reader(FEW)? })
            })
        });
        // The reads come first, so that the few records are still that few.
        let workloads = reads.chain([commit.at_most(COMMITS)]);
        workloads.map(|workload| workload.aiming_at(WITHIN, WITHIN)).collect()
    }
}

/// The one experiment with a long history.
pub(super) fn experiment() -> Result<ExperimentKey> {
    Ok(ExperimentKey::new("long-running")?.in_tenant("seeded")?)
}
