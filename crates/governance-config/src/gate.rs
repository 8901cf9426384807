//! A gate, as code builds it and as files are read into it.

use crate::Registry;
use governance::{ApprovalGate, AutomaticGate, ManualGate, RoleBasedGate};
use governance_persistence::JsonObject;
use std::{fmt, sync::Arc};

/// A gate before moves.
///
/// ```
/// use governance::persistence::LifecycleState::{Approved, PendingApproval};
/// use governance::{ManualGate, Moves};
/// use governance_config::{GateConfig, GovernanceConfig, Persistence};
///
/// let review = ManualGate::new("review", Moves::between(PendingApproval, Approved));
/// let config = GovernanceConfig::new(Persistence::InMemory).approval_gate(review.clone());
/// assert_eq!(config.approval_gates, [GateConfig::Manual(review)]);
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum GateConfig {
    /// Approves by itself.
    Automatic(AutomaticGate),
    /// Asks people.
    Manual(ManualGate),
    /// Lets roles through.
    RoleBased(RoleBasedGate),
    /// A gate of your own, of a type that a [`Registry`] knows by name.
    Custom {
        /// The name it was registered by.
        type_name: String,
        /// What is handed to its factory.
        options: JsonObject,
    },
}

impl GateConfig {
    /// The types that come with this crate.
    pub(crate) const BUILT_IN: &[&str] = &["automatic", "manual", "roleBased"];

    /// The gate's name in records; none where its factory gives it.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Automatic(gate) => Some(gate.name()),
            Self::Manual(gate) => Some(gate.name()),
            Self::RoleBased(gate) => Some(gate.name()),
            Self::Custom { .. } => None,
        }
    }

    pub(crate) fn make(&self, registry: &Registry) -> governance::Result<Arc<dyn ApprovalGate>> {
        Ok(match self {
            Self::Automatic(gate) => Arc::new(gate.clone()),
            Self::Manual(gate) => Arc::new(gate.clone()),
            Self::RoleBased(gate) => Arc::new(gate.clone()),
            Self::Custom { type_name, options } => registry.gate(type_name, options)?,
        })
    }
}

impl From<AutomaticGate> for GateConfig {
    fn from(gate: AutomaticGate) -> Self {
        Self::Automatic(gate)
    }
}

impl From<ManualGate> for GateConfig {
    fn from(gate: ManualGate) -> Self {
        Self::Manual(gate)
    }
}

impl From<RoleBasedGate> for GateConfig {
    fn from(gate: RoleBasedGate) -> Self {
        Self::RoleBased(gate)
    }
}

/// Shows no option's value of a custom type: it may be a secret.
impl fmt::Debug for GateConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Automatic(gate) => gate.fmt(f),
            Self::Manual(gate) => gate.fmt(f),
            Self::RoleBased(gate) => gate.fmt(f),
            Self::Custom { type_name, .. } => {
                f.debug_struct("Custom").field("type_name", type_name).finish_non_exhaustive()
            }
        }
    }
}
