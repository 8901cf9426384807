//! What a program is made of: plain data, so that it can be made at random, printed and shrunk.
//! What it names is chosen from what the run has come by so far.

use governance_persistence::{LifecycleState, RecordKind};
use std::fmt;

/// Which of the things that the run has come by: 0 is the newest.
pub(super) type Pick = u8;

/// One operation, through one of the handles, on one of the experiments.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Which handle of the backplane under test.
    pub(super) handle: u8,
    /// Which experiment.
    pub(super) key: u8,
    /// What is asked of it.
    pub(super) action: Action,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { handle, key, action } = self;
        write!(f, "by handle {handle}, on experiment {key}: {action:?}")
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// A commit put together anew.
    Commit { id: Id, expect: Expect, state: Option<LifecycleState>, facts: Vec<Fact> },
    /// The content of an earlier commit once more.
    CommitAgain { which: Pick, expect: Expect },
    /// The convenience that appends one record.
    Append(Fact),
    /// The convenience that numbers a configuration.
    NextVersion { id: Id, odd: bool },
    /// An entry from elsewhere.
    Replicate { state: Option<LifecycleState>, facts: Vec<Fact>, offset: i8, clock: Clock },
    /// An entry that is, or was meant to be, there already.
    ReplicateAgain { which: Pick, changed: bool },
    /// The head.
    Head,
    /// The entry of an earlier commit, of this experiment or another.
    Entry(Pick),
    /// A page of the log.
    Log { after: u8, limit: u8 },
    /// The first page of a history.
    History { kind: RecordKind, newest_first: bool, size: u8 },
    /// The page behind an earlier one; with `elsewhere`, of another experiment, which is wrong.
    NextRecords { which: Pick, size: u8, elsewhere: bool },
    /// What was recorded between two commits.
    Range { kind: RecordKind, newest_first: bool, from: Pick, until: Pick, size: u8 },
    /// A look-up.
    LookUp(Question),
    /// The first page of the experiments.
    Experiments { tenant: u8, environment: u8, state: Option<LifecycleState>, size: u8 },
    /// The page of experiments behind an earlier one.
    NextExperiments { which: Pick, size: u8 },
    /// Puts an ephemeral.
    Put { kind: u8, id: u8, value: u8 },
    /// Gets an ephemeral.
    Get { kind: u8, id: u8 },
    /// Lists the ephemerals.
    List { kind: u8 },
    /// Removes an ephemeral.
    Remove { kind: u8, id: u8 },
}

/// What a commit expects, as seen from the head that is there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expect {
    /// Anything.
    Any,
    /// No state.
    Absent,
    /// The state that is there, if any.
    Current,
    /// The ETag of an earlier commit, applied or not.
    Match(Pick),
    /// The sequence that is there, or one this far from it.
    At(i8),
}

/// An id: of a commit, or of a record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Id {
    /// A new one.
    New,
    /// One that was used before; for a record, in its experiment and by its kind.
    Used(Pick),
    /// One that was used before; for a record, anywhere and by any kind.
    Foreign(Pick),
}

/// A record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fact {
    pub(super) kind: RecordKind,
    pub(super) id: Id,
    /// Which policy, or which transition.
    pub(super) about: u8,
    /// Is it hard to keep?
    pub(super) odd: bool,
    /// How far the version number is from the one that follows the latest.
    pub(super) skip: i8,
}

/// When an entry from elsewhere was recorded, as seen from the heads that are there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Clock {
    /// At the same instant as the later of the two.
    Same,
    /// An hour ahead of it.
    Ahead,
    /// An hour before the earlier of the two.
    Behind,
}

/// A look-up.
#[derive(Clone, Copy, Debug)]
pub(super) enum Question {
    /// This far before the latest version.
    Version(i8),
    LatestVersion,
    LatestDefinition(u8),
    LatestEvaluation(u8),
    Approvals(u8),
}
