//! The in-memory backplane: for tests, for development, and as the model that others are
//! compared with.

mod ephemeral;
mod experiment;
mod ids;
mod shards;

use crate::{
    Backplane, Commit, CommitId, Consistency, Direction, Ephemeral, Error, ExperimentKey, ExperimentsQuery, Head,
    HistoryQuery, LogEntry, LookUp, Page, PageSize, Place, Receipt, Record, Recorded, Replicated, Result, Sequence,
};
use async_trait::async_trait;
use ephemeral::EphemeralMap;
use experiment::Experiment;
use shards::Shards;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Seeded at random, and several times as fast as the standard one on keys this short.
type Hasher = foldhash::fast::RandomState;
type HashMap<K, V> = std::collections::HashMap<K, V, Hasher>;

/// A backplane that keeps everything in this process's memory, and gives the whole contract but
/// for durability: what it holds is gone with the process.
///
/// A clone shares the data. Closing closes one handle: its clones go on, and a clone of a closed
/// handle is open.
#[derive(Debug, Default)]
pub struct InMemoryBackplane {
    data: Arc<Data>,
    closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Data {
    experiments: Shards,
    ephemerals: EphemeralMap,
}

impl Clone for InMemoryBackplane {
    fn clone(&self) -> Self {
        Self { data: self.data.clone(), closed: AtomicBool::new(false) }
    }
}

impl InMemoryBackplane {
    /// An empty backplane.
    pub fn new() -> Self {
        Self::default()
    }

    fn data(&self) -> Result<&Data> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::not_applied("the backplane was closed", None));
        }
        Ok(&self.data)
    }

    /// Asks the experiment, if anything was recorded of it.
    fn read<T: Default>(&self, key: &ExperimentKey, ask: impl FnOnce(&Experiment) -> T) -> Result<T> {
        Ok(self.data()?.experiments.read(key, ask).unwrap_or_default())
    }
}

#[async_trait]
impl Backplane for InMemoryBackplane {
    async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        self.data()?.experiments.write(commit.key(), |experiment| experiment.commit(commit))
    }

    async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        let data = self.data()?;
        entry.verify()?;
        Ok(data.experiments.write(&entry.key, |experiment| experiment.replicate(entry)))
    }

    async fn entry(&self, key: &ExperimentKey, id: CommitId, _: Consistency) -> Result<Option<LogEntry>> {
        self.read(key, |experiment| experiment.sequence_of(id).map(|sequence| experiment.entry(sequence)))
    }

    async fn head(&self, key: &ExperimentKey, _: Consistency) -> Result<Head> {
        let head = self.data()?.experiments.read(key, |experiment| experiment.head().clone());
        Ok(head.unwrap_or_else(|| Head::empty(key.clone())))
    }

    async fn log(
        &self,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
        _: Consistency,
    ) -> Result<Vec<LogEntry>> {
        self.read(key, |experiment| {
            let last = experiment.head().sequence.get();
            let sequences = (after.get() + 1..=last).take(limit.get());
            sequences.filter_map(|number| Sequence::new(number).ok()).map(|at| experiment.entry(at)).collect()
        })
    }

    async fn history(
        &self,
        key: &ExperimentKey,
        query: &HistoryQuery,
        _: Consistency,
    ) -> Result<Page<Recorded<Record>>> {
        let after = query.after(key)?;
        let records = self.read(key, |experiment| {
            let places = within(experiment, query, after);
            let limit = query.size().get() + 1;
            let record = |place: &Place| experiment.record(*place);
            match query.direction() {
                Direction::Ascending => places.iter().take(limit).map(record).collect(),
                Direction::Descending => places.iter().rev().take(limit).map(record).collect(),
            }
        })?;
        Ok(Page::cut(records, query.size(), |last: &Recorded<Record>| query.cursor(key, last.place)))
    }

    async fn look_up(&self, key: &ExperimentKey, look_up: LookUp<'_>, _: Consistency) -> Result<Vec<Recorded<Record>>> {
        self.read(key, |experiment| experiment.look_up(look_up))
    }

    async fn experiments(&self, query: &ExperimentsQuery, _: Consistency) -> Result<Page<Head>> {
        let heads = self.data()?.experiments.heads(query.after()?, query.size().get() + 1, |head| {
            let state = head.state.as_ref().map(|state| state.lifecycle_state);
            query.tenant().admits(head.key.tenant())
                && query.environment().admits(head.key.environment())
                && query.state().is_none_or(|wanted| state == Some(wanted))
        });
        Ok(Page::cut(heads, query.size(), |last: &Head| query.cursor(&last.key)))
    }

    fn ephemeral(&self) -> &dyn Ephemeral {
        self
    }

    async fn ping(&self) -> Result<()> {
        self.data().map(|_| ())
    }

    async fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        Ok(())
    }
}

/// The places that the query asks for, oldest first. Both the place and the time it was recorded
/// grow along the history, so each end is found by bisection.
fn within<'a>(experiment: &'a Experiment, query: &HistoryQuery, after: Option<Place>) -> &'a [Place] {
    let places = experiment.places(query.kind());
    let (from, until) = query.recorded_range();
    let mut start = places.partition_point(|place| experiment.recorded_at(*place) < from);
    let mut end = places.partition_point(|place| experiment.recorded_at(*place) <= until);
    match (query.direction(), after) {
        (_, None) => {}
        (Direction::Ascending, Some(after)) => start = start.max(places.partition_point(|place| *place <= after)),
        (Direction::Descending, Some(after)) => end = end.min(places.partition_point(|place| *place < after)),
    }
    places.get(start..end).unwrap_or_default()
}
