//! PostgreSQL against its own benchmark tool, which runs our own statement, and against an event store.

mod pgbench;
mod postgres_es;
mod schema;
mod script;

use super::histories::{Filled, Histories, Size, close};
use super::moves::{Places, moves};
use crate::measure::{Pair, Plan, Tasks, Workload};
use crate::work::{Committer, EXPERIMENTS, Kind, Read, Reader, create_experiments, fill};
use anyhow::Result;
use governance_persistence::Backplane;
use governance_persistence_sql::SqlBackplane;
use pgbench::Pgbench;
use postgres_es::PostgresEs;
use schema::{Schema, Server};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use tokio::runtime::Runtime;

const AT_ONCE: [usize; 4] = [1, 4, 16, 64];

const COMMIT: &str = "pgbench, our single statement: group commit against none";
const READ: &str = "pgbench, our statement";
const EVENT: &str = "postgres-es: an event by persist, in the same server";

/// The name of the workload that runs against postgres-es, which has to be built first.
pub(super) const AGAINST_POSTGRES_ES: &str = "commit against postgres-es";

pub(super) use postgres_es::build as build_postgres_es;

/// The history whose pages are read.
const HISTORY: Size = Size::one_of(10_000);

type Committers<'a> = Tasks<'a, Committer<SqlBackplane>>;

pub(super) struct Bench<'a> {
    runtime: &'a Runtime,
    server: Rc<Server>,
    histories: Histories<'a, Schema>,
}

impl<'a> Bench<'a> {
    /// Starts a server of its own.
    pub(super) fn new(runtime: &'a Runtime) -> Result<Self> {
        let server = Rc::new(Server::start()?);
        let place = server.clone();
        let histories = Histories::new(runtime, move |size: Size| {
            let schema = Schema::create(runtime, &place)?;
            let filling = async {
                let backplane = schema.connect().await?;
                fill(&backplane, &size.experiments()?, size.records).await?;
                anyhow::Ok(backplane.close().await?)
            };
            place.without_syncs(|| runtime.block_on(filling))?;
            schema.analyze()?;
            Ok(schema)
        });
        Ok(Self { runtime, server, histories })
    }

