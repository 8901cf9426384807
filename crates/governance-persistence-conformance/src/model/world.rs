//! What a run goes by: the backplane under test, the model, and what the program has come by.

use super::program::Pick;
use super::same::{Answer, Clock, Fault, Refusal};
use crate::samples::unique;
use governance_persistence::{
    Backplane, Commit, Cursor, ExperimentKey, ExperimentsQuery, HistoryQuery, InMemoryBackplane, LogEntry, RecordId,
    RecordKind, Result,
};
use std::fmt::Debug;
use std::sync::Arc;

/// The two that are compared. Every answer of theirs is the same, or a fault.
pub(super) struct World {
    pub(super) handles: Vec<Arc<dyn Backplane>>,
    pub(super) model: InMemoryBackplane,
    pub(super) clocks: Clocks,
    /// A name that nobody else uses: the place may be shared.
    pub(super) name: String,
    pub(super) keys: Vec<ExperimentKey>,
    pub(super) transitions: Vec<RecordId>,
    /// What the program has come by, oldest first.
    pub(super) commits: Vec<Commit>,
    pub(super) entries: Vec<LogEntry>,
    pub(super) record_ids: Vec<(ExperimentKey, RecordKind, RecordId)>,
    pub(super) histories: Vec<(ExperimentKey, HistoryQuery, [Cursor; 2])>,
    pub(super) listings: Vec<(ExperimentsQuery, [Cursor; 2])>,
}

/// When each of the two recorded what.
#[derive(Default)]
pub(super) struct Clocks {
    pub(super) ours: Clock,
    pub(super) model: Clock,
}

/// What the backplane under test answered, and what the model did.
pub(super) struct Both<T> {
    pub(super) ours: Result<T>,
    pub(super) model: Result<T>,
}

impl World {
    /// A world in which nothing has happened yet.
    pub(super) fn new(handles: Vec<Arc<dyn Backplane>>) -> Self {
        let name = unique("model");
        Self {
            handles,
            model: InMemoryBackplane::new(),
            clocks: Clocks::default(),
            keys: keys(&name),
            name,
            transitions: std::iter::repeat_with(RecordId::new).take(3).collect(),
            commits: Vec::new(),
            entries: Vec::new(),
            record_ids: Vec::new(),
            histories: Vec::new(),
            listings: Vec::new(),
        }
    }

    pub(super) fn handle(&self, number: u8) -> &dyn Backplane {
        &self.handles[usize::from(number) % self.handles.len()]
    }

    pub(super) fn key(&self, number: u8) -> ExperimentKey {
        self.keys[usize::from(number) % self.keys.len()].clone()
    }

    /// Asks both the same.
    pub(super) async fn ask<T>(&self, handle: u8, ask: impl AsyncFn(&dyn Backplane) -> Result<T>) -> Both<T> {
        Both { ours: ask(self.handle(handle)).await, model: ask(&self.model).await }
    }

    /// Asks both the same, and compares what they answer. Gives the answer, if it is one.
    pub(super) async fn compare<T: Answer>(
        &mut self,
        handle: u8,
        key: &ExperimentKey,
        ask: impl AsyncFn(&dyn Backplane) -> Result<T>,
    ) -> Result<Option<T>, Fault> {
        let both = self.ask(handle, ask).await;
        self.clocks.compare(key, both)
    }
}

impl Clocks {
    pub(super) fn compare<T: Answer>(&mut self, key: &ExperimentKey, both: Both<T>) -> Result<Option<T>, Fault> {
        let (mut ours, mut model) = (both.ours.map_err(Refusal::from), both.model.map_err(Refusal::from));
        let settled = [ours.settle(key, &mut self.ours), model.settle(key, &mut self.model)];
        same(&ours, &model)?;
        settled.into_iter().collect::<Result<(), Fault>>()?;
        Ok(model.ok())
    }
}

/// Are the two the same?
pub(super) fn same<T: PartialEq + Debug>(ours: &T, model: &T) -> Result<(), Fault> {
    if ours == model {
        return Ok(());
    }
    Err(format!("it answered\n    {ours:?}\n  where the model answered\n    {model:?}"))
}

/// One of the things, the newest first; none if there is nothing yet.
pub(super) fn pick<T>(things: &[T], which: Pick) -> Option<&T> {
    things.iter().nth_back(usize::from(which) % things.len().max(1))
}

/// Experiments that look alike, apart from the others of a place that may be shared.
fn keys(name: &str) -> Vec<ExperimentKey> {
    let upper = name.to_uppercase();
    let joined = format!("{name}/production");
    let parts = [
        (Some(name), Some("production"), "checkout"),
        (Some(name), None, "checkout"),
        (None, Some(name), "checkout"),
        (Some(name), Some(name), "checkout"),
        (Some(name), Some("production"), "Checkout"),
        (Some(&upper), Some("production"), "checkout"),
        (Some(name), Some(name), "production"),
        (Some(&joined), None, "checkout"),
    ];
    let keys = parts.map(|(tenant, environment, name)| ExperimentKey::from_parts(tenant, environment, name));
    keys.map(|key| key.expect("the parts are valid")).into()
}
