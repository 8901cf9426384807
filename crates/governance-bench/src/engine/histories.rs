//! Backplanes that hold histories, filled when they are first asked for.

use crate::measure::Tasks;
use crate::work::{Read, Reader};
use anyhow::Result;
use governance_persistence::{Backplane, ExperimentKey};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// So many histories, of so many records each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size {
    pub(super) histories: usize,
    pub(super) records: usize,
}

impl Size {
    /// One history of so many records.
    pub(super) const fn one_of(records: usize) -> Self {
        Self { histories: 1, records }
    }

    /// The experiments whose histories they are.
    pub(super) fn experiments(self) -> Result<Vec<ExperimentKey>> {
        (1..=self.histories).map(experiment).collect()
    }
}

/// One of the experiments whose histories are filled; the first has number 1.
pub(super) fn experiment(number: usize) -> Result<ExperimentKey> {
    Ok(ExperimentKey::new(&format!("long-running-{number}"))?.in_tenant("seeded")?)
}

/// What was filled, and stays while nobody has it open.
pub(super) trait Filled {
    type Backplane: Backplane + 'static;

    /// Opens it. Whoever did closes it again, and it can be opened anew.
    fn open(&self, runtime: &Runtime) -> Result<Self::Backplane>;
}

/// How to fill a new one.
type Fill<'a, F> = Box<dyn Fn(Size) -> Result<F> + 'a>;

pub(super) struct Histories<'a, F> {
    pub(super) runtime: &'a Runtime,
    fill: Fill<'a, F>,
    filled: RefCell<BTreeMap<Size, F>>,
}

impl<'a, F: Filled> Histories<'a, F> {
    pub(super) fn new(runtime: &'a Runtime, fill: impl Fn(Size) -> Result<F> + 'a) -> Self {
        Self { runtime, fill: Box::new(fill), filled: RefCell::default() }
    }

    /// Opens the one of this size.
    pub(super) fn open(&self, size: Size) -> Result<Arc<F::Backplane>> {
        self.with(size, |filled| filled.open(self.runtime).map(Arc::new))
    }

    /// Asks the one of this size.
    pub(super) fn with<T>(&self, size: Size, ask: impl FnOnce(&F) -> Result<T>) -> Result<T> {
        if let Some(filled) = self.filled.borrow().get(&size) {
            return ask(filled);
        }
        let made = (self.fill)(size)?;
        ask(self.filled.borrow_mut().entry(size).or_insert(made))
    }

    /// One worker that reads these histories.
    pub(super) fn reader(
        &self,
        backplane: &Arc<F::Backplane>,
        read: Read,
        size: Size,
    ) -> Result<Tasks<'a, Reader<F::Backplane>>> {
        let worker = Reader { backplane: backplane.clone(), experiments: size.experiments()?, read };
        Ok(Tasks::new(self.runtime, vec![worker]))
    }
}

/// Closes what was opened.
pub(super) fn close(runtime: &Runtime, opened: &[Arc<impl Backplane>]) -> Result<()> {
    opened.iter().try_for_each(|backplane| Ok(runtime.block_on(backplane.close())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::fill;
    use governance_persistence::{Consistency, InMemoryBackplane};
    use std::cell::Cell;

    #[test]
    fn given_histories_that_were_closed_when_they_are_opened_again_then_they_are_there_and_were_filled_once()
    -> Result<()> {
        let (runtime, fillings) = (Runtime::new()?, Cell::new(0));
        let histories = Histories::new(&runtime, |size: Size| {
            fillings.set(fillings.get() + 1);
            let backplane = InMemoryBackplane::new();
            runtime.block_on(fill(&backplane, &size.experiments()?, size.records))?;
            Ok(backplane)
        });
        let size = Size { histories: 2, records: 100 };
        let first = histories.open(size)?;
        close(&runtime, std::slice::from_ref(&first))?;
        let again = histories.open(size)?;
        for key in size.experiments()? {
            let head = |backplane: &InMemoryBackplane| runtime.block_on(backplane.head(&key, Consistency::Strong));
            assert!(head(&first).is_err(), "it was closed");
            assert_eq!(head(&again)?.sequence.get(), 100);
        }
        assert_eq!(fillings.get(), 1);
        Ok(())
    }
}
