//! The trait of all gates, and what a gate answers.

use super::Quorum;
use crate::Attempt;
use async_trait::async_trait;
use governance_persistence::{LifecycleState, Source};
use std::fmt::Debug;
use std::sync::Arc;

/// Stands before moves, and lets through what is approved. Any number of gates may stand before a
/// move; all must let it through.
///
/// There are [`AutomaticGate`](crate::AutomaticGate), [`ManualGate`](crate::ManualGate) and
/// [`RoleBasedGate`](crate::RoleBasedGate), and those of one's own:
///
/// ```
/// use governance::persistence::{LifecycleState, Source};
/// use governance::{ApprovalGate, Attempt, GateDecision, Quorum};
///
/// /// Two people for more than half of the traffic.
/// #[derive(Debug)]
/// struct BigAudience;
///
/// #[async_trait::async_trait]
/// impl ApprovalGate for BigAudience {
///     fn name(&self) -> &str {
///         "big-audience"
///     }
///
///     fn guards(&self, _from: LifecycleState, to: LifecycleState) -> bool {
///         to == LifecycleState::Ramping
///     }
///
///     async fn judge(&self, attempt: &Attempt<'_>) -> Result<GateDecision, Source> {
///         let configuration = attempt.configuration().ok_or("there is no configuration")?;
///         let traffic = configuration.configuration.to_value()["traffic"].as_f64().ok_or("it names no traffic")?;
///         Ok(if traffic > 50.0 { GateDecision::ask_people(Quorum::of(2)?) } else { GateDecision::approve() })
///     }
/// }
/// ```
#[async_trait]
pub trait ApprovalGate: Debug + Send + Sync {
    /// The gate's name, unique among the gates. It stands in approval records.
    fn name(&self) -> &str;

    /// Does it stand before this move?
    fn guards(&self, from: LifecycleState, to: LifecycleState) -> bool;

    /// Judges an attempt. It may be asked several times about one attempt, and is asked what people
    /// are to decide when an approval is requested: judge by the attempt, and change nothing.
    ///
    /// # Errors
    ///
    /// When it cannot tell. The attempt is refused then, with this reason.
    async fn judge(&self, attempt: &Attempt<'_>) -> Result<GateDecision, Source>;
}

/// What a gate answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GateDecision {
    /// The attempt may go ahead.
    Approved {
        /// In whose name; by default in the gate's own.
        approver: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// It may not.
    Rejected {
        /// Why not, and what would be right.
        reason: String,
    },
    /// People are to decide. They are asked by [`Approvals::request`](crate::Approvals::request).
    AskPeople(Quorum),
}

impl GateDecision {
    /// The attempt may go ahead, in the gate's own name.
    pub fn approve() -> Self {
        Self::Approved { approver: None, reason: None }
    }

    /// The attempt may go ahead in somebody's name, for a reason.
    pub fn approve_for(approver: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Approved { approver: Some(approver.into()), reason: Some(reason.into()) }
    }

    /// The attempt may not go ahead.
    pub fn reject(reason: impl Into<String>) -> Self {
        Self::Rejected { reason: reason.into() }
    }

    /// So many people are to decide.
    pub fn ask_people(quorum: Quorum) -> Self {
        Self::AskPeople(quorum)
    }
}

#[async_trait]
impl<G: ApprovalGate + ?Sized> ApprovalGate for Arc<G> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn guards(&self, from: LifecycleState, to: LifecycleState) -> bool {
        (**self).guards(from, to)
    }

    async fn judge(&self, attempt: &Attempt<'_>) -> Result<GateDecision, Source> {
        (**self).judge(attempt).await
    }
}
