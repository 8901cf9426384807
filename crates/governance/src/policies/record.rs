//! Recording evaluations and definitions outside of moves.

use super::definitions::{Definitions, latest_definition};
use super::evaluate::Evaluated;
use super::{Policy, Telemetry};
use crate::attempts::Attempts;
use crate::lifecycle::{Choice, Intent, OURS, Subject, check_metadata, with_ours, without_ours};
use crate::setup::Setup;
use crate::{Actor, Attempt, Error, Operation, Result};
use futures_util::future::try_join;
use governance_persistence::{
    Commit, CommitId, Expected, ExperimentKey, JsonObject, LogEntry, PolicyDefinition, PolicyEvaluation, Receipt,
    Record, RecordKind, VersionNumber,
};
use serde_json::json;
use std::sync::Arc;

const OPERATION: Operation = Operation::Evaluation;

/// The request to evaluate policies.
///
/// ```
/// use governance::{EvaluationRequest, Telemetry};
///
/// let request = EvaluationRequest::by("monitor").telemetry(Telemetry::none().error_rate(0.01)).only("errorRate");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is handed to `Policies::evaluate`"]
pub struct EvaluationRequest {
    actor: Actor,
    telemetry: Telemetry,
    only: Option<String>,
    commit_id: Option<CommitId>,
}

impl EvaluationRequest {
    /// The actor wants to know whether the experiment complies.
    pub fn by(actor: impl Into<Actor>) -> Self {
        Self { actor: actor.into(), telemetry: Telemetry::none(), only: None, commit_id: None }
    }

    /// What was measured.
    pub fn telemetry(mut self, telemetry: Telemetry) -> Self {
        self.telemetry = telemetry;
        self
    }

    /// Only the policy of this name; otherwise all that are set up.
    pub fn only(mut self, policy: impl Into<String>) -> Self {
        self.only = Some(policy.into());
        self
    }

    /// Under this commit id, which makes it safe to ask again: who does is answered with what was found
    /// the first time.
    pub fn commit_id(mut self, id: CommitId) -> Self {
        self.commit_id = Some(id);
        self
    }
}

/// Evaluations that were made and recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evaluation {
    /// Where and when.
    pub receipt: Receipt,
    /// What the policies found, in the order in which they were set up.
    pub evaluations: Vec<PolicyEvaluation>,
}

pub(super) async fn evaluate(setup: &Setup, key: &ExperimentKey, request: &EvaluationRequest) -> Result<Evaluation> {
    let picked = |policy: &Arc<dyn Policy>| request.only.as_deref().is_none_or(|name| name == policy.name());
    if !setup.policies.iter().any(picked) {
        let policy = request.only.clone();
        return Err(Error::NoSuchPolicy { key: key.clone(), policy });
    }
    let commit_id = request.commit_id.unwrap_or_else(CommitId::new);
    let mut attempts = Attempts::new(OPERATION, setup.deadline).under(request.commit_id);
    let metadata = JsonObject::empty();
    loop {
        let head = setup.head(key).await?;
        if let Some(entry) = setup.done_before(key, request.commit_id).await? {
            return repeat(setup, &entry, request).await;
        }
        attempts.go_on()?;
        let state = setup.state_at(&head);
        // Nothing moves: the experiment stays where it is, with what is in effect.
        let (actor, choice) = (request.actor.name(), &Choice::InEffect);
        let intent = Intent { commit_id, from: state, to: state, actor, reason: None, choice };
        let (subject, definitions) =
            try_join(Subject::of(setup, &head, &intent), Definitions::of(setup, key, picked)).await?;
        let attempt = Attempt {
            key,
            from: state,
            to: state,
            actor: &request.actor,
            reason: None,
            metadata: &metadata,
            configuration: subject.version.as_ref(),
            telemetry: &request.telemetry,
            now: setup.now(),
            setup,
            head: &head,
        };
        let evaluated = Evaluated::of(setup, &attempt, &definitions, picked).await?;
        let builder = Commit::builder(key, Expected::At(head.sequence)).id(commit_id);
        let commit = builder.records(evaluated.definitions).records(evaluated.evaluations.clone()).build()?;
        match attempts.settled_by(setup.commit(OPERATION, &commit).await) {
            Ok(receipt) => return Ok(Evaluation { receipt, evaluations: evaluated.evaluations }),
            Err(error) => attempts.after_anything(error, &head)?,
        }
    }
}

