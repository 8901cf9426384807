//! What a policy found last about an experiment.

use crate::Result;
use crate::lifecycle::OURS;
use crate::setup::Setup;
use futures_util::TryStreamExt;
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, ExperimentKey, HistoryQuery, LookUp, PolicyEvaluation, RecordKind, Recorded,
};

/// The latest evaluation of the policy that is about the experiment, and not about an attempt that was
/// refused.
pub(super) async fn latest_finding(
    setup: &Setup,
    key: &ExperimentKey,
    policy: &str,
) -> Result<Option<Recorded<PolicyEvaluation>>> {
    let mut found = setup.backplane.look_up(key, LookUp::LatestEvaluation(policy), Consistency::Strong).await?;
    let Some(newest) = found.pop().map(Recorded::typed::<PolicyEvaluation>).transpose()? else {
        return Ok(None);
    };
    if !is_of_an_attempt(&newest.record) {
        return Ok(Some(newest));
    }
    // Only behind refused attempts the history has to be searched.
    let query = HistoryQuery::new(RecordKind::Evaluation).newest_first().recorded(..=newest.recorded_at);
    let mut before = setup.backplane.history_stream(key, query, Consistency::Strong);
    while let Some(found) = before.try_next().await? {
        let found = found.typed::<PolicyEvaluation>()?;
        if found.record.policy == policy && !is_of_an_attempt(&found.record) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Is the evaluation about somebody's attempt that was refused? It says nothing about another one, nor
/// about the experiment.
pub(super) fn is_of_an_attempt(evaluation: &PolicyEvaluation) -> bool {
    evaluation.metadata.get(OURS).is_some_and(|ours| ours.get("attempt").is_some())
}
