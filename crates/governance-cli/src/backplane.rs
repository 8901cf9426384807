//! Opening the backplane, and calling it so that a lost reply does not matter.

use crate::{args::Global, failure::Failure, output::Output};
use governance::Governance;
use governance_config::{GovernanceConfig, Loader, Persistence, Registry};
use governance_persistence::{Backplane, Consistency, ExperimentKey, Head, Retrying};
use std::{sync::Arc, time::Duration};

/// For how long a call that fails in passing is made again. Longer than a hiccup, shorter than the
/// patience of somebody who waits for a prompt.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads the configuration file.
pub(crate) fn configuration(global: &Global) -> Result<GovernanceConfig, Failure> {
    let path = global.config().ok_or_else(|| {
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

/// Sets governance up on this backplane, as the configuration says.
pub(crate) fn governed(config: &GovernanceConfig, backplane: Arc<dyn Backplane>) -> Result<Governance, Failure> {
    Ok(config.builder_on(backplane, &Registry::default())?.build()?)
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
