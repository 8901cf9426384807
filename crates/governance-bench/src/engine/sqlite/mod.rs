//! SQLite against a bare rusqlite loop on the same schema.

mod commit;
mod open;
mod read;
mod statements;
mod stream;

use super::histories::{Filled, Histories, Size, close};
use super::moves::{Places, moves};
use crate::measure::{Pair, Plan, Row, Tasks, Threads, Workload};
use crate::work::{Committer, EXPERIMENTS, Kind, Read, Reader, create_experiments, fill};
use anyhow::{Context, Result};
use commit::BareCommitter;
use governance_persistence::{Backplane, ETag, ExperimentKey};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions, Synchronous};
use read::BareReader;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(super) use stream::name as stream_name;
pub(crate) use stream::stream_alone;

const AT_ONCE: [usize; 3] = [1, 16, 64];

/// The history whose pages are read.
const HISTORY: Size = Size::one_of(10_000);

/// Histories that were written side by side. The tables of history are in the order of writing, so
/// the rows of a page are that far apart in the file.
const INTERLEAVED: Size = Size { histories: 64, records: 1_000 };

pub(super) struct Bench<'a> {
    runtime: &'a Runtime,
    files: Rc<Files>,
    histories: Histories<'a, PathBuf>,
}

impl Filled for PathBuf {
    type Backplane = SqlBackplane;

    fn open(&self, runtime: &Runtime) -> Result<SqlBackplane> {
        runtime.block_on(connect(self, Synchronous::Full))
    }
}

/// Files that go when the benchmark ends.
struct Files {
    folder: TempDir,
    count: Cell<usize>,
}

impl Files {
    fn new_file(&self) -> PathBuf {
        self.count.set(self.count.get() + 1);
        self.folder.path().join(format!("{}.db", self.count.get()))
    }

    /// Where the histories of this size are.
    fn histories(&self, Size { histories, records }: Size) -> PathBuf {
        self.folder.path().join(format!("{histories}-of-{records}.db"))
    }
}

impl<'a> Bench<'a> {
    pub(super) fn new(runtime: &'a Runtime) -> Result<Self> {
        let folder = tempfile::tempdir().context("there is no place for temporary files")?;
        let files = Rc::new(Files { folder, count: Cell::new(0) });
        let place = files.clone();
        let histories = Histories::new(runtime, move |size| {
            let path = place.histories(size);
            runtime.block_on(async move {
                // Synced once, at the end, and not with every commit.
                let filling = connect(&path, Synchronous::Normal).await?;
                fill(&filling, &size.experiments()?, size.records).await?;
                filling.close().await?;
                Ok(path)
            })
        });
        Ok(Self { runtime, files, histories })
    }

