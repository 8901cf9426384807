//! Evaluations that others recorded, and what they say about an attempt.

use super::definitions::Definitions;
use super::evaluate::objection;
use super::latest::{is_of_an_attempt, latest_finding};
use crate::lifecycle::is_live;
use crate::setup::Setup;
use crate::{Attempt, Objection, Policy, Result};
use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use governance_persistence::{BackplaneExt, Consistency, Head, PageSize, PolicyEvaluation, Record, RecordId, Sequence};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stored evaluations say.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) objections: Vec<Objection>,
    /// The evaluations that were looked at and object to nothing.
    pub(crate) consulted: Vec<RecordId>,
}

/// Looks at the evaluations by others that count for the attempt, which read the experiment for the
/// first time at `first`:
///
/// * what arrived since: it is newer than what the attempt's telemetry says;
/// * the latest of each policy that is defined for the experiment and not set up here, so that
///   nobody here can evaluate it anew.
///
/// Those of attempts that were refused are passed over, and those of policies that are switched off.
pub(crate) async fn judge(
    setup: &Setup,
    head: &Head,
    attempt: &Attempt<'_>,
    definitions: &Definitions,
    (first, guards): (Sequence, &impl Fn(&Arc<dyn Policy>) -> bool),
) -> Result<Stored> {
    let mut latest = BTreeMap::new();
    if is_live(attempt.to) {
        let found: Vec<_> = definitions.elsewhere(setup).map(|name| latest_finding(setup, attempt.key, name)).collect();
        let found = try_join_all(found).await?.into_iter().flatten();
        latest.extend(found.map(|found| (found.record.policy.clone(), found.record)));
    }
    if head.sequence > first {
        let mut arrived = setup.backplane.log_stream(attempt.key, first, PageSize::default(), Consistency::Strong);
        while let Some(entry) = arrived.try_next().await? {
            for record in entry.records {
                if let Record::Evaluation(evaluation) = record
                    && !is_of_an_attempt(&evaluation)
                    && !definitions.is_off(setup, &evaluation.policy)
                {
                    latest.insert(evaluation.policy.clone(), evaluation);
                }
            }
        }
    }
    let mut stored = Stored::default();
    for evaluation in latest.into_values().filter(|evaluation| counts(setup, attempt, guards, evaluation)) {
        let is_set_up = setup.policies.iter().any(|policy| policy.name() == evaluation.policy);
        match objection(&evaluation, is_set_up) {
            Some(objection) => stored.objections.push(objection),
            None => stored.consulted.push(evaluation.id),
        }
    }
    Ok(stored)
}

/// Does the evaluation's policy guard this attempt? One that is not set up here guards the moves into
/// Running and Ramping.
fn counts(
    setup: &Setup,
    attempt: &Attempt<'_>,
    guards: impl Fn(&Arc<dyn Policy>) -> bool,
    evaluation: &PolicyEvaluation,
) -> bool {
    let policy = setup.policies.iter().find(|policy| policy.name() == evaluation.policy);
    policy.map_or(is_live(attempt.to), guards)
}
