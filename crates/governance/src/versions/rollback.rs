//! Going back to an earlier version.

use super::create::next;
use crate::attempts::Attempts;
use crate::lifecycle::{Choice, carry_out, check_metadata};
use crate::setup::Setup;
use crate::{Actor, Error, Operation, Result, Telemetry, TransitionRequest};
use governance_persistence::{
    Backplane, Commit, CommitId, ConfigurationDraft, ConfigurationVersion, Conflict, ConflictCause, Consistency, ETag,
    Expected, ExperimentKey, ExperimentState, Head, JsonObject, LifecycleState, LogEntry, LookUp, Receipt, Record,
    RecordId, RecordKind, Recorded, StateTransition, VersionNumber,
};

const OPERATION: Operation = Operation::Rollback;

/// The request to bring an earlier configuration back, as a new version.
///
/// ```
/// use governance::RollbackRequest;
/// use governance::persistence::VersionNumber;
///
/// let rollback = RollbackRequest::to(VersionNumber::FIRST, "alice").reason("errors doubled").moving_to_rolled_back();
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is handed to `Versions::rollback`"]
pub struct RollbackRequest {
    target: VersionNumber,
    actor: Actor,
    reason: Option<String>,
    metadata: JsonObject,
    telemetry: Telemetry,
    lifecycle: Lifecycle,
    if_match: Option<ETag>,
    commit_id: Option<CommitId>,
}

/// What becomes of the lifecycle state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lifecycle {
    Stays,
    RolledBack,
}

impl RollbackRequest {
    /// The actor wants back what this version has.
    pub fn to(target: VersionNumber, actor: impl Into<Actor>) -> Self {
        Self {
            target,
            actor: actor.into(),
            reason: None,
            metadata: JsonObject::empty(),
            telemetry: Telemetry::none(),
            lifecycle: Lifecycle::Stays,
            if_match: None,
            commit_id: None,
        }
    }

    /// Why.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// What else is to be kept. The member `governance` is ours.
    pub fn metadata(mut self, metadata: JsonObject) -> Self {
        self.metadata = metadata;
        self
    }

    /// What was measured, for policies that guard the move.
    pub fn telemetry(mut self, telemetry: Telemetry) -> Self {
        self.telemetry = telemetry;
        self
    }

    /// And moves the experiment to `RolledBack`, in the same commit: a move like any other, past
    /// every gate before it. What is brought back is in effect then, and the version says that it is a
    /// rollback from the one that was. Without this the version is written, as a rollback from the latest one,
    /// and what is in effect stays.
    pub fn moving_to_rolled_back(mut self) -> Self {
        self.lifecycle = Lifecycle::RolledBack;
        self
    }

    /// Only if the current state is still this one.
    pub fn if_match(mut self, etag: ETag) -> Self {
        self.if_match = Some(etag);
        self
    }

    /// Under this commit id, which makes it safe to ask again.
    pub fn commit_id(mut self, id: CommitId) -> Self {
        self.commit_id = Some(id);
        self
    }
}

/// A rollback that was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RolledBack {
    /// Where and when.
    pub receipt: Receipt,
    /// The new version: it says that it is a rollback, from which version, and which it restores.
    pub version: ConfigurationVersion,
    /// The move, if the rollback moved the experiment.
    pub transition: Option<StateTransition>,
    /// The state that it left, if it moved the experiment.
    pub state: Option<ExperimentState>,
}

pub(super) async fn out(setup: &Setup, key: &ExperimentKey, request: &RollbackRequest) -> Result<RolledBack> {
    match request.lifecycle {
        Lifecycle::Stays => written(setup, key, request).await,
        Lifecycle::RolledBack => moved(setup, key, request).await,
    }
}

