//! `governance version put`: appends a configuration as the next version.

use crate::args::VersionPutArgs;
use crate::failure::Failure;
use crate::input;
use crate::output::{Output, Written};
use governance::{Governance, NewVersion};
use governance_persistence::{ExperimentKey, VersionNumber};

pub(super) async fn run(
    governance: &Governance,
    key: &ExperimentKey,
    args: &VersionPutArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut new = NewVersion::of(input::json(&args.file)?, args.actor.read()?);
    if let Some(description) = &args.description {
        new = new.description(description);
    }
    new = match args.if_version {
        None => new,
        Some(0) => new.if_first(),
        Some(number) => new.based_on(VersionNumber::new(number)?),
    };
    if let Some(id) = args.commit_id {
        new = new.commit_id(id);
    }
    let created = governance.versions().create(key, &new).await?;
    let sentence = format!("{key} has version {}, hash {}.", created.version.number, created.version.hash);
    Written::new(governance, key, created.receipt).show(out, sentence).await
}
