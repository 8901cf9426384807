//! What the manager adds to a move: a transition asked of it, against one that is made by hand on the same backplane.

use super::histories::close;
use crate::measure::{Pair, Tasks, Worker, Workload};
use crate::work::{Holding, Managed, Reading, create_experiments};
use anyhow::Result;
use governance_persistence::{Backplane, ETag, ExperimentKey};
use std::sync::Arc;
use tokio::runtime::Runtime;

const AT_ONCE: [usize; 2] = [1, 16];

/// What "an overhead of at most 1.15" is as a ratio of speeds.
const WITHIN: f64 = 1.0 / 1.15;

/// What moves are measured against.
#[derive(Clone, Copy)]
enum ByHand {
    /// A commit of the same content by who knows where the experiment stands, and has built it already: the least
    /// that a move can cost. The manager goes by what it left itself, as it does if it is told to.
    Holding,
    /// The same by who does not know, and so has to read the head and to build the commit by that, as the manager does
    /// by itself. What is between the two is what the manager adds.
    Reading,
}

impl ByHand {
    const ALL: [Self; 2] = [Self::Holding, Self::Reading];

    fn name(self) -> &'static str {
        match self {
            Self::Holding => "transition through the manager that remembers",
            Self::Reading => "transition through the manager that reads",
        }
    }

    fn against(self) -> &'static str {
        match self {
            Self::Holding => "a bare commit of the same content, its ETag held",
            Self::Reading => "a bare read of the head, and a commit of the same content",
        }
    }
}

/// Two places of the same kind that nothing was written to, one for each side, and what has to stay meanwhile.
pub(super) struct Places<B, K> {
    pub(super) ours: B,
    pub(super) bare: B,
    pub(super) kept: K,
}

/// The rows of an engine. One operation in `timed` is timed.
pub(super) fn moves<'a, B: Backplane + 'static, K: 'a>(
    runtime: &'a Runtime,
    timed: usize,
    open: impl Fn() -> Result<Places<B, K>> + Copy + 'a,
) -> impl Iterator<Item = Workload<'a>> {
    let rows = ByHand::ALL.into_iter().flat_map(|by_hand| AT_ONCE.map(|writers| (by_hand, writers)));
    rows.map(move |(by_hand, writers)| {
        let workload = Workload::new(by_hand.name(), by_hand.against(), writers, move || {
            let Places { ours, bare, kept } = open()?;
            let (ours, bare) = (Arc::new(ours), Arc::new(bare));
            let pair = match by_hand {
                ByHand::Holding => {
                    let managed = workers(runtime, &ours, writers, Managed::remembering)?.timing_one_in(timed);
                    let holding = workers(runtime, &bare, writers, |bare, (key, _)| Ok(Holding::new(bare, key)))?;
                    Pair::new(managed, holding.timing_one_in(timed))
                }
                ByHand::Reading => {
                    let managed = workers(runtime, &ours, writers, Managed::reading)?.timing_one_in(timed);
                    let reading = workers(runtime, &bare, writers, |bare, (key, _)| Ok(Reading::new(bare, key)))?;
                    Pair::new(managed, reading.timing_one_in(timed))
                }
            };
            Ok(pair.closing(move || {
                let closed = close(runtime, &[ours, bare]);
                drop(kept);
                closed
            }))
        });
        workload.aiming_at(WITHIN, WITHIN)
    })
}

/// So many of them, each with an experiment of its own.
fn workers<'a, B: Backplane + 'static, W: Worker>(
    runtime: &'a Runtime,
    backplane: &Arc<B>,
    count: usize,
    worker: impl Fn(Arc<dyn Backplane>, (ExperimentKey, ETag)) -> Result<W>,
) -> Result<Tasks<'a, W>> {
    let created = runtime.block_on(create_experiments(&**backplane, count))?;
    let workers = created.into_iter().map(|created| worker(backplane.clone(), created));
    Ok(Tasks::new(runtime, workers.collect::<Result<_>>()?))
}
