//! Switching a policy off for an experiment.

use super::definitions::latest_definition;
use super::record::not_set_up;
use crate::attempts::Attempts;
use crate::lifecycle::with_ours;
use crate::prose::prose;
use crate::setup::Setup;
use crate::{Actor, Error, Operation, Result};
use governance_persistence::{
    Commit, CommitId, Expected, ExperimentKey, JsonObject, LogEntry, PolicyDefinition, Receipt, Record, RecordId,
    RecordKind,
};
use serde_json::json;

const OPERATION: Operation = Operation::Definition;

/// The request to switch a policy off that is defined for an experiment, and not set up here.
///
/// ```
/// use governance::DisableRequest;
///
/// let request = DisableRequest::of("privacy", "dora").reason("the audit is over");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is handed to `Policies::disable`"]
pub struct DisableRequest {
    policy: String,
    actor: Actor,
    reason: Option<String>,
    commit_id: Option<CommitId>,
}

impl DisableRequest {
    /// The actor wants this policy to be heeded no more.
    pub fn of(policy: impl Into<String>, actor: impl Into<Actor>) -> Self {
        Self { policy: policy.into(), actor: actor.into(), reason: None, commit_id: None }
    }

    /// Why. It is kept as `governance.reason` in the metadata of the definition.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Under this commit id, which makes it safe to ask again.
    pub fn commit_id(mut self, id: CommitId) -> Self {
        self.commit_id = Some(id);
        self
    }

    /// What the definition has to say beside what it defined before.
    fn metadata(&self) -> Result<JsonObject> {
        let reason = self.reason.as_deref().and_then(prose);
        with_ours(&JsonObject::empty(), reason.map(|reason| json!({ "reason": reason })))
    }
}

/// A policy that was switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Disabled {
    /// Where and when.
    pub receipt: Receipt,
    /// The version of the definition that says so.
    pub definition: PolicyDefinition,
}

pub(super) async fn out(setup: &Setup, key: &ExperimentKey, request: &DisableRequest) -> Result<Disabled> {
    not_set_up(setup, &request.policy)?;
    let id = request.commit_id.unwrap_or_else(CommitId::new);
    let mut attempts = Attempts::new(OPERATION, setup.deadline).under(request.commit_id);
    loop {
        let head = setup.head(key).await?;
        if let Some(entry) = setup.done_before(key, request.commit_id).await? {
            return repeat(setup, &entry, request).await;
        }
        attempts.go_on()?;
        let Some(latest) = latest_definition(setup, key, &request.policy).await? else {
            return Err(Error::NoSuchPolicy { key: key.clone(), policy: Some(request.policy.clone()) });
        };
        let PolicyDefinition { name, kind, parameters, enabled, version, .. } = latest.record;
        if !enabled {
            let problem = format!("{name:?} is switched off already, by version {version} of its definition");
            return Err(Error::invalid("policy", problem, "one that is switched on"));
        }
        let definition = PolicyDefinition::new(name, kind, parameters, request.actor.name())
            .disabled()
            .with_version(version.next().unwrap_or(version))
            .with_id(RecordId::of_commit(RecordKind::Definition, id))
            .with_metadata(request.metadata()?)
            .at(setup.now());
        let commit = Commit::builder(key, Expected::At(head.sequence)).id(id).record(definition.clone()).build()?;
        match attempts.settled_by(setup.commit(OPERATION, &commit).await) {
            Ok(receipt) => return Ok(Disabled { receipt, definition }),
            Err(error) => attempts.after_anything(error, &head)?,
        }
    }
}

/// The answer to a request that was carried out before.
async fn repeat(setup: &Setup, entry: &LogEntry, request: &DisableRequest) -> Result<Disabled> {
    let [Record::Definition(definition)] = entry.records.as_slice() else {
        return Err(Setup::reused(entry));
    };
    let same = !definition.enabled
        && definition.name == request.policy
        && definition.actor == request.actor.name()
        && definition.metadata == request.metadata()?;
    if !same {
        return Err(Setup::reused(entry));
    }
    let definition = definition.clone();
    let (_, receipt) = setup.again(OPERATION, entry).await?;
    Ok(Disabled { receipt, definition })
}