    pub(super) fn workloads(&self, plan: &Plan) -> Vec<Workload<'_>> {
        let targets = [(0.80, 0.90), (2.5, 3.0), (3.0, 3.6)];
        let commits = AT_ONCE
            .into_iter()
            .zip(targets)
            .map(|(writers, (floor, goal))| self.commit("commit", writers, Kind::Own).aiming_at(floor, goal));
        let many = AT_ONCE.map(|writers| self.commit("commit to 1,024 experiments", writers, Kind::Many));
        let hot = AT_ONCE.map(|writers| self.commit("commit to one hot key", writers, Kind::Hot));
        let new = AT_ONCE.map(|writers| self.commit("commit to an empty schema", writers, Kind::New));
        let reads = AT_ONCE
            .map(|readers| Workload::new("state read", read::AGAINST, readers, move || self.state_read(readers)));
        let pages = [("page of 100 out of 10 k", HISTORY), ("page of 100 out of 1 k, one of 64", INTERLEAVED)];
        let pages = pages.map(|(name, size)| Workload::new(name, read::AGAINST, 1, move || self.page(size)));
        let moves = moves(self.runtime, 1, || {
            let open = || self.runtime.block_on(connect(&self.files.new_file(), Synchronous::Full));
            Ok(Places { ours: open()?, bare: open()?, kept: () })
        });
        let others = many.into_iter().chain(hot).chain(new).chain(reads).chain(pages).chain(moves);
        commits.chain(others).chain(self.histories.growth(plan)).collect()
    }

    fn commit(&self, name: &'static str, writers: usize, kind: Kind) -> Workload<'_> {
        Workload::new(name, commit::AGAINST, writers, move || {
            let (file, bare_file) = (self.files.new_file(), self.files.new_file());
            let (ours, seeded) = self.runtime.block_on(seed(&file, kind.experiments(writers)))?;
            let (bare, bare_seeded) = self.runtime.block_on(seed(&bare_file, kind.experiments(writers)))?;
            self.runtime.block_on(bare.close())?;
            let ours = Arc::new(ours);
            let committers =
                kind.writers(&seeded, writers).map(|commits| Committer { backplane: ours.clone(), commits }).collect();
            let limit = kind.writers(&bare_seeded, 1).map(|commits| BareCommitter::open(&bare_file, commits));
            let pair = Pair::new(Tasks::new(self.runtime, committers), Threads(limit.collect::<Result<_>>()?));
            Ok(pair.closing(move || close(self.runtime, &[ours])))
        })
    }

    fn state_read(&self, readers: usize) -> Result<Pair<'_>> {
        let file = self.files.new_file();
        let (ours, seeded) = self.runtime.block_on(seed(&file, EXPERIMENTS))?;
        let experiments: Vec<_> = seeded.into_iter().map(|(key, _)| key).collect();
        let ours = Arc::new(ours);
        let reader = || Reader { backplane: ours.clone(), experiments: experiments.clone(), read: Read::Head };
        let tasks = std::iter::repeat_with(reader).take(readers).collect();
        // More bare loops than threads would only take turns.
        let bare = std::iter::repeat_with(|| BareReader::open(&file, &experiments, Read::Head));
        let bare = bare.take(readers.min(self.runtime.metrics().num_workers())).collect::<Result<_>>()?;
        let pair = Pair::new(Tasks::new(self.runtime, tasks), Threads(bare));
        Ok(pair.closing(move || close(self.runtime, &[ours])))
    }

    fn page(&self, size: Size) -> Result<Pair<'_>> {
        let read = Read::Page { commits: size.records };
        let bare = self.histories.with(size, |file| BareReader::open(file, &size.experiments()?, read))?;
        let ours = self.histories.open(size)?;
        let pair = Pair::new(self.histories.reader(&ours, read, size)?, Threads(vec![bare]));
        Ok(pair.closing(move || close(self.runtime, &[ours])))
    }

    /// A whole history as a stream, in a process of its own.
    pub(super) fn stream(&self, engine: &'static str, plan: &Plan) -> Result<Row> {
        self.histories.with(Size::one_of(plan.many), |file| stream::row(engine, file, plan))
    }
}

async fn seed(file: &Path, count: usize) -> Result<(SqlBackplane, Vec<(ExperimentKey, ETag)>)> {
    let backplane = connect(file, Synchronous::Full).await?;
    let seeded = create_experiments(&backplane, count).await?;
    Ok((backplane, seeded))
}

async fn connect(file: &Path, synchronous: Synchronous) -> Result<SqlBackplane> {
    let options = SqlOptions::new(&format!("sqlite:{}", file.display()))?;
    Ok(SqlBackplane::connect(&options.synchronous(synchronous).migrate(Migrate::OnConnect)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_histories_that_were_written_side_by_side_then_neighbours_in_the_file_are_seldom_of_the_same() -> Result<()>
    {
        let runtime = Runtime::new()?;
        let bench = Bench::new(&runtime)?;
        let size = Size { histories: 8, records: 100 };
        let experiments: Vec<i64> = bench.histories.with(size, |file| {
            let connection = rusqlite::Connection::open(file)?;
            let mut rows = connection.prepare("SELECT experiment_id FROM state_transitions ORDER BY rowid")?;
            Ok(rows.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })?;
        let same = experiments.windows(2).filter(|neighbours| neighbours[0] == neighbours[1]).count();
        assert!(same * 4 < experiments.len(), "{same} of {}", experiments.len());
        Ok(())
    }
}
