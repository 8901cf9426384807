//! The policy manager, and the policies.

mod conflict_prevention;
mod definitions;
mod disable;
mod error_rate;
mod evaluate;
mod latest;
mod policy;
mod record;
mod rule;
mod stored;
mod telemetry;
mod time_window;
mod time_zone;
mod traffic_limit;

pub use conflict_prevention::ConflictPrevention;
pub(crate) use definitions::Definitions;
pub use disable::{DisableRequest, Disabled};
pub use error_rate::ErrorRate;
pub(crate) use evaluate::Evaluated;
pub use policy::{Finding, Policy};
pub use record::{Evaluation, EvaluationRequest};
pub(crate) use stored::{Stored, judge as judge_stored};
pub use telemetry::Telemetry;
pub use time_window::TimeWindow;
pub use time_zone::TimeZone;
pub use traffic_limit::TrafficLimit;

use crate::setup::Setup;
use crate::{Actor, Listing, Result};
use governance_persistence::{
    BackplaneExt, ExperimentKey, Page, PolicyDefinition, PolicyEvaluation, Receipt, Recorded,
};
use std::sync::Arc;

/// Evaluates policies, and keeps what they found.
///
/// ```
/// use governance::persistence::{ExperimentKey, LifecycleState::*};
/// use governance::{ErrorRate, EvaluationRequest, Governance, Telemetry, TrafficLimit, TransitionRequest};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let builder = Governance::builder().initial_state(Approved);
/// let governance = builder.policy(TrafficLimit::percent(10.0)?).policy(ErrorRate::at_most(0.05)?).build()?;
/// let checkout = ExperimentKey::new("checkout")?;
///
/// // Policies that guard a move are evaluated when it is made.
/// let run = |percent| {
///     TransitionRequest::to(Running, "alice").telemetry(Telemetry::none().traffic_percentage(percent))
/// };
/// let refused = governance.lifecycle().transition(&checkout, &run(50.0)).await.unwrap_err();
/// assert!(refused.to_string().contains("policy \"trafficLimit\": 50 % of traffic, where 10 % are allowed"));
/// governance.lifecycle().transition(&checkout, &run(5.0)).await?;
///
/// // And whenever somebody asks, a monitor say.
/// let measured = EvaluationRequest::by("monitor").telemetry(Telemetry::none().error_rate(0.2)).only("errorRate");
/// let evaluated = governance.policies().evaluate(&checkout, &measured).await?;
/// assert!(!evaluated.evaluations[0].compliant);
/// # Ok::<(), governance::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Which evaluations decide about a move
///
/// * Those of the policies that are [set up](crate::GovernanceBuilder::policy) and guard the move,
///   evaluated when it is made, by the telemetry that the request brings. They are recorded with it.
///   A configuration that did not pass the policies on the way to live meets them, as it does the
///   [gates](crate::TransitionRequest::version), where it takes effect.
/// * Those that others recorded while the move was judged, whatever they are about: a monitor that
///   sees errors in that moment is heard.
/// * For moves to `Running` and `Ramping`, the latest one of each policy that is defined for the
///   experiment and not set up here, in another process say.
///
/// Who evaluated stands in an evaluation's metadata, as `governance.actor`. What was found about an attempt that
/// was refused says nothing about another one, nor about the experiment.
///
/// Of these, one that is [`Critical`](governance_persistence::Severity::Critical) and not compliant
/// blocks the move. Moves that stop an experiment are guarded only by policies that say so.
#[derive(Clone, Debug)]
pub struct Policies(pub(crate) Arc<Setup>);

impl Policies {
    /// Evaluates the policies that are set up about the experiment as it is, and records what they
    /// found, and definitions that are new or changed.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPolicy`](crate::Error::NoSuchPolicy) when none of that name is set up, or none at
    /// all; [`Error::Contended`](crate::Error::Contended) when others kept recording until the
    /// deadline; [`Error::Backplane`](crate::Error::Backplane).
    pub async fn evaluate(&self, key: &ExperimentKey, request: &EvaluationRequest) -> Result<Evaluation> {
        record::evaluate(&self.0, key, request).await
    }

    /// Records an evaluation that was made elsewhere, by this actor. Its id makes it safe to record again.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) when its metadata has the member `governance`, which is ours;
    /// [`Error::NoSuchPolicy`](crate::Error::NoSuchPolicy) when the policy is neither set up here nor
    /// [defined](Self::define) for the experiment: nobody would heed it;
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn record(
        &self,
        key: &ExperimentKey,
        actor: impl Into<Actor>,
        evaluation: PolicyEvaluation,
    ) -> Result<Receipt> {
        record::external(&self.0, key, &actor.into(), evaluation).await
    }

    /// Defines a policy for the experiment that is evaluated elsewhere. The version of the definition
    /// follows the latest one. Its id makes it safe to define again.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) for a policy that is set up here, which defines
    /// itself, and for metadata that has our member `governance`; otherwise as
    /// [`evaluate`](Self::evaluate).
    pub async fn define(&self, key: &ExperimentKey, definition: PolicyDefinition) -> Result<PolicyDefinition> {
        record::define(&self.0, key, definition).await
    }

    /// Switches a policy off that is defined for the experiment: what was found by it counts no more. Where
    /// it still is set up, it switches itself on again with its next evaluation.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPolicy`](crate::Error::NoSuchPolicy) when it is not defined for the experiment;
    /// [`Error::Invalid`](crate::Error::Invalid) when it is set up here, or switched off already;
    /// [`Error::Contended`](crate::Error::Contended) when others kept recording until the deadline;
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn disable(&self, key: &ExperimentKey, request: &DisableRequest) -> Result<Disabled> {
        disable::out(&self.0, key, request).await
    }

    /// A page of all evaluations.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) when the cursor came from another listing;
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn history(&self, key: &ExperimentKey, listing: &Listing) -> Result<Page<Recorded<PolicyEvaluation>>> {
        self.0.page(key, listing).await
    }

    /// A page of all definitions, every version of them.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) when the cursor came from another listing;
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn definitions(
        &self,
        key: &ExperimentKey,
        listing: &Listing,
    ) -> Result<Page<Recorded<PolicyDefinition>>> {
        self.0.page(key, listing).await
    }

    /// The latest evaluation of a policy that is about the experiment. Those of attempts that were
    /// refused are not: they are in the [history](Self::history).
    ///
    /// # Errors
    ///
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn latest(&self, key: &ExperimentKey, policy: &str) -> Result<Option<Recorded<PolicyEvaluation>>> {
        latest::latest_finding(&self.0, key, policy).await
    }

    /// The latest definition of a policy.
    ///
    /// # Errors
    ///
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn definition(&self, key: &ExperimentKey, policy: &str) -> Result<Option<Recorded<PolicyDefinition>>> {
        Ok(self.0.backplane.get_latest_policy_definition(key, policy).await?)
    }
}
