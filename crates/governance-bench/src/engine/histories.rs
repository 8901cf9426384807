//! Backplanes that hold a long history, filled when they are first asked for.

use crate::measure::Tasks;
use crate::work::{Read, Reader};
use anyhow::Result;
use governance_persistence::{Backplane, ExperimentKey};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// What was filled, and stays while nobody has it open.
pub(super) trait Filled {
    type Backplane: Backplane + 'static;

    /// Opens it. Whoever did closes it again, and it can be opened anew.
    fn open(&self, runtime: &Runtime) -> Result<Self::Backplane>;
}

/// How to fill a new one with a history of so many records.
type Fill<'a, F> = Box<dyn Fn(&ExperimentKey, usize) -> Result<F> + 'a>;

pub(super) struct Histories<'a, F> {
    pub(super) runtime: &'a Runtime,
    fill: Fill<'a, F>,
    filled: RefCell<BTreeMap<usize, F>>,
}

impl<'a, F: Filled> Histories<'a, F> {
    pub(super) fn new(runtime: &'a Runtime, fill: impl Fn(&ExperimentKey, usize) -> Result<F> + 'a) -> Self {
        Self { runtime, fill: Box::new(fill), filled: RefCell::default() }
    }

    /// Opens the one whose history has so many records.
    pub(super) fn open(&self, records: usize) -> Result<Arc<F::Backplane>> {
        self.with(records, |filled| filled.open(self.runtime).map(Arc::new))
    }

    /// Asks the one whose history has so many records.
    pub(super) fn with<T>(&self, records: usize, ask: impl FnOnce(&F) -> Result<T>) -> Result<T> {
        if let Some(filled) = self.filled.borrow().get(&records) {
            return ask(filled);
        }
        let made = (self.fill)(&experiment()?, records)?;
        ask(self.filled.borrow_mut().entry(records).or_insert(made))
    }

    /// One worker that reads the history of so many records.
    pub(super) fn reader(
        &self,
        backplane: &Arc<F::Backplane>,
        read: Read,
        records: usize,
    ) -> Result<Tasks<'a, Reader<F::Backplane>>> {
        let read = match read {
            Read::Page { .. } => Read::Page { commits: records },
            other => other,
        };
        let worker = Reader { backplane: backplane.clone(), experiments: vec![experiment()?], read };
        Ok(Tasks::new(self.runtime, vec![worker]))
    }
}

/// Closes what was opened.
pub(super) fn close(runtime: &Runtime, opened: &[Arc<impl Backplane>]) -> Result<()> {
    opened.iter().try_for_each(|backplane| Ok(runtime.block_on(backplane.close())?))
}

/// The one experiment with a long history.
pub(super) fn experiment() -> Result<ExperimentKey> {
    Ok(ExperimentKey::new("long-running")?.in_tenant("seeded")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::fill;
    use governance_persistence::{Consistency, InMemoryBackplane};
    use std::cell::Cell;

    #[test]
    fn given_a_history_that_was_closed_when_it_is_opened_again_then_it_is_there_and_was_filled_once() -> Result<()> {
        let (runtime, fillings) = (Runtime::new()?, Cell::new(0));
        let histories = Histories::new(&runtime, |key, records| {
            fillings.set(fillings.get() + 1);
            let backplane = InMemoryBackplane::new();
            runtime.block_on(fill(&backplane, key, records))?;
            Ok(backplane)
        });
        let first = histories.open(100)?;
        close(&runtime, std::slice::from_ref(&first))?;
        let again = histories.open(100)?;
        let head = |backplane: &InMemoryBackplane| {
            let key = experiment()?;
            anyhow::Ok(runtime.block_on(backplane.head(&key, Consistency::Strong))?)
        };
        assert!(head(&first).is_err(), "it was closed");
        assert_eq!(head(&again)?.sequence.get(), 100);
        assert_eq!(fillings.get(), 1);
        Ok(())
    }
}
