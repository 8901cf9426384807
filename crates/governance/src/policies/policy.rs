//! The trait of all policies, and what a policy finds.

use crate::Attempt;
use async_trait::async_trait;
use governance_persistence::{JsonObject, LifecycleState, Severity, Source};
use std::fmt::Debug;
use std::sync::Arc;

/// A rule that experiments have to comply with. Where a policy of severity
/// [`Critical`](Severity::Critical) guards a move, not to comply blocks it; a milder one is recorded
/// and blocks nothing.
///
/// There are [`TrafficLimit`](crate::TrafficLimit), [`ErrorRate`](crate::ErrorRate),
/// [`TimeWindow`](crate::TimeWindow) and [`ConflictPrevention`](crate::ConflictPrevention), and those
/// of one's own:
///
/// ```
/// use governance::persistence::{JsonObject, LifecycleState, Severity, Source};
/// use governance::{Attempt, Finding, Policy};
///
/// /// Nothing new on the eve of a release.
/// #[derive(Debug)]
/// struct Freeze;
///
/// #[async_trait::async_trait]
/// impl Policy for Freeze {
///     fn name(&self) -> &str {
///         "freeze"
///     }
///
///     fn kind(&self) -> &str {
///         "releaseFreeze"
///     }
///
///     fn parameters(&self) -> JsonObject {
///         JsonObject::empty()
///     }
///
///     fn severity(&self) -> Severity {
///         Severity::Critical
///     }
///
///     fn guards(&self, _from: LifecycleState, to: LifecycleState) -> bool {
///         to == LifecycleState::Running
///     }
///
///     async fn evaluate(&self, attempt: &Attempt<'_>) -> Result<Finding, Source> {
///         let frozen = attempt.telemetry().get("releaseTomorrow").ok_or("nobody said whether there is a release")?;
///         Ok(if frozen == &serde_json::Value::Bool(true) {
///             Finding::not_compliant("there is a release tomorrow")
///         } else {
///             Finding::compliant("no release is near")
///         })
///     }
/// }
/// ```
#[async_trait]
pub trait Policy: Debug + Send + Sync {
    /// The policy's name, unique among the policies. It stands in definitions and evaluations.
    fn name(&self) -> &str;

    /// The kind of policy, `errorRate` say.
    fn kind(&self) -> &str;

    /// What the policy goes by. Together with the kind it is the policy's definition, which is
    /// stored with the experiment, and numbered anew whenever it changes.
    fn parameters(&self) -> JsonObject;

    /// How bad it is not to comply.
    fn severity(&self) -> Severity;

    /// Does it guard this move?
    fn guards(&self, from: LifecycleState, to: LifecycleState) -> bool;

    /// Evaluates the policy. It may be asked several times about one attempt; each evaluation that
    /// decides about a move is recorded.
    ///
    /// # Errors
    ///
    /// When it cannot tell, because telemetry is missing, say. That counts as not compliant.
    async fn evaluate(&self, attempt: &Attempt<'_>) -> Result<Finding, Source>;
}

/// What a policy finds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The experiment complies.
    Compliant {
        /// Why.
        reason: String,
    },
    /// It does not.
    NotCompliant {
        /// Why not, and what would be right.
        reason: String,
    },
}

impl Finding {
    /// The experiment complies.
    pub fn compliant(reason: impl Into<String>) -> Self {
        Self::Compliant { reason: reason.into() }
    }

    /// The experiment does not comply.
    pub fn not_compliant(reason: impl Into<String>) -> Self {
        Self::NotCompliant { reason: reason.into() }
    }
}

#[async_trait]
impl<P: Policy + ?Sized> Policy for Arc<P> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn kind(&self) -> &str {
        (**self).kind()
    }

    fn parameters(&self) -> JsonObject {
        (**self).parameters()
    }

    fn severity(&self) -> Severity {
        (**self).severity()
    }

    fn guards(&self, from: LifecycleState, to: LifecycleState) -> bool {
        (**self).guards(from, to)
    }

    async fn evaluate(&self, attempt: &Attempt<'_>) -> Result<Finding, Source> {
        (**self).evaluate(attempt).await
    }
}
