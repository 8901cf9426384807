//! The commit: the only way to write.

mod content;
mod expected;

pub(crate) use content::Content;
pub use expected::Expected;

use crate::{
    CommitId, ConfigurationVersion, Conflict, ConflictCause, ETag, ExperimentKey, Fingerprint, Head, Record, Result,
    StateChange, VersionNumber,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// A checked request to write: a new current state, records, or both, applied all or nothing if
/// what it expects is true. Cloning is cheap.
///
/// Keep the commit until its outcome is known: sending the same commit again is the safe answer
/// to every lost reply. To keep it beyond the process, serialize it; what is read back is checked
/// like a commit that is built.
///
/// ```
/// use governance_persistence::{Commit, Expected, ExperimentKey, LifecycleState, StateChange, StateTransition};
///
/// let key = ExperimentKey::new("checkout")?;
/// let commit = Commit::builder(&key, Expected::Absent)
///     .state(StateChange::to(LifecycleState::PendingApproval).by("alice"))
///     .record(StateTransition::new(LifecycleState::Draft, LifecycleState::PendingApproval, "alice"))
///     .build()?;
/// assert_eq!(commit.records().len(), 1);
/// # Ok::<(), governance_persistence::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Commit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: CommitId,
    key: ExperimentKey,
    expected: Expected,
    state: Option<StateChange>,
    records: Vec<Record>,
    fingerprint: OnceLock<Fingerprint>,
}

impl Commit {
    /// Starts a commit to `key` that is applied only if what is `expected` is true.
    pub fn builder(key: &ExperimentKey, expected: Expected) -> CommitBuilder {
        CommitBuilder { id: CommitId::new(), key: key.clone(), expected, state: None, records: Vec::new() }
    }

    /// Its id.
    pub fn id(&self) -> CommitId {
        self.0.id
    }

    /// The experiment.
    pub fn key(&self) -> &ExperimentKey {
        &self.0.key
    }

    /// What it expects to find.
    pub fn expected(&self) -> Expected {
        self.0.expected
    }

    /// The new current state, if it sets one.
    pub fn state(&self) -> Option<&StateChange> {
        self.0.state.as_ref()
    }

    /// Its records, by ordinal.
    pub fn records(&self) -> &[Record] {
        &self.0.records
    }

    /// The ETag that the state will have, if it sets one.
    pub fn etag(&self) -> Option<ETag> {
        self.0.state.is_some().then(|| self.0.id.into())
    }

    /// First and last number of its configuration versions, if it has any. They are contiguous.
    pub fn version_range(&self) -> Option<(VersionNumber, VersionNumber)> {
        version_range(self.records())
    }

    /// For backplanes: does the commit meet the head that is there? First what it expects, then
    /// its versions. Whether it was applied before has to be asked earlier.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`](crate::Error::Conflict) when it does not.
    pub fn check_against(&self, head: &Head) -> Result<()> {
        let conflict = |cause| Err(Conflict::new(self.key().clone(), cause, head.clone()).into());
        if !self.expected().is_met_by(head) {
            return conflict(ConflictCause::Expected(self.expected()));
        }
        match self.version_range().and_then(|(wanted, _)| Some((wanted, head.version_clash(wanted)?))) {
            Some((wanted, latest)) => conflict(ConflictCause::Version { wanted, latest }),
            None => Ok(()),
        }
    }

    /// SHA-256 over the canonical JSON of key, id, state and records; computed once, when it is
    /// first asked for.
    pub fn fingerprint(&self) -> Fingerprint {
        *self.0.fingerprint.get_or_init(|| {
            let Inner { id, key, state, records, .. } = &*self.0;
            Content { commit_id: *id, key, records, state: state.as_ref() }.fingerprint()
        })
    }
}

/// A commit as JSON has it, its fields in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire<'a> {
    commit_id: CommitId,
    expected: Expected,
    key: ExperimentKey,
    records: Cow<'a, [Record]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<Cow<'a, StateChange>>,
}

impl Serialize for Commit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire {
            commit_id: self.id(),
            expected: self.expected(),
            key: self.key().clone(),
            records: self.records().into(),
            state: self.state().map(Cow::Borrowed),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Commit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let builder = Self::builder(&wire.key, wire.expected).id(wire.commit_id).records(wire.records.into_owned());
        let builder = match wire.state {
            Some(state) => builder.state(state.into_owned()),
            None => builder,
        };
        builder.build().map_err(serde::de::Error::custom)
    }
}

/// First and last number of the configuration versions among `records`.
pub(crate) fn version_range(records: &[Record]) -> Option<(VersionNumber, VersionNumber)> {
    let number = |record: &Record| match record {
        Record::Version(ConfigurationVersion { number, .. }) => Some(*number),
        _ => None,
    };
    Some((records.iter().find_map(number)?, records.iter().rev().find_map(number)?))
}

/// Puts a [`Commit`] together.
#[derive(Clone, Debug)]
#[must_use = "a commit is made by `build`"]
pub struct CommitBuilder {
    id: CommitId,
    key: ExperimentKey,
    expected: Expected,
    state: Option<StateChange>,
    records: Vec<Record>,
}

impl CommitBuilder {
    /// Sets the id. Without it the id is new. A commit put together anew under an earlier id is
    /// the same commit only if all its parts are, record ids and timestamps included.
    pub fn id(mut self, id: CommitId) -> Self {
        self.id = id;
        self
    }

    /// Sets the new current state.
    pub fn state(mut self, state: StateChange) -> Self {
        self.state = Some(state);
        self
    }

    /// Adds a record.
    pub fn record(mut self, record: impl Into<Record>) -> Self {
        self.records.push(record.into());
        self
    }

    /// Adds records, in their order.
    pub fn records<R: Into<Record>>(mut self, records: impl IntoIterator<Item = R>) -> Self {
        self.records.extend(records.into_iter().map(Into::into));
        self
    }

    /// Checks the whole commit.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) with **all** faults: an empty commit, texts that
    /// are too long or hold control characters, ids that stand twice, version numbers that do not
    /// follow each other, a wrong hash, more than 1,000 records or 1 MiB.
    pub fn build(self) -> Result<Commit> {
        let Self { id, key, expected, state, records } = self;
        Content { commit_id: id, key: &key, records: &records, state: state.as_ref() }.check()?;
        let fingerprint = OnceLock::new();
        Ok(Commit(Arc::new(Inner { id, key, expected, state, records, fingerprint })))
    }
}
