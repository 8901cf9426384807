//! Requests for approval, and the decisions about them.

use super::named::named_enum;
use super::setters::record_setters;
use super::{LifecycleState, VersionReference};
use crate::error::Faults;
use crate::{ContentHash, JsonObject, RecordId, Timestamp, VersionNumber, text};
use serde::{Deserialize, Serialize};

named_enum! {
    /// What was decided about a transition.
    pub enum Decision, called "decision" {
        /// It may go ahead.
        Approved = "Approved",
        /// It may not.
        Rejected = "Rejected",
        /// Nothing yet: this record is the request.
        Pending = "Pending",
    }
}

/// The fact that an approval was asked for, given, or refused.
///
/// A pending record is the request; it allocates the id that the transition will have. A decision
/// names who decided. An approval may be bound to the exact configuration it is about, by version
/// and hash.
// Fields stand in the order of their JSON names: what serde writes is canonical as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ApprovalRecord {
    /// Who decided; nobody as long as it is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// The hash of the configuration this is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration_hash: Option<ContentHash>,
    /// The number of the configuration version this is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration_version: Option<VersionNumber>,
    /// What was decided.
    pub decision: Decision,
    /// The state the transition leaves, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<LifecycleState>,
    /// The gate that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// The id of this record.
    pub id: RecordId,
    /// What else the writer wants to keep.
    pub metadata: JsonObject,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// When, by the writer's clock.
    pub timestamp: Timestamp,
    /// The state the transition enters.
    pub to: LifecycleState,
    /// The transition this is about.
    pub transition_id: RecordId,
}

record_setters!(ApprovalRecord, reason);

impl ApprovalRecord {
    /// The request, by `requested_by`, for a transition to the state `to`. Its transition id is
    /// new; the transition and the decisions about it take it from here.
    pub fn request(to: LifecycleState, requested_by: impl Into<String>) -> Self {
        Self { requested_by: Some(requested_by.into()), ..Self::blank(RecordId::new(), to, Decision::Pending) }
    }

    /// The decision of `approver` about a transition to the state `to`.
    pub fn decide(
        transition_id: RecordId,
        to: LifecycleState,
        decision: Decision,
        approver: impl Into<String>,
    ) -> Self {
        Self { approver: Some(approver.into()), ..Self::blank(transition_id, to, decision) }
    }

    /// The decision of `approver` about what this request asks for: the same transition, gate and
    /// configuration.
    pub fn decided(&self, decision: Decision, approver: impl Into<String>) -> Self {
        Self {
            configuration_hash: self.configuration_hash,
            configuration_version: self.configuration_version,
            from: self.from,
            gate: self.gate.clone(),
            requested_by: self.requested_by.clone(),
            ..Self::decide(self.transition_id, self.to, decision, approver)
        }
    }

    fn blank(transition_id: RecordId, to: LifecycleState, decision: Decision) -> Self {
        Self {
            approver: None,
            configuration_hash: None,
            configuration_version: None,
            decision,
            from: None,
            gate: None,
            id: RecordId::new(),
            metadata: JsonObject::empty(),
            reason: None,
            requested_by: None,
            timestamp: Timestamp::now(),
            to,
            transition_id,
        }
    }

    /// The same about a transition that leaves this state.
    #[must_use]
    pub fn leaving(mut self, from: LifecycleState) -> Self {
        self.from = Some(from);
        self
    }

    /// The same, asked for by this gate.
    #[must_use]
    pub fn with_gate(mut self, gate: impl Into<String>) -> Self {
        self.gate = Some(gate.into());
        self
    }

    /// The same, asked for by this actor.
    #[must_use]
    pub fn with_requester(mut self, requested_by: impl Into<String>) -> Self {
        self.requested_by = Some(requested_by.into());
        self
    }

    /// The same, bound to this very configuration.
    #[must_use]
    pub fn about(mut self, configuration: VersionReference) -> Self {
        self.configuration_version = Some(configuration.number);
        self.configuration_hash = Some(configuration.hash);
        self
    }

    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.check_optional("approver", self.approver.as_deref(), text::check_label);
        faults.check_optional("requestedBy", self.requested_by.as_deref(), text::check_label);
        faults.check_optional("gate", self.gate.as_deref(), text::check_label);
        faults.check_optional("reason", self.reason.as_deref(), text::check_prose);
        match (self.decision, &self.approver, &self.requested_by) {
            (Decision::Pending, Some(_), _) => {
                faults.add("approver", "is set on a pending request", "an approver only on a decision");
            }
            (Decision::Pending, None, None) => {
                faults.add("requestedBy", "is missing", "who asks, on a pending request");
            }
            (Decision::Approved | Decision::Rejected, None, _) => {
                faults.add("approver", "is missing", "who decided, on a decision");
            }
            _ => {}
        }
        if self.configuration_version.is_some() != self.configuration_hash.is_some() {
            let expected = "configurationVersion and configurationHash together, or neither";
            faults.add("configurationVersion", "stands without its other half", expected);
        }
    }
}
