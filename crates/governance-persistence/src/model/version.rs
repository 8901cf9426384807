//! Configuration versions: what an experiment ran with, number by number.

use super::LifecycleState;
use crate::error::Faults;
use crate::{ContentHash, Json, JsonObject, RecordId, Timestamp, VersionNumber, text};
use serde::{Deserialize, Serialize};

/// Exactly which configuration: its number and the hash of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionReference {
    /// The number.
    pub number: VersionNumber,
    /// The hash of the configuration's canonical JSON.
    pub hash: ContentHash,
}

/// One version of an experiment's configuration, written once. Built from a
/// [`ConfigurationDraft`].
// Fields stand in the order of their JSON names: what serde writes is canonical as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ConfigurationVersion {
    /// What changed, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_description: Option<String>,
    /// The configuration itself.
    pub configuration: Json,
    /// When, by the writer's clock.
    pub created_at: Timestamp,
    /// Who wrote it.
    pub created_by: String,
    /// SHA-256 over the configuration's canonical JSON.
    pub hash: ContentHash,
    /// The id of this record.
    pub id: RecordId,
    /// Does it bring an earlier version back?
    pub is_rollback: bool,
    /// The lifecycle state the experiment was in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle_state: Option<LifecycleState>,
    /// What else the writer wants to keep.
    pub metadata: JsonObject,
    /// Its number: one more than the latest.
    pub number: VersionNumber,
    /// For a rollback, the earlier version whose configuration this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_version: Option<VersionNumber>,
    /// For a rollback, the version that was current before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back_from: Option<VersionNumber>,
}

impl ConfigurationVersion {
    /// Number and hash: what an approval is bound to.
    pub fn reference(&self) -> VersionReference {
        VersionReference { number: self.number, hash: self.hash }
    }

    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.check(text::check_label("createdBy", &self.created_by));
        faults.check_optional("changeDescription", self.change_description.as_deref(), text::check_prose);
        let hash = ContentHash::of(&self.configuration);
        if self.hash != hash {
            let expected = format!("{hash}, the SHA-256 of the canonical configuration");
            faults.add("hash", format!("is {}", self.hash), expected);
        }
        let sources = [("restoredVersion", self.restored_version), ("rolledBackFrom", self.rolled_back_from)];
        for (field, source) in sources {
            if source.is_some() && !self.is_rollback {
                faults.add(field, "is set although isRollback is false", "it only on a rollback");
            }
            if source.is_some_and(|source| source >= self.number) {
                faults.add(field, "is not an earlier version", format!("less than {}", self.number));
            }
        }
    }
}

/// A configuration version that has no number yet.
///
/// ```
/// use governance_persistence::{ConfigurationDraft, Json, VersionNumber};
///
/// let configuration = Json::parse(r#"{"traffic": 10}"#)?;
/// let version = ConfigurationDraft::new(configuration, "alice")
///     .with_description("first tenth of the traffic")
///     .numbered(VersionNumber::FIRST);
/// assert_eq!(version.number.get(), 1);
/// # Ok::<(), governance_persistence::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationDraft(ConfigurationVersion);

impl ConfigurationDraft {
    /// A configuration written by `created_by`, now, under a new id.
    pub fn new(configuration: Json, created_by: impl Into<String>) -> Self {
        let hash = ContentHash::of(&configuration);
        Self::hashed(configuration, hash, created_by)
    }

    /// The same, with the hash that the writer computed, or that was stored. A commit is refused
    /// if it is wrong.
    pub fn hashed(configuration: Json, hash: ContentHash, created_by: impl Into<String>) -> Self {
        Self(ConfigurationVersion {
            change_description: None,
            created_at: Timestamp::now(),
            created_by: created_by.into(),
            hash,
            configuration,
            id: RecordId::new(),
            is_rollback: false,
            lifecycle_state: None,
            metadata: JsonObject::empty(),
            number: VersionNumber::FIRST,
            restored_version: None,
            rolled_back_from: None,
        })
    }

    /// A rollback by `created_by` that brings the configuration of `restored` back, from the
    /// version `current`.
    pub fn rollback(restored: &ConfigurationVersion, current: VersionNumber, created_by: impl Into<String>) -> Self {
        let mut draft = Self::new(restored.configuration.clone(), created_by);
        draft.0.is_rollback = true;
        draft.0.restored_version = Some(restored.number);
        draft.0.rolled_back_from = Some(current);
        draft
    }

    /// The same under this record id.
    #[must_use]
    pub fn with_id(mut self, id: RecordId) -> Self {
        self.0.id = id;
        self
    }

    /// The same with what changed, in words.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.0.change_description = Some(description.into());
        self
    }

    /// The same, written while the experiment is in this state.
    #[must_use]
    pub fn in_state(mut self, state: LifecycleState) -> Self {
        self.0.lifecycle_state = Some(state);
        self
    }

    /// The same with this metadata.
    #[must_use]
    pub fn with_metadata(mut self, metadata: JsonObject) -> Self {
        self.0.metadata = metadata;
        self
    }

    /// The same at this time.
    #[must_use]
    pub fn at(mut self, created_at: Timestamp) -> Self {
        self.0.created_at = created_at;
        self
    }

    /// The version of this number.
    #[must_use]
    pub fn numbered(mut self, number: VersionNumber) -> ConfigurationVersion {
        self.0.number = number;
        self.0
    }

    /// Number and hash that it will have as version `number`.
    pub fn reference(&self, number: VersionNumber) -> VersionReference {
        VersionReference { number, hash: self.0.hash }
    }
}
