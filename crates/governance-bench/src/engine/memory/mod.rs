//! The in-memory backplane against a bare sharded map.

mod bare;

use super::histories::{Filled, Histories, Size};
use super::moves::{Places, moves};
use crate::measure::{Pair, Plan, Tasks, Workload};
use crate::work::{Commits, Committer, Read, Reader, create_experiments, fill};
use anyhow::Result;
use bare::{BareCommitter, BareMap, BareReader};
use futures_util::TryStreamExt;
use governance_persistence::{BackplaneExt, Consistency, ExperimentsQuery, Filter, InMemoryBackplane};
use std::sync::Arc;
use tokio::runtime::Runtime;

const AGAINST: &str = "a bare sharded map";

/// Reading the clock takes as long as these operations do.
const TIMED: usize = 16;

/// Most operations in a round, so that the history in memory stays some gigabytes.
const OPERATIONS: usize = 100_000;

/// Each opening is a handle of its own to the same data.
impl Filled for InMemoryBackplane {
    type Backplane = Self;

    fn open(&self, _: &Runtime) -> Result<Self> {
        Ok(self.clone())
    }
}

pub(super) struct Bench<'a> {
    runtime: &'a Runtime,
    histories: Histories<'a, InMemoryBackplane>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(runtime: &'a Runtime) -> Self {
        let histories = Histories::new(runtime, |size: Size| {
            let backplane = InMemoryBackplane::new();
            runtime.block_on(fill(&backplane, &size.experiments()?, size.records))?;
            Ok(backplane)
        });
        Self { runtime, histories }
    }

    pub(super) fn workloads(&self, plan: &Plan) -> Vec<Workload<'_>> {
        let at_once = [1, 16];
        let commits = at_once.map(|workers| {
            let commit = Workload::new("commit", AGAINST, workers, move || self.commit(workers));
            commit.aiming_at(0.30, 0.30).at_most(OPERATIONS)
        });
        let reads = at_once.map(|workers| {
            Workload::new("state read", AGAINST, workers, move || self.read(workers)).aiming_at(0.80, 0.80)
        });
        let places = || Ok(Places { ours: InMemoryBackplane::new(), bare: InMemoryBackplane::new(), kept: () });
        // Nothing is waited for here, so there is nothing for the manager to be small beside: no target.
        let moves = moves(self.runtime, TIMED, places);
        let moves = moves.map(|workload| Workload { target: None, ..workload.at_most(OPERATIONS) });
        commits.into_iter().chain(reads).chain(moves).chain(self.histories.growth(plan)).collect()
    }

    fn commit(&self, workers: usize) -> Result<Pair<'_>> {
        let backplane = Arc::new(InMemoryBackplane::new());
        let seeded = self.runtime.block_on(create_experiments(backplane.as_ref(), 1_024))?;
        let bare = Arc::new(self.bare(backplane.as_ref())?);
        let own =
            || seeded.chunks(seeded.len() / workers).map(|own| Commits::Own { experiments: own.to_vec(), next: 0 });
        let ours = own().map(|commits| Committer { backplane: backplane.clone(), commits }).collect();
        let limit = own().map(|commits| BareCommitter { map: bare.clone(), commits }).collect();
        self.pair(Tasks::new(self.runtime, ours), Tasks::new(self.runtime, limit))
    }

    fn read(&self, workers: usize) -> Result<Pair<'_>> {
        let backplane = Arc::new(InMemoryBackplane::new());
        let seeded = self.runtime.block_on(create_experiments(backplane.as_ref(), 1_024))?;
        let bare = Arc::new(self.bare(backplane.as_ref())?);
        let experiments: Vec<_> = seeded.into_iter().map(|(key, _)| key).collect();
        let ours = std::iter::repeat_with(|| Reader {
            backplane: backplane.clone(),
            experiments: experiments.clone(),
            read: Read::Head,
        });
        let limit = std::iter::repeat_with(|| BareReader { map: bare.clone(), experiments: experiments.clone() });
        let (ours, limit) = (ours.take(workers).collect(), limit.take(workers).collect());
        self.pair(Tasks::new(self.runtime, ours), Tasks::new(self.runtime, limit))
    }

    /// A map of the same heads.
    fn bare(&self, backplane: &InMemoryBackplane) -> Result<BareMap> {
        let query = ExperimentsQuery::new(Filter::Any);
        let heads = backplane.experiments_stream(query, Consistency::Strong);
        Ok(BareMap::of(self.runtime.block_on(heads.try_collect())?))
    }

    fn pair<A, B>(&self, ours: Tasks<'a, A>, limit: Tasks<'a, B>) -> Result<Pair<'_>>
    where
        A: crate::measure::Worker,
        B: crate::measure::Worker,
    {
        Ok(Pair::new(ours.timing_one_in(TIMED), limit.timing_one_in(TIMED)))
    }
}
