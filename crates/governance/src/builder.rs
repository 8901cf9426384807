//! Setting governance up.

use crate::setup::Setup;
use crate::{Clock, Governance, LifecycleTable, Result, SystemClock};
use governance_persistence::{Backplane, InMemoryBackplane, LifecycleState};
use std::sync::Arc;
use std::time::Duration;

/// Sets [`Governance`] up.
///
/// ```
/// use governance::persistence::{InMemoryBackplane, LifecycleState, Retrying};
/// use governance::{Governance, LifecycleTable};
/// use std::time::Duration;
///
/// let governance = Governance::builder()
///     .persistence(Retrying::new(InMemoryBackplane::new())) // sends again what failed in passing
///     .lifecycle(LifecycleTable::standard().forbidding(LifecycleState::Approved, LifecycleState::Running))
///     .deadline(Duration::from_secs(2))
///     .build()?;
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "governance is made by `build`"]
pub struct GovernanceBuilder {
    backplane: Option<Arc<dyn Backplane>>,
    clock: Arc<dyn Clock>,
    table: LifecycleTable,
    initial: LifecycleState,
    deadline: Duration,
}

impl GovernanceBuilder {
    pub(crate) fn new() -> Self {
        Self {
            backplane: None,
            clock: Arc::new(SystemClock),
            table: LifecycleTable::standard(),
            initial: LifecycleState::Draft,
            deadline: Duration::from_secs(5),
        }
    }

    /// Keeps everything on this backplane; an `Arc<dyn Backplane>` is one, too. Without it,
    /// everything is kept in memory and gone when the process ends: for tests and development.
    pub fn persistence(mut self, backplane: impl Backplane + 'static) -> Self {
        self.backplane = Some(Arc::new(backplane));
        self
    }

    /// Moves experiments by this table, in place of the [standard](LifecycleTable::standard) one.
    pub fn lifecycle(mut self, table: LifecycleTable) -> Self {
        self.table = table;
        self
    }

    /// An experiment that was never saved counts as being in this state; by default, as Draft.
    pub fn initial_state(mut self, state: LifecycleState) -> Self {
        self.initial = state;
        self
    }

    /// How long after the start of a request it may be judged anew because others recorded on the
    /// experiment; by default 5 s. Zero: it is judged once.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Tells the time by this clock, in place of the machine's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Checks everything, and puts it together.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) when the parts do not fit together.
    pub fn build(self) -> Result<Governance> {
        let Self { backplane, clock, table, initial, deadline } = self;
        let backplane = backplane.unwrap_or_else(|| Arc::new(InMemoryBackplane::new()));
        Ok(Governance(Arc::new(Setup { backplane, clock, table, initial, deadline })))
    }
}
