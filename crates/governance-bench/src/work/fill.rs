//! Long histories.

use anyhow::Result;
use futures_util::{StreamExt, TryStreamExt, stream};
use governance_persistence::{
    Backplane, BackplaneExt, Commit, CommitId, ConfigurationDraft, Expected, ExperimentKey, Json, LifecycleState,
    PolicyEvaluation, Record, Severity, StateTransition,
};

/// A policy that is evaluated all along the history.
pub(crate) const POLICY: &str = "policy-7";

/// One configuration version in so many records.
const VERSIONS: usize = 50;

/// Fills each experiment with so many records, a commit each: three in four are transitions, one in
/// fifty is a configuration version, and the rest are evaluations of twenty policies. All histories
/// grow side by side, as those of experiments that run at the same time do.
pub(crate) async fn fill(backplane: &dyn Backplane, keys: &[ExperimentKey], records: usize) -> Result<()> {
    let versions = records / VERSIONS;
    let append = |(number, key)| async move {
        let commit = Commit::builder(key, Expected::Any).record(record(number)).build()?;
        backplane.commit(&commit).await?;
        anyhow::Ok(())
    };
    let others = (0..records - versions).flat_map(|number| keys.iter().map(move |key| (number, key)));
    let others = stream::iter(others).map(append).buffer_unordered(64).try_collect::<Vec<()>>();
    // Each follows the number of the one before.
    let versions = async {
        for (number, key) in (0..versions).flat_map(|number| keys.iter().map(move |key| (number, key))) {
            let configuration = Json::from_serialize(&serde_json::json!({ "variants": 2, "ramp": number }))?;
            let draft = ConfigurationDraft::new(configuration, "alice@example.com");
            backplane.append_next_configuration_version(key, CommitId::new(), draft).await?;
        }
        anyhow::Ok(())
    };
    futures_util::future::try_join(others, versions).await?;
    Ok(())
}

fn record(number: usize) -> Record {
    if number % 4 == 3 {
        let policy = format!("policy-{}", number / 4 % 20);
        return PolicyEvaluation::new(policy, number % 8 == 3, Severity::Warning).into();
    }
    let (from, to) = (LifecycleState::Running, LifecycleState::Paused);
    StateTransition::new(from, to, "alice@example.com").into()
}
