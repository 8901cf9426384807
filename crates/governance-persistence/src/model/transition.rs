//! A move from one lifecycle state to another.

use super::LifecycleState;
use super::setters::record_setters;
use crate::error::Faults;
use crate::{JsonObject, RecordId, Timestamp, text};
use serde::{Deserialize, Serialize};

/// The fact that somebody moved the experiment from one lifecycle state to another.
// Fields stand in the order of their JSON names: what serde writes is canonical as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct StateTransition {
    /// Who moved it.
    pub actor: String,
    /// The state before.
    pub from: LifecycleState,
    /// The id of this record, which approvals refer to.
    pub id: RecordId,
    /// What else the writer wants to keep.
    pub metadata: JsonObject,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When, by the writer's clock.
    pub timestamp: Timestamp,
    /// The state after.
    pub to: LifecycleState,
}

record_setters!(StateTransition, reason);

impl StateTransition {
    /// A transition by `actor`, now, under a new id.
    pub fn new(from: LifecycleState, to: LifecycleState, actor: impl Into<String>) -> Self {
        Self {
            actor: actor.into(),
            from,
            id: RecordId::new(),
            metadata: JsonObject::empty(),
            reason: None,
            timestamp: Timestamp::now(),
            to,
        }
    }

    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.check(text::check_label("actor", &self.actor));
        faults.check_optional("reason", self.reason.as_deref(), text::check_prose);
    }
}
