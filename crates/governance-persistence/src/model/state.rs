//! The current state of an experiment: what a commit sets, and what a reader gets.

use super::LifecycleState;
use crate::error::Faults;
use crate::{CommitId, ETag, ExperimentKey, JsonObject, Timestamp, VersionNumber, text};
use serde::{Deserialize, Serialize};

/// A new current state, as a commit sets it.
// Fields stand in the order of their JSON names: what serde writes is canonical as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct StateChange {
    /// The configuration version that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration_version: Option<VersionNumber>,
    /// When, by the writer's clock.
    pub last_modified: Timestamp,
    /// Who set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<String>,
    /// The lifecycle state.
    pub lifecycle_state: LifecycleState,
    /// What else the writer wants to keep.
    pub metadata: JsonObject,
}

impl StateChange {
    /// The experiment is to be in this state from now on. A change replaces the **whole** state:
    /// configuration version and metadata too. To keep those, start from
    /// [`ExperimentState::moved_to`].
    pub fn to(lifecycle_state: LifecycleState) -> Self {
        Self {
            configuration_version: None,
            last_modified: Timestamp::now(),
            last_modified_by: None,
            lifecycle_state,
            metadata: JsonObject::empty(),
        }
    }

    /// The same, set by this actor.
    #[must_use]
    pub fn by(mut self, actor: impl Into<String>) -> Self {
        self.last_modified_by = Some(actor.into());
        self
    }

    /// The same, running this configuration version.
    #[must_use]
    pub fn running_version(mut self, version: VersionNumber) -> Self {
        self.configuration_version = Some(version);
        self
    }

    /// The same with this metadata.
    #[must_use]
    pub fn with_metadata(mut self, metadata: JsonObject) -> Self {
        self.metadata = metadata;
        self
    }

    /// The same at this time.
    #[must_use]
    pub fn at(mut self, last_modified: Timestamp) -> Self {
        self.last_modified = last_modified;
        self
    }

    /// The current state that this change leaves when `commit` applies it to `key`.
    pub fn into_state(self, key: ExperimentKey, commit: CommitId) -> ExperimentState {
        ExperimentState {
            configuration_version: self.configuration_version,
            etag: commit.into(),
            key,
            last_modified: self.last_modified,
            last_modified_by: self.last_modified_by,
            lifecycle_state: self.lifecycle_state,
            metadata: self.metadata,
        }
    }

    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.check(self.metadata.as_json().check().map_err(|fault| fault.within("metadata")));
        faults.check_optional("lastModifiedBy", self.last_modified_by.as_deref(), text::check_label);
    }
}

/// The current state of an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ExperimentState {
    /// The configuration version that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration_version: Option<VersionNumber>,
    /// The version of this state: the id of the commit that set it.
    pub etag: ETag,
    /// The experiment.
    pub key: ExperimentKey,
    /// When it was set, by the writer's clock.
    pub last_modified: Timestamp,
    /// Who set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<String>,
    /// The lifecycle state.
    pub lifecycle_state: LifecycleState,
    /// What else the writer wanted to keep.
    pub metadata: JsonObject,
}

impl ExperimentState {
    /// A change by `actor`, now, to another lifecycle state, which keeps the configuration version
    /// and the metadata.
    pub fn moved_to(&self, lifecycle_state: LifecycleState, actor: impl Into<String>) -> StateChange {
        StateChange {
            configuration_version: self.configuration_version,
            metadata: self.metadata.clone(),
            ..StateChange::to(lifecycle_state).by(actor)
        }
    }

    /// A change that leaves everything as it is: where the next change starts from.
    pub fn to_change(&self) -> StateChange {
        StateChange {
            configuration_version: self.configuration_version,
            last_modified: self.last_modified,
            last_modified_by: self.last_modified_by.clone(),
            lifecycle_state: self.lifecycle_state,
            metadata: self.metadata.clone(),
        }
    }
}
