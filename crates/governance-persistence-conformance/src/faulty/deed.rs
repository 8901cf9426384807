//! What a call did that can be done only once.

use governance_persistence::{CommitId, EphemeralId, EphemeralKind, ExperimentKey, Sequence};

/// Something that one call did, and that no later call can do again: who is told late of it, is
/// told that it was done already.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// A commit was applied.
    Applied(ExperimentKey, CommitId),
    /// An entry was applied.
    Replicated(ExperimentKey, Sequence),
    /// An ephemeral was removed.
    Removed(ExperimentKey, EphemeralKind, EphemeralId),
}
