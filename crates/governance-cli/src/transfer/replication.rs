//! Applying entries of other stores to this one, without ever mixing two histories.

use crate::failure::Failure;
use governance_persistence::{Backplane, Consistency, ExperimentKey, LogEntry, Replicated, Sequence};
use serde::Serialize;

/// What became of an entry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Applied,
    AlreadyApplied,
    /// Not applied, and why; `None` when that was told of an entry of this experiment just before.
    Refused(Option<Refusal>),
}

/// Why an entry was not applied.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) kind: RefusalKind,
    pub(crate) sequence: Sequence,
    pub(crate) problem: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RefusalKind {
    Gap,
    Diverged,
}

/// Applies entries in their order. Remembers one experiment, however many there are.
pub(crate) struct Replication<'a> {
    target: &'a dyn Backplane,
    before: Before,
}

/// What is known from the entry before.
enum Before {
    Nothing,
    /// This entry is in the target too.
    Common(ExperimentKey, Sequence),
    /// Entries of this experiment are not applied any more.
    Refused(ExperimentKey),
}

impl<'a> Replication<'a> {
    pub(crate) fn new(target: &'a dyn Backplane) -> Self {
        Self { target, before: Before::Nothing }
    }

    /// Applies the entry, if the target's history leads up to it.
    ///
    /// # Errors
    ///
    /// [`Corrupt`](governance_persistence::Error::Corrupt) when it is not what was committed, and
    /// whatever else the target answers.
    pub(crate) async fn apply(&mut self, entry: &LogEntry) -> Result<Step, Failure> {
        if matches!(&self.before, Before::Refused(key) if *key == entry.key) {
            entry.verify()?;
            return Ok(Step::Refused(None));
        }
        let replicated = match self.missing_before(entry).await? {
            Some(head) => {
                entry.verify()?;
                Replicated::Gap { head }
            }
            None => self.target.replicate(entry).await?,
        };
        let step = match replicated {
            Replicated::Applied => Step::Applied,
            Replicated::AlreadyApplied => Step::AlreadyApplied,
            Replicated::Gap { head } => refused(RefusalKind::Gap, entry.sequence, gap(entry, head)),
            Replicated::Diverged { sequence } => refused(RefusalKind::Diverged, sequence, DIVERGED.to_owned()),
        };
        let key = entry.key.clone();
        self.before = match step {
            Step::Refused(_) => Before::Refused(key),
            Step::Applied | Step::AlreadyApplied => Before::Common(key, entry.sequence),
        };
        Ok(step)
    }

    /// Where the target ends, if this entry would extend it though nobody has compared what is
    /// there with the entry before: another history would go on as this one.
    async fn missing_before(&self, entry: &LogEntry) -> Result<Option<Sequence>, Failure> {
        let follows = match &self.before {
            Before::Common(key, sequence) => *key == entry.key && sequence.next() == entry.sequence,
            Before::Nothing | Before::Refused(_) => false,
        };
        if follows || entry.sequence.get() == 1 {
            return Ok(None);
        }
        let head = self.target.head(&entry.key, Consistency::Strong).await?.sequence;
        Ok(Some(head).filter(|head| entry.sequence > *head))
    }
}

const DIVERGED: &str = "the target has another history here, and keeps it; nothing of this experiment was applied from \
                        here on";

fn gap(entry: &LogEntry, head: Sequence) -> String {
    let before = entry.sequence.get() - 1; // the first one of all has no gap before it
    if head.get() < before {
        let first = head.next();
        let missing = if first.get() == before { format!("{first} is") } else { format!("{first} to {before} are") };
        format!("the target ends at {head}, and {missing} missing before it")
    } else {
        format!("{before} is missing before it, so nobody knows whether the target's {before} is the same")
    }
}

fn refused(kind: RefusalKind, sequence: Sequence, problem: String) -> Step {
    Step::Refused(Some(Refusal { kind, sequence, problem }))
}
