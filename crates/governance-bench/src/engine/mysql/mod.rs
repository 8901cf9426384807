//! MariaDB against a bare client, which writes the same rows without sharing a transaction.

mod call;
mod read;
#[cfg(test)]
mod same;
mod schema;
mod text;

use super::histories::{Filled, Histories, Size, close};
use super::moves::{Places, moves};
use crate::measure::{Loop, Pair, Plan, Tasks, Threads, Workload};
use crate::work::{Commits, Committer, EXPERIMENTS, Kind, Read, Reader, fill};
use anyhow::Result;
use call::Caller;
use governance_persistence::{Backplane, ExperimentKey};
use governance_persistence_sql::SqlBackplane;
use read::BareReader;
use schema::{Schema, Server};
use std::rc::Rc;
use std::sync::Arc;
use text::Sender;
use tokio::runtime::Runtime;

const AT_ONCE: [usize; 4] = [1, 4, 16, 64];

/// The history whose pages are read.
const HISTORY: Size = Size::one_of(10_000);

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
        let targets = [Some((0.75, 0.85)), None, Some((0.80, 0.95)), Some((0.85, 1.2))];
        let commits = AT_ONCE.into_iter().zip(targets).map(|(writers, target)| {
            let commit = self.called("commit", writers, Kind::Own);
            match target {
                Some((floor, goal)) => commit.aiming_at(floor, goal),
                None => commit,
            }
        });
        let many = AT_ONCE.map(|writers| self.called("commit to 1,024 experiments", writers, Kind::Many));
        let hot = AT_ONCE.map(|writers| self.called("commit to one hot key", writers, Kind::Hot));
        let new = AT_ONCE.map(|writers| self.called("commit to an empty schema", writers, Kind::New));
        let alone = AT_ONCE.map(|writers| {
            self.commit("commit against our own text", text::AGAINST, (writers, Kind::Own), Sender::connect)
        });
        let readers = [1, 16, 64];
        let states = readers.map(|readers| self.state_read(readers));
        let page = Read::Page { commits: HISTORY.records };
        let pages = readers.map(|readers| self.long_read("page of 100 out of 10 k", readers, page));
        let look_ups = [("latest version", Read::LatestVersion), ("latest evaluation", Read::LatestEvaluation)];
        let look_ups = look_ups.map(|(name, read)| self.long_read(name, 1, read));
        let moves = moves(self.runtime, 1, || {
            let open = || Schema::create(self.runtime, &self.server)?.open(self.runtime);
            Ok(Places { ours: open()?, bare: open()?, kept: () })
        });
        let others = many.into_iter().chain(hot).chain(new).chain(alone).chain(states).chain(pages).chain(look_ups);
        commits.chain(others).chain(moves).chain(self.histories.growth(plan)).collect()
    }

    /// Against the procedure.
    fn called(&self, name: &'static str, writers: usize, kind: Kind) -> Workload<'_> {
        self.commit(name, call::AGAINST, (writers, kind), Caller::connect)
    }

    fn commit<L: Loop + 'static>(
        &self,
        name: &'static str,
        against: &'static str,
        (writers, kind): (usize, Kind),
        connect: fn(&Schema, Commits) -> Result<L>,
    ) -> Workload<'_> {
        Workload::new(name, against, writers, move || {
            let (schema, bare) =
                (Schema::create(self.runtime, &self.server)?, Schema::create(self.runtime, &self.server)?);
            let (ours, seeded) = self.runtime.block_on(schema.seeded(kind.experiments(writers)))?;
            let (seeding, bare_seeded) = self.runtime.block_on(bare.seeded(kind.experiments(writers)))?;
            self.runtime.block_on(seeding.close())?;
            let ours = Arc::new(ours);
            let committers =
                kind.writers(&seeded, writers).map(|commits| Committer { backplane: ours.clone(), commits }).collect();
            let limit = kind.writers(&bare_seeded, writers).map(|commits| connect(&bare, commits));
            let limit = Threads(limit.collect::<Result<_>>()?);
            let pair = Pair::new(Tasks::new(self.runtime, committers), limit);
            Ok(pair.closing(move || close(self.runtime, &[ours])))
        })
    }

    fn state_read(&self, readers: usize) -> Workload<'_> {
        Workload::new("state read", read::AGAINST, readers, move || {
            let schema = Schema::create(self.runtime, &self.server)?;
            let (ours, seeded) = self.runtime.block_on(schema.seeded(EXPERIMENTS))?;
            schema.analyze()?;
            let experiments: Vec<_> = seeded.into_iter().map(|(key, _)| key).collect();
            self.reads(ours, &schema, (&experiments, Read::Head), readers)
        })
    }

    fn long_read(&self, name: &'static str, readers: usize, read: Read) -> Workload<'_> {
        Workload::new(name, read::AGAINST, readers, move || {
            self.histories.with(HISTORY, |schema| {
                let ours = self.runtime.block_on(schema.connect())?;
                self.reads(ours, schema, (&HISTORY.experiments()?, read), readers)
            })
        })
    }

    /// Both sides read the same database, each by so many readers.
    fn reads(
        &self,
        ours: SqlBackplane,
        schema: &Schema,
        (experiments, read): (&[ExperimentKey], Read),
        readers: usize,
    ) -> Result<Pair<'a>> {
        let (ours, runtime) = (Arc::new(ours), self.runtime);
        let reader = || Reader { backplane: ours.clone(), experiments: experiments.to_vec(), read };
        let tasks = std::iter::repeat_with(reader).take(readers).collect();
        let bare = std::iter::repeat_with(|| BareReader::connect(schema, experiments, read));
        let pair = Pair::new(Tasks::new(runtime, tasks), Threads(bare.take(readers).collect::<Result<_>>()?));
        Ok(pair.closing(move || close(runtime, &[ours])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Contender;
    use governance_persistence::{Consistency, ExperimentsQuery, Filter, LogEntry, PageSize, Sequence, replay};
    use xtask::services::Service;

    /// So many commits by so many bare writers, read and verified by the backplane.
    async fn assert_verified(schema: &Schema, commits: usize) -> Result<()> {
        let backplane = schema.connect().await?;
        let query = ExperimentsQuery::new(Filter::Any);
        let heads = backplane.experiments(&query, Consistency::Strong).await?.items;
        let mut written = 0;
        for head in &heads {
            let log = backplane.log(&head.key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await?;
            log.iter().try_for_each(LogEntry::verify)?;
            assert_eq!(&log.iter().try_fold(replay::start(&head.key), replay::apply)?, head);
            written += log.len();
        }
        assert_eq!(written, commits);
        Ok(backplane.close().await?)
    }

    fn run<L: Loop>(
        runtime: &Runtime,
        server: &Server,
        kind: Kind,
        connect: fn(&Schema, Commits) -> Result<L>,
    ) -> Result<()> {
        const WRITERS: usize = 4;
        let schema = Schema::create(runtime, server)?;
        // Few enough that one page has all heads.
        let seeds = kind.experiments(WRITERS).min(8);
        let (seeding, seeded) = runtime.block_on(schema.seeded(seeds))?;
        runtime.block_on(seeding.close())?;
        let writers = kind.writers(&seeded, WRITERS).map(|commits| connect(&schema, commits));
        let ran = Threads(writers.collect::<Result<Vec<_>>>()?).round(20)?;
        assert_eq!(ran.count, 20);
        runtime.block_on(assert_verified(&schema, seeds + ran.count))
    }

    /// The limits do the same work: what they leave behind is what the backplane would have left.
    #[test]
    fn given_bare_clients_when_they_have_run_then_the_backplane_reads_and_verifies_each_commit() -> Result<()> {
        if !Service::Mariadb.is_available()? {
            return Ok(());
        }
        let runtime = Runtime::new()?;
        let server = Server::start()?;
        for kind in [Kind::Own, Kind::Many, Kind::Hot, Kind::New] {
            run(&runtime, &server, kind, Caller::connect)?;
            run(&runtime, &server, kind, Sender::connect)?;
        }
        Ok(())
    }

    #[test]
    fn given_a_history_that_was_filled_without_syncs_then_it_is_there_and_what_is_measured_is_synced() -> Result<()> {
        if !Service::Mariadb.is_available()? {
            return Ok(());
        }
        let runtime = Runtime::new()?;
        let bench = Bench::new(&runtime)?;
        let size = Size { histories: 2, records: 100 };
        bench.histories.with(size, |schema| runtime.block_on(assert_verified(schema, 200)))?;
        assert!(bench.server.without_syncs(|| -> Result<()> { anyhow::bail!("it cannot be filled") }).is_err());
        assert_eq!(bench.server.mariadb.sql("SELECT @@GLOBAL.innodb_flush_log_at_trx_commit")?, "1");
        Ok(())
    }
}
