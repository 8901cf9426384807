//! Appending a configuration under the next free number, safe to retry.

use crate::{
    Backplane, Commit, CommitId, ConfigurationDraft, Consistency, Error, Expected, ExperimentKey, LogEntry, Receipt,
    RecordId, RecordKind, Result, VersionNumber,
};

/// How often a number may be taken by somebody else before we give up. Each time, at least one
/// other writer got through.
const ATTEMPTS: usize = 128;

pub(super) async fn append<B: Backplane + ?Sized>(
    backplane: &B,
    key: &ExperimentKey,
    commit_id: CommitId,
    draft: ConfigurationDraft,
) -> Result<(VersionNumber, Receipt)> {
    let draft = draft.with_id(RecordId::of_commit(RecordKind::Version, commit_id));
    let commit = |number: VersionNumber| {
        Commit::builder(key, Expected::Any).id(commit_id).record(draft.clone().numbered(number)).build()
    };
    let mut attempt = 0;
    loop {
        attempt += 1;
        // First whether an earlier attempt of ours, perhaps one whose reply was lost, is there.
        let earlier = backplane.entry(key, commit_id, Consistency::Strong).await?;
        let number = match earlier.as_ref().map(number_of) {
            // An entry without a version is somebody else's; the commit will find that out.
            Some(number) => number.unwrap_or(VersionNumber::FIRST),
            None => next_number(backplane, key).await?,
        };
        match backplane.commit(&commit(number)?).await {
            Ok(receipt) => return Ok((number, receipt)),
            // Somebody took the number.
            Err(error) if error.is_conflict() && attempt < ATTEMPTS => {}
            // Our own earlier attempt arrived after we looked, under another number.
            Err(Error::CommitIdReused { .. }) if earlier.is_none() && attempt < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
}

async fn next_number<B: Backplane + ?Sized>(backplane: &B, key: &ExperimentKey) -> Result<VersionNumber> {
    backplane.head(key, Consistency::Strong).await?.next_version().ok_or_else(|| {
        Error::invalid("version", "cannot be numbered: the last number is taken", "at most 2^53 - 1 versions")
    })
}

fn number_of(entry: &LogEntry) -> Option<VersionNumber> {
    entry.version_range().map(|(first, _)| first)
}
