//! The contract that every backplane gives.

use crate::{
    Commit, CommitId, Consistency, Ephemeral, ExperimentKey, ExperimentsQuery, Head, HistoryQuery, LogEntry, LookUp,
    Page, PageSize, Receipt, Record, Recorded, Result, Sequence,
};
use async_trait::async_trait;
use std::fmt::Debug;

/// What became of a replicated entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replicated {
    /// It was applied.
    Applied,
    /// It was there already: the same id and fingerprint at that sequence.
    AlreadyApplied,
    /// Entries before it are missing; nothing was applied.
    Gap {
        /// The last sequence there is.
        head: Sequence,
    },
    /// Another history is there: another entry stands at that sequence, or this one cannot follow
    /// the one before, because its commit id or a record id is used already, its version does not
    /// continue the latest, or it was recorded earlier. Nothing was applied.
    Diverged {
        /// The sequence of the entry.
        sequence: Sequence,
    },
}

/// A place that keeps governance state.
///
/// All methods are required, and few; what is convenient is in
/// [`BackplaneExt`](crate::BackplaneExt), for all backplanes at once. The conformance suite,
/// crate `governance-persistence-conformance`, checks the whole contract.
///
/// # Writing
///
/// * **Atomic and durable.** `Ok` means that state, records, sequence and log entry are stored, as
///   durably as the engine is set up to be; an error whose [outcome](crate::Error::outcome) is
///   `NotApplied` means that none is. No reader sees a part.
/// * **One winner.** Of any number of concurrent commits with the same `Match`, `Absent` or `At`,
///   exactly one is applied.
/// * **Idempotent.** A commit id is remembered for ever. The same commit sent again gives the
///   first receipt, `replayed`, however much has happened since.
/// * **The answers come in one order:** a replay, or
///   [`CommitIdReused`](crate::Error::CommitIdReused); then a conflict about what was expected;
///   then one about versions; then [`RecordIdReused`](crate::Error::RecordIdReused).
/// * **Cancellation.** A dropped future leaves all or nothing.
///
/// # Reading
///
/// Reads that are [`Strong`](Consistency::Strong) see every commit that was acknowledged before
/// they began. An experiment that nobody wrote to is not an error: its head has sequence 0, its
/// lists are empty. No read shows rows of another key.
///
/// # Sharing and wrapping
///
/// A backplane is shared as `Arc<dyn Backplane>`, which is a backplane itself. Wrappers hold the
/// inner one and delegate what they do not change.
#[async_trait]
pub trait Backplane: Debug + Send + Sync {
    /// Applies a commit, all or nothing, if what it expects is true.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::Error::Conflict), [`CommitIdReused`](crate::Error::CommitIdReused) and
    /// [`RecordIdReused`](crate::Error::RecordIdReused) in the order given above;
    /// [`Unavailable`](crate::Error::Unavailable), whose outcome tells whether it may have been
    /// applied: then send the same commit again.
    async fn commit(&self, commit: &Commit) -> Result<Receipt>;

    /// Applies an entry as it was applied elsewhere: ids, sequence, recorded-at and all.
    ///
    /// # Errors
    ///
    /// [`Corrupt`](crate::Error::Corrupt) when the entry does not [verify](LogEntry::verify).
    async fn replicate(&self, entry: &LogEntry) -> Result<Replicated>;

    /// The log entry of a commit.
    async fn entry(&self, key: &ExperimentKey, id: CommitId, consistency: Consistency) -> Result<Option<LogEntry>>;

    /// Where the experiment stands, in one look-up.
    async fn head(&self, key: &ExperimentKey, consistency: Consistency) -> Result<Head>;

    /// The log entries behind the sequence `after`, in order, at most a page of them. There are no
    /// more when the answer is empty.
    async fn log(
        &self,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
        consistency: Consistency,
    ) -> Result<Vec<LogEntry>>;

    /// A page of the experiment's records of one kind. Only the last page holds fewer than it may.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::Error::Invalid) when the cursor came from another query.
    async fn history(
        &self,
        key: &ExperimentKey,
        query: &HistoryQuery,
        consistency: Consistency,
    ) -> Result<Page<Recorded<Record>>>;

    /// The records that a look-up finds, in order, at a cost that does not grow with the history.
    async fn look_up(
        &self,
        key: &ExperimentKey,
        look_up: LookUp<'_>,
        consistency: Consistency,
    ) -> Result<Vec<Recorded<Record>>>;

    /// A page of the experiments that the query lets through, in key order. Only the last page
    /// holds fewer than it may.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::Error::Invalid) when the cursor came from another query.
    async fn experiments(&self, query: &ExperimentsQuery, consistency: Consistency) -> Result<Page<Head>>;

    /// The store of ephemerals beside the history.
    fn ephemeral(&self) -> &dyn Ephemeral;

    /// Does the engine answer?
    async fn ping(&self) -> Result<()>;

    /// Waits until what was begun has ended, then lets go of the engine. What is asked
    /// afterwards is `Unavailable`, not applied.
    async fn close(&self) -> Result<()>;
}
