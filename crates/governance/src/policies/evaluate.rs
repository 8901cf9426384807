//! Evaluating policies about an attempt, and the records of that.

use super::definitions::Definitions;
use super::{Finding, Policy};
use crate::lifecycle::with_ours;
use crate::prose::prose;
use crate::setup::Setup;
use crate::{Attempt, Objection, Result};
use governance_persistence::{PolicyDefinition, PolicyEvaluation, Severity, VersionNumber};
use serde_json::json;
use std::sync::Arc;

/// What the policies found.
#[derive(Debug, Default)]
pub(crate) struct Evaluated {
    /// Definitions that are new or changed.
    pub(crate) definitions: Vec<PolicyDefinition>,
    /// The evaluations, in the order of the policies.
    pub(crate) evaluations: Vec<PolicyEvaluation>,
}

impl Evaluated {
    /// Evaluates those policies that `which` picks. Their definitions are among these, if they are stored.
    pub(crate) async fn of(
        setup: &Setup,
        attempt: &Attempt<'_>,
        definitions: &Definitions,
        which: impl Fn(&Arc<dyn Policy>) -> bool,
    ) -> Result<Self> {
        let mut evaluated = Self::default();
        let telemetry = attempt.telemetry.metadata()?;
        for policy in setup.policies.iter().filter(|policy| which(policy)) {
            let (definition, is_new) = defined(attempt, definitions, policy);
            let (compliant, reason) = match policy.evaluate(attempt).await {
                Ok(Finding::Compliant { reason }) => (true, reason),
                Ok(Finding::NotCompliant { reason }) => (false, reason),
                // What could not be evaluated was not complied with.
                Err(error) => (false, format!("it could not be evaluated: {error}")),
            };
            let ours = json!({ "actor": attempt.actor.name(), "definition": definition.version });
            let mut evaluation = PolicyEvaluation::new(policy.name(), compliant, policy.severity())
                .between(attempt.from, attempt.to)
                .with_metadata(with_ours(&telemetry, Some(ours))?)
                .at(attempt.now);
            evaluation.reason = prose(&reason);
            evaluated.evaluations.push(evaluation);
            evaluated.definitions.extend(is_new.then_some(definition));
        }
        Ok(evaluated)
    }

    /// The evaluations that block.
    pub(crate) fn objections(&self) -> impl Iterator<Item = Objection> + '_ {
        self.evaluations.iter().filter_map(|evaluation| objection(evaluation, true))
    }
}

/// The objection that an evaluation is, if it blocks; of a policy that is set up here, or is not.
pub(super) fn objection(evaluation: &PolicyEvaluation, is_set_up: bool) -> Option<Objection> {
    let blocks = !evaluation.compliant && evaluation.severity == Severity::Critical;
    blocks.then(|| Objection::Policy {
        policy: evaluation.policy.clone(),
        reason: evaluation.reason.clone(),
        evaluation: evaluation.id,
        is_set_up,
    })
}

/// The policy's definition, and whether it has to be stored first: it is new, or another one than
/// before.
fn defined(attempt: &Attempt<'_>, definitions: &Definitions, policy: &Arc<dyn Policy>) -> (PolicyDefinition, bool) {
    let actor = attempt.actor.name();
    let wanted = PolicyDefinition::new(policy.name(), policy.kind(), policy.parameters(), actor).at(attempt.now);
    let Some(stored) = definitions.latest(policy.name()) else {
        return (wanted, true);
    };
    if stored.enabled && stored.kind == wanted.kind && stored.parameters == wanted.parameters {
        return (stored.clone(), false);
    }
    (wanted.with_version(stored.version.next().unwrap_or(VersionNumber::FIRST)), true)
}
