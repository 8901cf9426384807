//! Writing a new version.

use crate::attempts::Attempts;
use crate::lifecycle::check_metadata;
use crate::setup::Setup;
use crate::{Actor, Error, Operation, Result};
use governance_persistence::{
    Commit, CommitId, ConfigurationDraft, ConfigurationVersion, Conflict, ConflictCause, ContentHash, Expected,
    ExperimentKey, Head, Json, JsonObject, LogEntry, Receipt, Record, RecordId, RecordKind, VersionNumber,
};

const OPERATION: Operation = Operation::Version;

/// A configuration to be written as the next version.
///
/// ```
/// use governance::NewVersion;
/// use governance::persistence::{Json, VersionNumber};
///
/// let new = NewVersion::of(Json::parse(r#"{"traffic": 50}"#)?, "alice")
///     .description("half of the traffic")
///     .based_on(VersionNumber::FIRST);
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is written until it is handed to `Versions::create`"]
pub struct NewVersion {
    configuration: Json,
    actor: Actor,
    description: Option<String>,
    metadata: JsonObject,
    based_on: BasedOn,
    commit_id: Option<CommitId>,
}

/// What the edit started from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BasedOn {
    Anything,
    Nothing,
    Version(VersionNumber),
}

impl BasedOn {
    fn is_met_by(self, head: &Head) -> bool {
        match self {
            Self::Anything => true,
            Self::Nothing => head.latest_version.is_none(),
            Self::Version(number) => head.latest_version == Some(number),
        }
    }
}

impl NewVersion {
    /// The actor's configuration.
    pub fn of(configuration: Json, actor: impl Into<Actor>) -> Self {
        let (description, metadata) = (None, JsonObject::empty());
        Self { configuration, actor: actor.into(), description, metadata, based_on: BasedOn::Anything, commit_id: None }
    }

    /// What changed, in words.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// What else is to be kept with the version. The member `governance` is ours.
    pub fn metadata(mut self, metadata: JsonObject) -> Self {
        self.metadata = metadata;
        self
    }

    /// Only if this still is the latest version: the edit started from it. Without this, the
    /// configuration follows whatever is there, and may undo what somebody else just changed.
    pub fn based_on(mut self, number: VersionNumber) -> Self {
        self.based_on = BasedOn::Version(number);
        self
    }

    /// Only if there is no version yet.
    pub fn if_first(mut self) -> Self {
        self.based_on = BasedOn::Nothing;
        self
    }

    /// Under this commit id, which makes it safe to write again.
    pub fn commit_id(mut self, id: CommitId) -> Self {
        self.commit_id = Some(id);
        self
    }
}

/// A version that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created {
    /// Where and when.
    pub receipt: Receipt,
    /// The version.
    pub version: ConfigurationVersion,
}

pub(super) async fn out(setup: &Setup, key: &ExperimentKey, new: &NewVersion) -> Result<Created> {
    check_metadata(&new.metadata)?;
    let id = new.commit_id.unwrap_or_else(CommitId::new);
    let mut attempts = Attempts::new(OPERATION, setup.deadline).under(new.commit_id);
    loop {
        let head = setup.head(key).await?;
        if let Some(entry) = setup.done_before(key, new.commit_id).await? {
            return repeat(setup, &entry, new).await;
        }
        attempts.go_on()?;
        let number = next(&head)?;
        if !new.based_on.is_met_by(&head) {
            return attempts.looked(Err(superseded(&head, new.based_on, number)));
        }
        let mut draft = ConfigurationDraft::new(new.configuration.clone(), new.actor.name())
            .with_id(RecordId::of_commit(RecordKind::Version, id))
            .with_metadata(new.metadata.clone())
            .in_state(setup.state_at(&head))
            .at(setup.now());
        if let Some(description) = &new.description {
            draft = draft.with_description(description);
        }
        let version = draft.numbered(number);
        let commit = Commit::builder(key, Expected::At(head.sequence)).id(id).record(version.clone()).build()?;
        match attempts.settled_by(setup.commit(OPERATION, &commit).await) {
            Ok(receipt) => return Ok(Created { receipt, version }),
            Err(error) => attempts.after_anything(error, &head)?,
        }
    }
}

/// The number that follows what is there.
pub(crate) fn next(head: &Head) -> Result<VersionNumber> {
    let taken =
        || Error::invalid("version", "cannot be numbered: the last number is taken", "at most 2^53 - 1 versions");
    head.next_version().ok_or_else(taken)
}

/// The edit started from a version that is not the latest one.
fn superseded(head: &Head, based_on: BasedOn, next: VersionNumber) -> Error {
    let based_on = if let BasedOn::Version(number) = based_on { Some(number) } else { None };
    let wanted = based_on.map_or(Some(VersionNumber::FIRST), VersionNumber::next).unwrap_or(next);
    let Some(latest) = head.latest_version else {
        let number = based_on.unwrap_or(next);
        return Error::NoSuchVersion { key: head.key.clone(), number, latest: None };
    };
    let cause = ConflictCause::Version { wanted, latest };
    Error::Conflict(Box::new(Conflict::new(head.key.clone(), cause, head.clone())))
}

/// The answer to a version that was written before.
async fn repeat(setup: &Setup, entry: &LogEntry, new: &NewVersion) -> Result<Created> {
    let [Record::Version(version)] = entry.records.as_slice() else {
        return Err(Setup::reused(entry));
    };
    let same = version.hash == ContentHash::of(&new.configuration)
        && version.created_by == new.actor.name()
        && version.change_description == new.description
        && version.metadata == new.metadata
        && !version.is_rollback;
    if !same {
        return Err(Setup::reused(entry));
    }
    let version = version.clone();
    let (_, receipt) = setup.again(OPERATION, entry).await?;
    Ok(Created { receipt, version })
}
