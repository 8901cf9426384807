//! Redis against its own benchmark tool, which sends our script with our arguments.

mod benchmark;
mod limit;
mod monitor;
#[cfg(test)]
mod same;
mod server;

use super::histories::{Filled, Histories, Size, close};
use super::moves::{Places, moves};
use crate::measure::{Pair, Plan, Tasks, Worker, Workload};
use crate::work::{Committer, EXPERIMENTS, Kind, Read, Reader, create_experiments, fill};
use anyhow::{Context, Result};
use benchmark::RedisBenchmark;
use governance_persistence::Backplane;
use governance_persistence_redis::RedisBackplane;
use server::{Place, Server, Sync};
use std::rc::Rc;
use std::sync::Arc;
use tokio::runtime::Runtime;

const AT_ONCE: [usize; 3] = [1, 16, 64];

const COMMIT: &str = "redis-benchmark, our script and arguments";
const OTHER_KEYS: &str = "redis-benchmark, our script and arguments, one experiment";
const STATE: &str = "redis-benchmark, GET of a state";
const PAGE: &str = "redis-benchmark, LRANGE of 101";

/// The history whose pages are read: one list holds it.
const HISTORY: Size = Size::one_of(1_000);

type Committers<'a> = Tasks<'a, Committer<RedisBackplane>>;

pub(super) struct Bench<'a> {
    runtime: &'a Runtime,
    histories: Histories<'a, Place>,
}

impl<'a> Bench<'a> {
    /// Each workload has a server of its own, which takes with it all that was written; so have long histories.
    pub(super) fn new(runtime: &'a Runtime) -> Result<Self> {
        server::check()?;
        let histories = Histories::new(runtime, move |size: Size| {
            let place = Place::create(&Server::start(Sync::Everysec)?);
            runtime.block_on(async {
                let filling = place.connect().await?;
                fill(&filling, &size.experiments()?, size.records).await?;
                filling.close().await?;
                anyhow::Ok(())
            })?;
            Ok(place)
        });
        Ok(Self { runtime, histories })
    }