/// The answer to a request that was carried out before.
async fn repeat(setup: &Setup, entry: &LogEntry, request: &EvaluationRequest) -> Result<Evaluation> {
    let telemetry = request.telemetry.metadata()?;
    let mut evaluations = Vec::new();
    for record in &entry.records {
        match record {
            Record::Definition(_) => {}
            Record::Evaluation(made)
                if request.only.as_ref().is_none_or(|only| *only == made.policy)
                    && is_by(made, &request.actor)
                    && made.current_state == made.target_state
                    && without_ours(&made.metadata) == telemetry =>
            {
                evaluations.push(made.clone());
            }
            _ => return Err(Setup::reused(entry)),
        }
    }
    if evaluations.is_empty() {
        return Err(Setup::reused(entry));
    }
    let (_, receipt) = setup.again(OPERATION, entry).await?;
    Ok(Evaluation { receipt, evaluations })
}

/// Was it this one who evaluated the policy?
fn is_by(evaluation: &PolicyEvaluation, actor: &Actor) -> bool {
    evaluation.metadata.get(OURS).is_some_and(|ours| ours["actor"] == actor.name())
}

pub(super) async fn external(
    setup: &Setup,
    key: &ExperimentKey,
    actor: &Actor,
    mut evaluation: PolicyEvaluation,
) -> Result<Receipt> {
    check_metadata(&evaluation.metadata)?;
    evaluation.metadata = with_ours(&evaluation.metadata, Some(json!({ "actor": actor.name() })))?;
    let name = evaluation.policy.as_str();
    let is_set_up = setup.policies.iter().any(|policy| policy.name() == name);
    if !is_set_up && latest_definition(setup, key, name).await?.is_none() {
        return Err(Error::NoSuchPolicy { key: key.clone(), policy: Some(name.to_owned()) });
    }
    // The id that the backplane's own convenience would give it: to record it again is a replay.
    let id = CommitId::of_record(RecordKind::Evaluation, evaluation.id);
    let commit = Commit::builder(key, Expected::Any).id(id).record(evaluation).build()?;
    setup.commit(OPERATION, &commit).await
}

pub(super) async fn define(
    setup: &Setup,
    key: &ExperimentKey,
    definition: PolicyDefinition,
) -> Result<PolicyDefinition> {
    check_metadata(&definition.metadata)?;
    not_set_up(setup, &definition.name)?;
    // The id that the backplane's own convenience would give it.
    let id = CommitId::of_record(RecordKind::Definition, definition.id);
    let mut attempts = Attempts::new(Operation::Definition, setup.deadline).under(Some(id));
    loop {
        let head = setup.head(key).await?;
        if let Some(entry) = setup.entry(key, id).await? {
            return defined_before(setup, &entry, &definition).await;
        }
        attempts.go_on()?;
        let version = match latest_definition(setup, key, &definition.name).await? {
            Some(latest) => latest.record.version.next().unwrap_or(latest.record.version),
            None => VersionNumber::FIRST,
        };
        let definition = definition.clone().with_version(version);
        let commit = Commit::builder(key, Expected::At(head.sequence)).id(id).record(definition.clone()).build()?;
        match attempts.settled_by(setup.commit(Operation::Definition, &commit).await) {
            Ok(_) => return Ok(definition),
            Err(error) => attempts.after_anything(error, &head)?,
        }
    }
}

/// The answer to a definition that was recorded before.
async fn defined_before(setup: &Setup, entry: &LogEntry, wanted: &PolicyDefinition) -> Result<PolicyDefinition> {
    match entry.records.as_slice() {
        // Its number is the one that it got then.
        [Record::Definition(made)] if *made == wanted.clone().with_version(made.version) => {
            setup.again(Operation::Definition, entry).await?;
            Ok(made.clone())
        }
        _ => Err(Setup::reused(entry)),
    }
}

/// Refuses a policy that is set up here.
pub(super) fn not_set_up(setup: &Setup, name: &str) -> Result<()> {
    if setup.policies.iter().all(|policy| policy.name() != name) {
        return Ok(());
    }
    let problem = format!("{name:?} is set up here, and defines itself");
    Err(Error::invalid("policy", problem, "a policy that is evaluated elsewhere"))
}