/// The version and the move, through everything that a move goes through.
async fn moved(setup: &Setup, key: &ExperimentKey, request: &RollbackRequest) -> Result<RolledBack> {
    let transition = TransitionRequest {
        to: LifecycleState::RolledBack,
        actor: request.actor.clone(),
        reason: request.reason.clone(),
        metadata: request.metadata.clone(),
        telemetry: request.telemetry.clone(),
        choice: Choice::Restored(request.target),
        expected: request.if_match.map_or(Expected::Any, Expected::Match),
        commit_id: request.commit_id,
    };
    let moved = carry_out(setup, key, &transition, OPERATION).await?;
    match moved.version {
        Some(version) => Ok(RolledBack {
            receipt: moved.receipt,
            version,
            transition: Some(moved.transition),
            state: Some(moved.state),
        }),
        // A repeated request was checked to have restored the version.
        None => Err(Error::NoSuchVersion { key: key.clone(), number: request.target, latest: None }),
    }
}

/// The version alone.
async fn written(setup: &Setup, key: &ExperimentKey, request: &RollbackRequest) -> Result<RolledBack> {
    check_metadata(&request.metadata)?;
    let id = request.commit_id.unwrap_or_else(CommitId::new);
    let mut attempts = Attempts::new(OPERATION, setup.deadline).under(request.commit_id);
    loop {
        let head = setup.head(key).await?;
        if let Some(entry) = setup.done_before(key, request.commit_id).await? {
            return repeat(setup, &entry, request).await;
        }
        attempts.go_on()?;
        if let Some(etag) = request.if_match
            && head.etag() != Some(etag)
        {
            let cause = ConflictCause::Expected(Expected::Match(etag));
            return attempts.looked(Err(Error::Conflict(Box::new(Conflict::new(key.clone(), cause, head)))));
        }
        let draft = restored(setup, &head, (None, request.target), request.actor.name()).await?;
        let mut draft = draft
            .with_id(RecordId::of_commit(RecordKind::Version, id))
            .with_metadata(request.metadata.clone())
            .in_state(setup.state_at(&head))
            .at(setup.now());
        if let Some(reason) = &request.reason {
            draft = draft.with_description(reason);
        }
        let version = draft.numbered(next(&head)?);
        let commit = Commit::builder(key, Expected::At(head.sequence)).id(id).record(version.clone()).build()?;
        match attempts.settled_by(setup.commit(OPERATION, &commit).await) {
            Ok(receipt) => return Ok(RolledBack { receipt, version, transition: None, state: None }),
            Err(error) => attempts.after_anything(error, &head)?,
        }
    }
}

/// The draft that brings this version back, from the one that is left for it, or else from the latest.
pub(crate) async fn restored(
    setup: &Setup,
    head: &Head,
    (leaves, target): (Option<VersionNumber>, VersionNumber),
    actor: &str,
) -> Result<ConfigurationDraft> {
    let missing = || Error::NoSuchVersion { key: head.key.clone(), number: target, latest: head.latest_version };
    let latest = head.latest_version.ok_or_else(missing)?;
    // What a state says to be in effect may never have been written here.
    let left = leaves.filter(|left| *left != target && *left <= latest).unwrap_or(latest);
    if target == left {
        let problem = format!("is {target}, which is the latest version already");
        return Err(Error::invalid("version", problem, "an earlier one to go back to"));
    }
    let mut found = setup.backplane.look_up(&head.key, LookUp::Version(target), Consistency::Strong).await?;
    let restored: Recorded<ConfigurationVersion> = found.pop().ok_or_else(missing)?.typed()?;
    Ok(ConfigurationDraft::rollback(&restored.record, left, actor))
}

/// The answer to a rollback that was made before.
async fn repeat(setup: &Setup, entry: &LogEntry, request: &RollbackRequest) -> Result<RolledBack> {
    let [Record::Version(version)] = entry.records.as_slice() else {
        return Err(Setup::reused(entry));
    };
    let same = version.restored_version == Some(request.target)
        && version.created_by == request.actor.name()
        && version.change_description == request.reason
        && version.metadata == request.metadata;
    if !same {
        return Err(Setup::reused(entry));
    }
    let version = version.clone();
    let (_, receipt) = setup.again(OPERATION, entry).await?;
    Ok(RolledBack { receipt, version, transition: None, state: None })
}