    pub(super) fn workloads(&self, plan: &Plan) -> Vec<Workload<'_>> {
        let targets = [(0.80, 0.85), (0.90, 0.95), (0.95, 1.0)];
        let commits = [Sync::Everysec, Sync::Always].into_iter().flat_map(|sync| {
            AT_ONCE.into_iter().zip(targets).map(move |(writers, (floor, goal))| {
                let name = format!("commit, appendfsync {}", sync.name());
                self.commit(name, COMMIT, (writers, Kind::Hot), sync).aiming_at(floor, goal)
            })
        });
        let others =
            [("own experiments", Kind::Own), ("1,024 experiments", Kind::Many), ("new experiments", Kind::New)];
        let others = others.into_iter().flat_map(|(name, kind)| {
            AT_ONCE.map(|writers| self.commit(format!("commit to {name}"), OTHER_KEYS, (writers, kind), Sync::Everysec))
        });
        let states = AT_ONCE.map(|readers| self.state_read(readers));
        let pages = AT_ONCE.map(|readers| self.page_read(readers));
        let moves = moves(self.runtime, 1, || {
            let kept = Server::start(Sync::Everysec)?;
            let open = || Place::create(&kept).open(self.runtime);
            Ok(Places { ours: open()?, bare: open()?, kept: kept.clone() })
        });
        commits.chain(others).chain(states).chain(pages).chain(moves).chain(self.histories.growth(plan)).collect()
    }

    fn commit(&self, name: String, against: &'static str, (writers, kind): (usize, Kind), sync: Sync) -> Workload<'_> {
        Workload::new(name, against, writers, move || {
            let server = Server::start(sync)?;
            let limit = RedisBenchmark::new(&server, limited(self.runtime, &server)?, writers);
            let (ours, tasks) = self.committers(&Place::create(&server), writers, kind)?;
            Ok(Pair::new(tasks, limit).closing(move || close(self.runtime, &[ours])))
        })
    }

    fn committers(&self, place: &Place, writers: usize, kind: Kind) -> Result<(Arc<RedisBackplane>, Committers<'a>)> {
        let (ours, seeded) = self.runtime.block_on(async {
            let ours = place.connect().await?;
            let seeded = create_experiments(&ours, kind.experiments(writers)).await?;
            anyhow::Ok((Arc::new(ours), seeded))
        })?;
        let committers = kind.writers(&seeded, writers).map(|commits| Committer { backplane: ours.clone(), commits });
        let tasks = Tasks::new(self.runtime, committers.collect());
        Ok((ours, tasks))
    }

    /// Ours reads the head and the state of one of 1,024 experiments, by a script; the limit only a state.
    fn state_read(&self, readers: usize) -> Workload<'_> {
        Workload::new("state read", STATE, readers, move || {
            let place = Place::create(&Server::start(Sync::Everysec)?);
            let (ours, seeded) = self.runtime.block_on(async {
                let ours = place.connect().await?;
                let seeded = create_experiments(&ours, EXPERIMENTS).await?;
                anyhow::Ok((Arc::new(ours), seeded))
            })?;
            let copies = place.copy_states(seeded.iter().map(|(key, _)| key))?;
            let command = [b"GET".to_vec(), format!("{copies}__rand_int__").into_bytes()];
            let limit = RedisBenchmark::new(&place.server, command.into(), readers).numbers(seeded.len());
            let experiments: Vec<_> = seeded.into_iter().map(|(key, _)| key).collect();
            let reader = || Reader { backplane: ours.clone(), experiments: experiments.clone(), read: Read::Head };
            let tasks = std::iter::repeat_with(reader).take(readers).collect();
            let pair = Pair::new(Tasks::new(self.runtime, tasks), limit);
            Ok(pair.closing(move || close(self.runtime, &[ours])))
        })
    }

    /// Ours asks for a page behind any place, and so for the head and the place first; the limit for the list alone,
    /// always the same part from its middle.
    fn page_read(&self, readers: usize) -> Workload<'_> {
        Workload::new("page of 100 out of 1 k", PAGE, readers, move || {
            let ours = self.histories.open(HISTORY)?;
            let experiments = HISTORY.experiments()?;
            let first = experiments.first().context("there is a history")?;
            let (list, server) =
                self.histories.with(HISTORY, |place| Ok((place.key(first, "transitions:0"), place.server.clone())))?;
            let command = ["LRANGE", &list, "300", "400"].map(|word| word.as_bytes().to_vec());
            let limit = RedisBenchmark::new(&server, command.into(), readers);
            let read = Read::Page { commits: HISTORY.records };
            let reader = || Reader { backplane: ours.clone(), experiments: experiments.clone(), read };
            let tasks = std::iter::repeat_with(reader).take(readers).collect();
            let pair = Pair::new(Tasks::new(self.runtime, tasks), limit);
            Ok(pair.closing(move || close(self.runtime, &[ours])))
        })
    }
}

/// The command of the limit, on an experiment of its own.
fn limited(runtime: &Runtime, server: &Rc<Server>) -> Result<Vec<Vec<u8>>> {
    let seen = Place::create(server);
    let commit = runtime.block_on(seen_commit(&seen))?;
    like(runtime, &commit, &seen)
}

/// The command of the limit that is like this one of ours, on an experiment that has its first commit.
fn like(runtime: &Runtime, commit: &[Vec<u8>], seen: &Place) -> Result<Vec<Vec<u8>>> {
    let place = Place::create(&seen.server);
    let begin = async {
        let beginning = place.connect().await?;
        create_experiments(&beginning, 1).await?;
        anyhow::Ok(beginning.close().await?)
    };
    runtime.block_on(begin)?;
    limit::of(commit, seen, &place)
}

/// What the server is sent for the second commit to an experiment.
async fn seen_commit(place: &Place) -> Result<Vec<Vec<u8>>> {
    let ours = Arc::new(place.connect().await?);
    let seeded = create_experiments(&*ours, 1).await?;
    let commits = Kind::Hot.writers(&seeded, 1).next().context("there is one writer")?;
    let mut committer = Committer { backplane: ours.clone(), commits };
    let commit = committer.prepare()?;
    let handle = tokio::runtime::Handle::current();
    let seen = tokio::task::block_in_place(|| place.server.watch(|| handle.block_on(committer.run(&commit))))?;
    ours.close().await?;
    limit::commit(&seen)
}
