//! A policy, as code builds it and as files are read into it.

use crate::Registry;
use governance::{ConflictPrevention, ErrorRate, Policy, TimeWindow, TrafficLimit};
use governance_persistence::JsonObject;
use std::{fmt, sync::Arc};

/// A policy that guards moves.
///
/// ```
/// use governance::ErrorRate;
/// use governance_config::{GovernanceConfig, Persistence, PolicyConfig};
///
/// let few_errors = ErrorRate::at_most(0.05)?;
/// let config = GovernanceConfig::new(Persistence::InMemory).policy(few_errors.clone());
/// assert_eq!(config.policies, [PolicyConfig::ErrorRate(few_errors)]);
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum PolicyConfig {
    /// No more traffic than this.
    TrafficLimit(TrafficLimit),
    /// No more errors than this.
    ErrorRate(ErrorRate),
    /// Only at these hours.
    TimeWindow(TimeWindow),
    /// Not beside these experiments.
    ConflictPrevention(ConflictPrevention),
    /// A policy of your own, of a type that a [`Registry`] knows by name.
    Custom {
        /// The name it was registered by.
        type_name: String,
        /// What is handed to its factory.
        options: JsonObject,
    },
}

impl PolicyConfig {
    /// The types that come with this crate.
    pub(crate) const BUILT_IN: &[&str] = &["trafficLimit", "errorRate", "timeWindow", "conflictPrevention"];

    /// The policy's name in records; none where its factory gives it.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::TrafficLimit(policy) => Some(policy.name()),
            Self::ErrorRate(policy) => Some(policy.name()),
            Self::TimeWindow(policy) => Some(policy.name()),
            Self::ConflictPrevention(policy) => Some(policy.name()),
            Self::Custom { .. } => None,
        }
    }

    pub(crate) fn make(&self, registry: &Registry) -> governance::Result<Arc<dyn Policy>> {
        Ok(match self {
            Self::TrafficLimit(policy) => Arc::new(policy.clone()),
            Self::ErrorRate(policy) => Arc::new(policy.clone()),
            Self::TimeWindow(policy) => Arc::new(policy.clone()),
            Self::ConflictPrevention(policy) => Arc::new(policy.clone()),
            Self::Custom { type_name, options } => registry.policy(type_name, options)?,
        })
    }
}

impl From<TrafficLimit> for PolicyConfig {
    fn from(policy: TrafficLimit) -> Self {
        Self::TrafficLimit(policy)
    }
}

impl From<ErrorRate> for PolicyConfig {
    fn from(policy: ErrorRate) -> Self {
        Self::ErrorRate(policy)
    }
}

impl From<TimeWindow> for PolicyConfig {
    fn from(policy: TimeWindow) -> Self {
        Self::TimeWindow(policy)
    }
}

impl From<ConflictPrevention> for PolicyConfig {
    fn from(policy: ConflictPrevention) -> Self {
        Self::ConflictPrevention(policy)
    }
}

/// Shows no option's value of a custom type: it may be a secret.
impl fmt::Debug for PolicyConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TrafficLimit(policy) => policy.fmt(f),
            Self::ErrorRate(policy) => policy.fmt(f),
            Self::TimeWindow(policy) => policy.fmt(f),
            Self::ConflictPrevention(policy) => policy.fmt(f),
            Self::Custom { type_name, .. } => {
                f.debug_struct("Custom").field("type_name", type_name).finish_non_exhaustive()
            }
        }
    }
}
