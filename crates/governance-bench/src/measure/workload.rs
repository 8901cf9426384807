//! Something to measure.

use super::{Contender, Target};
use anyhow::Result;

/// Both sides of a comparison, ready to run.
pub(crate) struct Pair<'a> {
    pub(crate) ours: Box<dyn Contender + 'a>,
    pub(crate) limit: Box<dyn Contender + 'a>,
    close: Box<dyn FnOnce() -> Result<()> + 'a>,
}

impl<'a> Pair<'a> {
    /// Of which nothing stays behind when it is dropped.
    pub(crate) fn new(ours: impl Contender + 'a, limit: impl Contender + 'a) -> Self {
        Self { ours: Box::new(ours), limit: Box::new(limit), close: Box::new(|| Ok(())) }
    }

    /// With something to close when it has been measured, so that no thread and no checkpoint of
    /// it runs on under the next.
    pub(crate) fn closing(mut self, close: impl FnOnce() -> Result<()> + 'a) -> Self {
        self.close = Box::new(close);
        self
    }

    /// Drops both sides, and closes what is to be closed.
    pub(crate) fn close(self) -> Result<()> {
        let Self { ours, limit, close } = self;
        drop((ours, limit));
        close()
    }
}

/// How many operations a round has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operations {
    /// As many as fill the period, but at most so many, where more of them would change what is
    /// measured.
    AtMost(usize),
    /// So many, on both sides, in each round and in the one that warms up.
    Exactly(usize),
}

/// Something to measure, set up only when its turn comes.
pub(crate) struct Workload<'a> {
    pub(crate) name: String,
    pub(crate) against: String,
    pub(crate) concurrency: usize,
    pub(crate) target: Option<Target>,
    pub(crate) operations: Operations,
    pub(crate) set_up: Box<dyn FnOnce() -> Result<Pair<'a>> + 'a>,
}

impl<'a> Workload<'a> {
    /// Without a target.
    pub(crate) fn new(
        name: impl Into<String>,
        against: impl Into<String>,
        concurrency: usize,
        set_up: impl FnOnce() -> Result<Pair<'a>> + 'a,
    ) -> Self {
        Self {
            name: name.into(),
            against: against.into(),
            concurrency,
            target: None,
            operations: Operations::AtMost(500_000),
            set_up: Box::new(set_up),
        }
    }

    /// With what the design asks of its ratio.
    pub(crate) fn aiming_at(mut self, floor: f64, goal: f64) -> Self {
        self.target = Some(Target { floor, goal });
        self
    }

    /// With at most so many operations in a round.
    pub(crate) fn at_most(mut self, operations: usize) -> Self {
        self.operations = Operations::AtMost(operations);
        self
    }

    /// With just so many operations in each round.
    pub(crate) fn exactly(mut self, operations: usize) -> Self {
        self.operations = Operations::Exactly(operations);
        self
    }
}
