//! `governance version`: puts, shows, lists and compares configuration versions.

mod diff;
mod list;
mod put;
mod show;

use crate::args::VersionCommand;
use crate::{backplane::known, failure::Failure, output::Output, scope::Scope};
use governance::Governance;
use governance_persistence::{
    Backplane, BackplaneExt, ConfigurationVersion, ExperimentKey, Head, Recorded, VersionNumber,
};

pub(super) async fn run(
    governance: &Governance,
    scope: &Scope,
    command: &VersionCommand,
    out: &mut Output,
) -> Result<(), Failure> {
    let backplane = governance.backplane();
    match command {
        VersionCommand::Put(args) => put::run(governance, &scope.key(&args.name)?, args, out).await,
        VersionCommand::Show { name, number } => show::run(backplane, &scope.key(name)?, *number, out).await,
        VersionCommand::List { name } => list::run(backplane, &scope.key(name)?, out).await,
        VersionCommand::Diff { name, before, after } => {
            diff::run(governance, &scope.key(name)?, (*before, *after), out).await
        }
    }
}

/// The version of this number, or the latest one.
async fn find(
    backplane: &dyn Backplane,
    head: &Head,
    number: Option<VersionNumber>,
) -> Result<Recorded<ConfigurationVersion>, Failure> {
    let key = &head.key;
    let found = match number {
        Some(number) => backplane.get_configuration_version(key, number).await?,
        None => backplane.get_latest_configuration_version(key).await?,
    };
    found.ok_or_else(|| {
        let message = match (number, head.latest_version) {
            (Some(number), Some(latest)) => {
                format!("{key} has no configuration version {number}; the latest is {latest}")
            }
            _ => format!("{key} has no configuration version"),
        };
        Failure::not_found(message, "`governance version list` shows those there are, `version put` adds one")
    })
}

/// The same, of an experiment that must be there.
async fn known_version(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    number: Option<VersionNumber>,
) -> Result<Recorded<ConfigurationVersion>, Failure> {
    find(backplane, &known(backplane, key).await?, number).await
}
