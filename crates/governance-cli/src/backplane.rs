//! Opening the backplane, and calling it so that a lost reply does not matter.

use crate::{args::Global, failure::Failure, output::Output};
use governance_config::{GovernanceConfig, Loader, Persistence, Registry};
use governance_persistence::{Backplane, CommitId, Consistency, Error, ExperimentKey, Head, Outcome, Result};
use std::{sync::Arc, time::Duration};

/// How often a commit whose outcome is unknown is sent again.
const REPEATS: u32 = 4;
/// The pause before the first repetition; each one after is twice as long.
const PAUSE: Duration = Duration::from_millis(50);

/// Reads the configuration file.
pub(crate) fn configuration(global: &Global) -> Result<GovernanceConfig, Failure> {
    let path = global.config.as_deref().ok_or_else(|| {
        Failure::usage(
            "there is no configuration, so it is not known where state is kept",
            "say --config FILE, or set GOVERNANCE_CONFIG; config-samples/sqlite.yaml in the source tree is a \
             good start",
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
    Ok(config.connect(&Registry::default()).await?)
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

/// Makes the call, and the same one again while it is unknown whether it was applied. It must be
/// one that is safe to repeat: all of it under the id `commit`.
pub(crate) async fn until_known<T, F>(commit: CommitId, call: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T>>,
{
    let failed = |error| Failure::Backplane { error: Box::new(error), commit: Some(commit) };
    let mut unknown = match call().await {
        Err(error) if is_unknown(&error) => error,
        known => return known.map_err(failed),
    };
    let mut pause = PAUSE;
    for _ in 0..REPEATS {
        tokio::time::sleep(pause).await;
        pause *= 2;
        match call().await {
            Err(error) if is_unknown(&error) => unknown = error,
            // Once an attempt may have been applied, "not applied" settles nothing.
            Err(error) if error.is_retryable() => {}
            known => return known.map_err(failed),
        }
    }
    Err(failed(unknown))
}

fn is_unknown(error: &Error) -> bool {
    error.is_retryable() && error.outcome() == Outcome::Unknown
}
