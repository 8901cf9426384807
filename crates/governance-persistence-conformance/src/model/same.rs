//! When two answers are the same: in all but the instants that each backplane sets by its own
//! clock. Those are remembered, and have to be the same again whenever that backplane shows them.

use governance_persistence::{
    EphemeralItem, Error, ExperimentKey, Head, LogEntry, Receipt, Record, Recorded, Replicated, Result, Sequence,
    Timestamp, VersionNumber,
};
use std::collections::HashMap;
use std::fmt::Debug;

/// What is wrong, in words.
pub(super) type Fault = String;

/// When a backplane recorded what.
#[derive(Debug, Default)]
pub(super) struct Clock(HashMap<(ExperimentKey, Sequence), Timestamp>);

impl Clock {
    /// When the commit was recorded, if it was.
    pub(super) fn at(&self, key: &ExperimentKey, sequence: Sequence) -> Option<Timestamp> {
        self.0.get(&(key.clone(), sequence)).copied()
    }

    /// Remembers the instant, or compares it with what is remembered; then blanks it.
    pub(super) fn settle(&mut self, key: &ExperimentKey, sequence: Sequence, at: &mut Timestamp) -> Result<(), Fault> {
        let told = std::mem::replace(at, Timestamp::UNIX_EPOCH);
        let known = *self.0.entry((key.clone(), sequence)).or_insert(told);
        if known == told {
            return Ok(());
        }
        Err(format!("sequence {sequence} of {key} was recorded at {known} first, and at {told} now"))
    }
}

/// An answer that can be compared.
pub(super) trait Answer: PartialEq + Debug {
    /// Takes out what may differ.
    fn settle(&mut self, key: &ExperimentKey, clock: &mut Clock) -> Result<(), Fault>;
}

impl Answer for Receipt {
    fn settle(&mut self, key: &ExperimentKey, clock: &mut Clock) -> Result<(), Fault> {
        clock.settle(key, self.sequence, &mut self.recorded_at)
    }
}

impl Answer for LogEntry {
    fn settle(&mut self, _: &ExperimentKey, clock: &mut Clock) -> Result<(), Fault> {
        clock.settle(&self.key, self.sequence, &mut self.recorded_at)
    }
}

impl Answer for Recorded<Record> {
    fn settle(&mut self, key: &ExperimentKey, clock: &mut Clock) -> Result<(), Fault> {
        clock.settle(key, self.place.sequence, &mut self.recorded_at)
    }
}

impl Answer for Head {
    fn settle(&mut self, _: &ExperimentKey, clock: &mut Clock) -> Result<(), Fault> {
        self.recorded_at.as_mut().map_or(Ok(()), |at| clock.settle(&self.key, self.sequence, at))
    }
}

impl Answer for EphemeralItem {
    fn settle(&mut self, _: &ExperimentKey, _: &mut Clock) -> Result<(), Fault> {
        self.expires_at = Timestamp::UNIX_EPOCH;
        Ok(())
    }
}

macro_rules! has_no_instant {
    ($($type:ty),+) => {$(
        impl Answer for $type {
            fn settle(&mut self, _: &ExperimentKey, _: &mut Clock) -> Result<(), Fault> {
                Ok(())
            }
        }
    )+};
}

has_no_instant!(Replicated, VersionNumber, bool, ());

impl<T: Answer> Answer for Option<T> {
    fn settle(&mut self, key: &ExperimentKey, clock: &mut Clock) -> Result<(), Fault> {
        self.iter_mut().try_for_each(|answer| answer.settle(key, clock))
    }
}

impl<T: Answer> Answer for Vec<T> {
    fn settle(&mut self, key: &ExperimentKey, clock: &mut Clock) -> Result<(), Fault> {
        self.iter_mut().try_for_each(|answer| answer.settle(key, clock))
    }
}

impl<T: Answer, U: Answer> Answer for (T, U) {
    fn settle(&mut self, key: &ExperimentKey, clock: &mut Clock) -> Result<(), Fault> {
        self.0.settle(key, clock)?;
        self.1.settle(key, clock)
    }
}

/// An error, in a form that can be compared: which it is with all it says, and the head of a
/// conflict.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    why: String,
    head: Option<Head>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Conflict(conflict) => {
                Self { why: format!("Conflict on {}: {:?}", conflict.key, conflict.cause), head: Some(conflict.head) }
            }
            other => Self { why: format!("{other:?}"), head: None },
        }
    }
}

impl Answer for Refusal {
    fn settle(&mut self, key: &ExperimentKey, clock: &mut Clock) -> Result<(), Fault> {
        self.head.settle(key, clock)
    }
}

impl<T: Answer, E: Answer> Answer for Result<T, E> {
    fn settle(&mut self, key: &ExperimentKey, clock: &mut Clock) -> Result<(), Fault> {
        match self {
            Ok(answer) => answer.settle(key, clock),
            Err(refusal) => refusal.settle(key, clock),
        }
    }
}
