//! `governance version put`: appends a configuration as the next version.

use crate::args::VersionPutArgs;
use crate::backplane::of_commit;
use crate::failure::Failure;
use crate::output::{Output, Written};
use governance_persistence::{
    Backplane, BackplaneExt, Commit, CommitId, ConfigurationDraft, Consistency, Expected, ExperimentKey, Head, Json,
    Receipt, RecordId, RecordKind, VersionNumber, limits,
};
use std::io::{self, Read};
use std::{fs::File, path::Path};

/// Most bytes that are read: twice what a commit may have, for spellings with more white space.
const MAX_BYTES: u64 = 2 * limits::MAX_COMMIT_BYTES as u64;

pub(super) async fn run(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    args: &VersionPutArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let actor = args.actor.name()?;
    let configuration = read(&args.file)?;
    let head = backplane.head(key, Consistency::Strong).await?;
    let id = CommitId::new();
    let record_id = RecordId::of_commit(RecordKind::Version, id);
    let mut draft = ConfigurationDraft::new(configuration, actor).with_id(record_id);
    if let Some(description) = &args.description {
        draft = draft.with_description(description);
    }
    if let Some(state) = &head.state {
        draft = draft.in_state(state.lifecycle_state);
    }
    let (number, receipt) = match args.if_version {
        None => of_commit(id, backplane.append_next_configuration_version(key, id, draft.clone()).await)?,
        Some(latest) => append_after(backplane, &head, latest, id, draft.clone()).await?,
    };
    let version = draft.numbered(number);
    let sentence = format!("{key} has version {number}, hash {}.", version.hash);
    Ok(Written { receipt, state: None, records: &[version.into()] }.show(out, sentence)?)
}

/// Appends the draft if `latest` is the latest version, 0 meaning that there is none. Versions
/// never go away, so what the head says now only has to be told from what is there later, and
/// that the number does.
async fn append_after(
    backplane: &dyn Backplane,
    head: &Head,
    latest: u64,
    id: CommitId,
    draft: ConfigurationDraft,
) -> Result<(VersionNumber, Receipt), Failure> {
    let number = VersionNumber::new(latest.saturating_add(1))?;
    if head.latest_version.is_none() && latest > 0 {
        let message =
            format!("conflict on {}: expected version {latest} to be the latest, but there is none", head.key);
        return Err(Failure::Precondition { message, head: Box::new(head.clone()) });
    }
    let commit = Commit::builder(&head.key, Expected::Any).id(id).record(draft.numbered(number)).build()?;
    Ok((number, of_commit(id, backplane.commit(&commit).await)?))
}

/// Reads JSON from a file, or from standard input for `-`.
fn read(path: &Path) -> Result<Json, Failure> {
    let failed = |error| Failure::file(path, &error);
    let input: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
    let mut text = String::new();
    input.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_BYTES {
        let message = format!("{} holds more than {MAX_BYTES} bytes", path.display());
        return Err(Failure::usage(message, "a configuration has at most 1 MiB of canonical JSON"));
    }
    Ok(Json::parse(&text)?)
}