    pub(super) fn workloads(&self, plan: &Plan) -> Vec<Workload<'_>> {
        let targets = [Some((0.70, 0.80)), None, Some((0.85, 1.0)), Some((1.5, 2.0))];
        let commits = AT_ONCE.into_iter().zip(targets).map(|(writers, target)| {
            let commit = self.commit("commit", writers, Kind::Own);
            match target {
                Some((floor, goal)) => commit.aiming_at(floor, goal),
                None => commit,
            }
        });
        let many = AT_ONCE.map(|writers| self.commit("commit to 1,024 experiments", writers, Kind::Many));
        let hot = AT_ONCE.map(|writers| self.commit("commit to one hot key", writers, Kind::Hot));
        let new = AT_ONCE.map(|writers| self.commit("commit to an empty schema", writers, Kind::New));
        let states = [(1, 0.80, 0.90), (16, 0.55, 0.65), (64, 0.55, 0.65)];
        let states = states.map(|(readers, floor, goal)| self.state_read(readers).aiming_at(floor, goal));
        let pages = [(1, 0.50, 0.60), (16, 0.45, 0.55), (64, 0.45, 0.55)];
        let pages = pages.map(|(readers, floor, goal)| {
            let name = "page of 100 out of 10 k";
            self.long_read(name, readers, Read::Page { commits: HISTORY.records }).aiming_at(floor, goal)
        });
        let look_ups = [("latest version", Read::LatestVersion), ("latest evaluation", Read::LatestEvaluation)];
        let look_ups = look_ups.map(|(name, read)| self.long_read(name, 1, read));
        let moves = moves(self.runtime, 1, || {
            let open = || Schema::create(self.runtime, &self.server)?.open(self.runtime);
            Ok(Places { ours: open()?, bare: open()?, kept: () })
        });
        let others = many.into_iter().chain(hot).chain(new).chain(states).chain(pages).chain(look_ups).chain(moves);
        commits.chain(others).chain(self.histories.growth(plan)).collect()
    }

    fn commit(&self, name: &'static str, writers: usize, kind: Kind) -> Workload<'_> {
        Workload::new(name, COMMIT, writers, move || {
            let (ours, tasks) = self.committers(writers, kind)?;
            let bare = Schema::create(self.runtime, &self.server)?;
            bare.seed(kind.experiments(writers), writers)?;
            let limit = Pgbench::commits(bare, kind, writers)?;
            Ok(Pair::new(tasks, limit).closing(move || close(self.runtime, &[ours])))
        })
    }

    /// The same commits against events of this program.
    pub(super) fn against_postgres_es(&self, program: &Path) -> Vec<Workload<'_>> {
        let targets = [(1, 1.5, 2.0), (16, 2.0, 2.5), (64, 3.0, 4.5)];
        let workloads = targets.map(|(writers, floor, goal)| {
            let program = program.to_owned();
            let commit = Workload::new(AGAINST_POSTGRES_ES, EVENT, writers, move || {
                let (ours, tasks) = self.committers(writers, Kind::Own)?;
                let theirs = Schema::create(self.runtime, &self.server)?;
                let limit = PostgresEs::start(&program, &theirs, writers)?;
                Ok(Pair::new(tasks, limit).closing(move || close(self.runtime, &[ours])))
            });
            commit.aiming_at(floor, goal)
        });
        workloads.into()
    }

    /// Ours, in a schema of its own.
    fn committers(&self, writers: usize, kind: Kind) -> Result<(Arc<SqlBackplane>, Committers<'a>)> {
        let schema = Schema::create(self.runtime, &self.server)?;
        let (ours, seeded) = self.runtime.block_on(async {
            let ours = schema.connect().await?;
            let seeded = create_experiments(&ours, kind.experiments(writers)).await?;
            anyhow::Ok((Arc::new(ours), seeded))
        })?;
        let committers = kind.writers(&seeded, writers).map(|commits| Committer { backplane: ours.clone(), commits });
        let tasks = Tasks::new(self.runtime, committers.collect());
        Ok((ours, tasks))
    }

    fn state_read(&self, readers: usize) -> Workload<'_> {
        Workload::new("state read", READ, readers, move || {
            let schema = Schema::create(self.runtime, &self.server)?;
            let (ours, seeded) = self.runtime.block_on(async {
                let ours = schema.connect().await?;
                let seeded = create_experiments(&ours, EXPERIMENTS).await?;
                anyhow::Ok((Arc::new(ours), seeded))
            })?;
            schema.analyze()?;
            let experiments: Vec<_> = seeded.into_iter().map(|(key, _)| key).collect();
            let reader = || Reader { backplane: ours.clone(), experiments: experiments.clone(), read: Read::Head };
            let tasks = std::iter::repeat_with(reader).take(readers).collect();
            let limit = Pgbench::reads(schema, Read::Head, readers)?;
            let pair = Pair::new(Tasks::new(self.runtime, tasks), limit);
            Ok(pair.closing(move || close(self.runtime, &[ours])))
        })
    }

    fn long_read(&self, name: &'static str, readers: usize, read: Read) -> Workload<'_> {
        Workload::new(name, READ, readers, move || {
            let limit = self.histories.with(HISTORY, |schema| Pgbench::reads(schema.clone(), read, readers))?;
            let ours = self.histories.open(HISTORY)?;
            let experiments = HISTORY.experiments()?;
            let reader = || Reader { backplane: ours.clone(), experiments: experiments.clone(), read };
            let tasks = Tasks::new(self.runtime, std::iter::repeat_with(reader).take(readers).collect());
            let pair = Pair::new(tasks, limit);
            Ok(pair.closing(move || close(self.runtime, &[ours])))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Contender;
    use xtask::services::Service;

    /// The limit does the same work: each of its transactions leaves a commit and a transition.
    #[test]
    fn given_pgbench_when_it_has_run_then_each_transaction_has_left_its_commit() -> Result<()> {
        if !Service::Postgres.is_available()? {
            return Ok(());
        }
        let runtime = Runtime::new()?;
        let server = Rc::new(Server::start()?);
        for kind in [Kind::Own, Kind::Many, Kind::Hot, Kind::New] {
            let schema = Schema::create(&runtime, &server)?;
            let (seeds, clients) = (kind.experiments(4), 4);
            schema.seed(seeds, clients)?;
            let mut limit = Pgbench::commits(schema.clone(), kind, clients)?;
            limit.round(1)?;
            limit.round(1)?;
            let count =
                |what: &str| Ok::<usize, anyhow::Error>(schema.psql(&format!("SELECT {what}"))?.trim().parse()?);
            let ran = count("count(*) FROM state_transitions")?;
            assert!(ran > 0);
            assert_eq!(count("count(*) FROM governance_commits")?, seeds + ran);
            assert_eq!(count("sum(sequence) FROM experiment_states")?, seeds + ran);
        }
        Ok(())
    }
}
