//! Policies: what they are, and how they judged.

use super::LifecycleState;
use super::named::named_enum;
use super::setters::record_setters;
use crate::error::Faults;
use crate::{JsonObject, RecordId, Timestamp, VersionNumber, text};
use serde::{Deserialize, Serialize};

/// The fact that a policy was defined, changed, or switched on or off.
// Fields stand in the order of their JSON names: what serde writes is canonical as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct PolicyDefinition {
    /// Who defined it.
    pub actor: String,
    /// Is it to be evaluated?
    pub enabled: bool,
    /// The id of this record.
    pub id: RecordId,
    /// The kind of policy, `errorRate` say.
    pub kind: String,
    /// What else the writer wants to keep.
    pub metadata: JsonObject,
    /// The policy's name within the experiment.
    pub name: String,
    /// What the kind needs to know.
    pub parameters: JsonObject,
    /// When, by the writer's clock.
    pub timestamp: Timestamp,
    /// The version of the definition, counted by the writer.
    pub version: VersionNumber,
}

record_setters!(PolicyDefinition);

impl PolicyDefinition {
    /// An enabled policy of this name and kind, defined by `actor`, now, as version 1.
    pub fn new(
        name: impl Into<String>,
        kind: impl Into<String>,
        parameters: JsonObject,
        actor: impl Into<String>,
    ) -> Self {
        Self {
            actor: actor.into(),
            enabled: true,
            id: RecordId::new(),
            kind: kind.into(),
            metadata: JsonObject::empty(),
            name: name.into(),
            parameters,
            timestamp: Timestamp::now(),
            version: VersionNumber::FIRST,
        }
    }

    /// The same as this version of the definition.
    #[must_use]
    pub fn with_version(mut self, version: VersionNumber) -> Self {
        self.version = version;
        self
    }

    /// The same, not to be evaluated.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    pub(crate) fn check(&self, faults: &mut Faults) {
        for (field, label) in [("actor", &self.actor), ("kind", &self.kind), ("name", &self.name)] {
            faults.check(text::check_label(field, label));
        }
    }
}

named_enum! {
    /// How bad it is not to comply; mildest first.
    pub enum Severity, called "severity" {
        /// Worth knowing.
        Info = "Info",
        /// Worth a look.
        Warning = "Warning",
        /// Wrong.
        Error = "Error",
        /// Nothing may go ahead.
        Critical = "Critical",
    }
}

/// The fact that a policy was evaluated, and how it judged.
// Fields stand in the order of their JSON names: what serde writes is canonical as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct PolicyEvaluation {
    /// Does the experiment comply?
    pub compliant: bool,
    /// The state the experiment was in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_state: Option<LifecycleState>,
    /// The id of this record.
    pub id: RecordId,
    /// What else the writer wants to keep: the telemetry it was judged by, say.
    pub metadata: JsonObject,
    /// The policy's name.
    pub policy: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How bad it is not to comply.
    pub severity: Severity,
    /// The state the experiment was to enter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_state: Option<LifecycleState>,
    /// When, by the writer's clock.
    pub timestamp: Timestamp,
}

record_setters!(PolicyEvaluation, reason);

impl PolicyEvaluation {
    /// The judgement of this policy, now, under a new id.
    pub fn new(policy: impl Into<String>, compliant: bool, severity: Severity) -> Self {
        Self {
            compliant,
            current_state: None,
            id: RecordId::new(),
            metadata: JsonObject::empty(),
            policy: policy.into(),
            reason: None,
            severity,
            target_state: None,
            timestamp: Timestamp::now(),
        }
    }

    /// The same about a move between these states.
    #[must_use]
    pub fn between(mut self, current: LifecycleState, target: LifecycleState) -> Self {
        self.current_state = Some(current);
        self.target_state = Some(target);
        self
    }

    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.check(text::check_label("policy", &self.policy));
        faults.check_optional("reason", self.reason.as_deref(), text::check_prose);
    }
}
