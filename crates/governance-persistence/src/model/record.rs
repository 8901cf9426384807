//! Records of any kind, and where one stands in history.

use super::named::named_enum;
use super::{ApprovalRecord, ConfigurationVersion, PolicyDefinition, PolicyEvaluation, StateTransition};
use crate::error::Faults;
use crate::{CommitId, Error, Json, Place, RecordId, Result, Sequence, Timestamp};
use serde::{Deserialize, Serialize};

named_enum! {
    /// The five kinds of record.
    pub enum RecordKind, called "kind" {
        /// [`StateTransition`].
        Transition = "transition",
        /// [`ApprovalRecord`].
        Approval = "approval",
        /// [`ConfigurationVersion`].
        Version = "version",
        /// [`PolicyDefinition`].
        Definition = "definition",
        /// [`PolicyEvaluation`].
        Evaluation = "evaluation",
    }
}

/// One immutable fact of any kind. In JSON the kind is the one name around it:
/// `{"transition":{…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Record {
    /// A lifecycle transition.
    Transition(StateTransition),
    /// A request for approval, or a decision.
    Approval(ApprovalRecord),
    /// A version of the configuration.
    Version(ConfigurationVersion),
    /// A policy's definition.
    Definition(PolicyDefinition),
    /// A policy's evaluation.
    Evaluation(PolicyEvaluation),
}

impl Record {
    /// Its kind.
    pub const fn kind(&self) -> RecordKind {
        match self {
            Self::Transition(_) => RecordKind::Transition,
            Self::Approval(_) => RecordKind::Approval,
            Self::Version(_) => RecordKind::Version,
            Self::Definition(_) => RecordKind::Definition,
            Self::Evaluation(_) => RecordKind::Evaluation,
        }
    }

    /// Its parts that are JSON.
    fn json(&self) -> impl Iterator<Item = (&'static str, &Json)> {
        let (metadata, other) = match self {
            Self::Transition(record) => (&record.metadata, None),
            Self::Approval(record) => (&record.metadata, None),
            Self::Version(record) => (&record.metadata, Some(("configuration", &record.configuration))),
            Self::Definition(record) => (&record.metadata, Some(("parameters", record.parameters.as_json()))),
            Self::Evaluation(record) => (&record.metadata, None),
        };
        [("metadata", metadata.as_json())].into_iter().chain(other)
    }

    /// Its id.
    pub const fn id(&self) -> RecordId {
        match self {
            Self::Transition(record) => record.id,
            Self::Approval(record) => record.id,
            Self::Version(record) => record.id,
            Self::Definition(record) => record.id,
            Self::Evaluation(record) => record.id,
        }
    }

    /// When it happened, by the writer's clock.
    pub const fn timestamp(&self) -> Timestamp {
        match self {
            Self::Transition(record) => record.timestamp,
            Self::Approval(record) => record.timestamp,
            Self::Version(record) => record.created_at,
            Self::Definition(record) => record.timestamp,
            Self::Evaluation(record) => record.timestamp,
        }
    }

    /// Who did it, where the kind has one: for an approval the approver, else who asked.
    pub fn actor(&self) -> Option<&str> {
        match self {
            Self::Transition(record) => Some(&record.actor),
            Self::Approval(record) => record.approver.as_deref().or(record.requested_by.as_deref()),
            Self::Version(record) => Some(&record.created_by),
            Self::Definition(record) => Some(&record.actor),
            Self::Evaluation(_) => None,
        }
    }

    pub(crate) fn check(&self, faults: &mut Faults) {
        for (field, json) in self.json() {
            faults.check(json.check().map_err(|fault| fault.within(field)));
        }
        match self {
            Self::Transition(record) => record.check(faults),
            Self::Approval(record) => record.check(faults),
            Self::Version(record) => record.check(faults),
            Self::Definition(record) => record.check(faults),
            Self::Evaluation(record) => record.check(faults),
        }
    }
}

/// A type that is one kind of [`Record`].
pub trait RecordType: Into<Record> + TryFrom<Record, Error = Record> + Send + 'static {
    /// The kind.
    const KIND: RecordKind;
}

macro_rules! record_type {
    ($($variant:ident: $type:ty),+) => {$(
        impl From<$type> for Record {
            fn from(record: $type) -> Self {
                Self::$variant(record)
            }
        }

        impl TryFrom<Record> for $type {
            type Error = Record;

            fn try_from(record: Record) -> Result<Self, Record> {
                match record {
                    Record::$variant(record) => Ok(record),
                    other => Err(other),
                }
            }
        }

        impl RecordType for $type {
            const KIND: RecordKind = RecordKind::$variant;
        }
    )+};
}

record_type! {
    Transition: StateTransition,
    Approval: ApprovalRecord,
    Version: ConfigurationVersion,
    Definition: PolicyDefinition,
    Evaluation: PolicyEvaluation
}

/// A record as history has it: with its place, the commit that brought it, and when that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<T> {
    /// Its place in the experiment's history.
    pub place: Place,
    /// The commit that brought it.
    pub commit_id: CommitId,
    /// When the backplane applied that commit.
    pub recorded_at: Timestamp,
    /// The record itself.
    pub record: T,
}

/// A recorded record as JSON has it. (`flatten` would decode the record's JSON on the way.)
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<T> {
    sequence: Sequence,
    ordinal: u32,
    commit_id: CommitId,
    recorded_at: Timestamp,
    record: T,
}

impl<T: Serialize> Serialize for Recorded<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Place { sequence, ordinal } = self.place;
        let (commit_id, recorded_at, record) = (self.commit_id, self.recorded_at, &self.record);
        Wire { sequence, ordinal, commit_id, recorded_at, record }.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Recorded<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Wire { sequence, ordinal, commit_id, recorded_at, record } = Wire::deserialize(deserializer)?;
        Ok(Self { place: Place::new(sequence, ordinal), commit_id, recorded_at, record })
    }
}

impl Recorded<Record> {
    /// The same as its own type.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the record is of another kind.
    pub fn typed<T: RecordType>(self) -> Result<Recorded<T>> {
        let other = |other: Record| Error::invalid("record", format!("is of kind {}", other.kind()), T::KIND.as_str());
        Ok(Recorded {
            place: self.place,
            commit_id: self.commit_id,
            recorded_at: self.recorded_at,
            record: T::try_from(self.record).map_err(other)?,
        })
    }
}
