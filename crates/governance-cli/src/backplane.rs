//! Opening the backplane, and calling it so that a lost reply does not matter.

use crate::{args::Global, failure::Failure, output::Output};
use governance_config::{GovernanceConfig, Loader, Persistence, Registry};
use governance_persistence::{Backplane, CommitId, Consistency, ExperimentKey, Head, Result, Retrying};
use std::{sync::Arc, time::Duration};

/// For how long a call that fails in passing is made again. Longer than a hiccup, shorter than the
/// patience of somebody who waits for a prompt.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads the configuration file.
pub(crate) fn configuration(global: &Global) -> Result<GovernanceConfig, Failure> {
    let path = global.config.as_deref().ok_or_else(|| {
        Failure::usage(
            "there is no configuration, so it is not known where state is kept",
            "say --config FILE, or set GOVERNANCE_CONFIG; config-samples/sqlite.yaml, \
             postgres.yaml, mysql.yaml and redis.yaml in the source tree are a good start",
        )
    })?;
    Ok(Loader::new().load_file(path)?)
}

/// Opens the backplane that the configuration names.
pub(crate) async fn open(config: &GovernanceConfig, out: &Output) -> Result<Arc<dyn Backplane>, Failure> {
    if !outlives_command(config) {
        let message = "the configuration says inMemory: nothing that is written outlives this command";
        out.warn("inMemory", message);
    }
    let backplane = config.connect(&Registry::default()).await?;
    Ok(Arc::new(Retrying::new(backplane).deadline(PATIENCE)))
}

/// Is what is written still there when the command has ended?
pub(crate) fn outlives_command(config: &GovernanceConfig) -> bool {
    !matches!(config.persistence, Persistence::InMemory)
}

/// The head of an experiment that must be there.
pub(crate) async fn known(backplane: &dyn Backplane, key: &ExperimentKey) -> Result<Head, Failure> {
    let head = backplane.head(key, Consistency::Strong).await?;
    if head.exists() { Ok(head) } else { Err(Failure::unknown_experiment(key)) }
}

/// The outcome of a commit, which is named should it be a failure: the commit may have been applied.
pub(crate) fn of_commit<T>(commit: CommitId, outcome: Result<T>) -> Result<T, Failure> {
    outcome.map_err(|error| Failure::Backplane { error: Box::new(error), commit: Some(commit) })
}
