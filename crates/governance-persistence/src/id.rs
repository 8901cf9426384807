//! Identifiers: of commits, of records, of states.

use crate::{Error, Fault, RecordKind, Result};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The namespace of the commit ids that this crate derives from record ids.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1d_2f5e_6a0b_4c1e_9b1a_52c6_53d1_70c4);

macro_rules! uuid_newtype {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The UUID itself.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            /// Reads a UUID in any of its usual forms.
            fn from_str(text: &str) -> Result<Self> {
                parse_uuid($field, text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

fn parse_uuid(field: &str, text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| {
        let expected = "a UUID such as 0191f3c4-7c1e-7a3b-8f64-1b2f6d9b0c55";
        Fault::new(field, format!("is {text:?}"), expected).into()
    })
}

uuid_newtype! {
    /// The id of a commit, chosen by the writer. The same commit sent again under the same id is
    /// applied once.
    CommitId, "commit id"
}

uuid_newtype! {
    /// The id of a record, unique within its experiment and kind. A transition's id is also what
    /// its approvals refer to.
    RecordId, "record id"
}

uuid_newtype! {
    /// The version of an experiment's current state: the id of the commit that set it. It changes
    /// with every commit that sets the state and with no other.
    ETag, "ETag"
}

macro_rules! new_id {
    ($($name:ident),+) => {$(
        impl $name {
            /// A new id, unique everywhere. It is a UUID of version 7, so ids made later sort
            /// later and an engine's index grows at one end.
            #[allow(clippy::new_without_default, reason = "an id has no default value")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }
    )+};
}

new_id!(CommitId, RecordId);

impl CommitId {
    /// The id of the commit that appends just this record: the same for every retry.
    pub fn of_record(kind: RecordKind, id: RecordId) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("{kind}/{id}").as_bytes()))
    }
}

impl RecordId {
    /// The id of a record that is determined by its commit: the same for every retry.
    pub fn of_commit(kind: RecordKind, commit: CommitId) -> Self {
        Self(Uuid::new_v5(&commit.0, kind.as_str().as_bytes()))
    }
}

impl ETag {
    /// The commit that set the state, which is also how to find its log entry.
    pub fn commit_id(self) -> CommitId {
        CommitId(self.0)
    }
}

impl From<CommitId> for ETag {
    fn from(id: CommitId) -> Self {
        Self(id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_id_says_what_would_be_right() {
        let error = "v7".parse::<ETag>().unwrap_err();
        assert!(error.to_string().starts_with("invalid request: ETag is \"v7\"; expected a UUID"));
    }

    #[test]
    fn derived_ids_depend_on_the_kind() {
        let id = RecordId::new();
        let transition = CommitId::of_record(RecordKind::Transition, id);
        assert_eq!(transition, CommitId::of_record(RecordKind::Transition, id));
        assert_ne!(transition, CommitId::of_record(RecordKind::Approval, id));
    }
}
