//! The story of the demo, commit by commit.

use super::race;
use crate::backplane::of_commit;
use crate::failure::Failure;
use governance_persistence::{
    ApprovalRecord, Backplane, Commit, ConfigurationDraft, ConfigurationVersion, Conflict, Consistency, Decision,
    Error, Expected, ExperimentKey, Json, JsonObject, LifecycleState, PolicyDefinition, PolicyEvaluation, Receipt,
    Severity, StateChange, StateTransition, VersionNumber,
};
use serde_json::json;
use std::sync::Arc;

/// What happened on the way that the history does not hold.
pub(super) struct Happened {
    /// The two who ramped up at once.
    pub(super) racers: [&'static str; 2],
    /// The one of them who lost.
    pub(super) loser: &'static str,
    /// What the loser was told.
    pub(super) conflict: Box<Conflict>,
    /// The answer to a commit that was sent a second time.
    pub(super) replay: Receipt,
}

/// Plays the whole story.
pub(super) async fn play(backplane: &Arc<dyn Backplane>, key: &ExperimentKey) -> Result<Happened, Failure> {
    let first = configuration(5)?.numbered(VersionNumber::FIRST);
    send(backplane, &draft(key, &first)?).await?;

    let request = ApprovalRecord::request(LifecycleState::Approved, "alice")
        .leaving(LifecycleState::PendingApproval)
        .with_gate("release")
        .about(first.reference());
    let asked = moving(backplane, key, LifecycleState::Draft, LifecycleState::PendingApproval, "alice").await?;
    send(backplane, &asked.with_reason("ready for review").commit(key)?.record(request.clone()).build()?).await?;

    let decision = request.decided(Decision::Approved, "bob").with_reason("numbers look right");
    let mut approved = moving(backplane, key, LifecycleState::PendingApproval, request.to, "bob").await?;
    approved.transition = approved.transition.with_id(request.transition_id);
    send(backplane, &approved.commit(key)?.record(decision).build()?).await?;

    let mut launch = moving(backplane, key, LifecycleState::Approved, LifecycleState::Running, "carol").await?;
    launch.change = launch.change.running_version(first.number);
    let launch = launch.with_reason("start with 5 % of the traffic").commit(key)?.build()?;
    send(backplane, &launch).await?;
    let replay = send(backplane, &launch).await?;

    let racers = ["carol", "dave"];
    let ramps = [ramp(backplane, key, racers[0], 25).await?, ramp(backplane, key, racers[1], 50).await?];
    let (loser, conflict) = race::run(backplane, ramps).await?;

    send(backplane, &alarm(key)?).await?;
    send(backplane, &roll_back(backplane, key, &first).await?).await?;
    Ok(Happened { racers, loser: racers[loser], conflict, replay })
}

/// A move that is being put together.
struct Moving {
    expected: Expected,
    change: StateChange,
    transition: StateTransition,
}

impl Moving {
    fn with_reason(mut self, reason: &str) -> Self {
        self.transition = self.transition.with_reason(reason);
        self
    }

    fn commit(self, key: &ExperimentKey) -> Result<governance_persistence::CommitBuilder, Error> {
        Ok(Commit::builder(key, self.expected).state(self.change).record(self.transition))
    }
}

/// The move of `actor`, from what is stored.
async fn moving(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    from: LifecycleState,
    to: LifecycleState,
    actor: &str,
) -> Result<Moving, Error> {
    let head = backplane.head(key, Consistency::Strong).await?;
    let change = match &head.state {
        Some(state) => state.moved_to(to, actor),
        None => StateChange::to(to).by(actor),
    };
    Ok(Moving { expected: head.same_state(), change, transition: StateTransition::new(from, to, actor) })
}

async fn send(backplane: &dyn Backplane, commit: &Commit) -> Result<Receipt, Failure> {
    of_commit(commit.id(), backplane.commit(commit).await)
}

fn configuration(traffic: u32) -> Result<ConfigurationDraft, Error> {
    let configuration = json!({"steps": ["cart", "pay"], "traffic": traffic, "variant": "one-page"});
    let draft = ConfigurationDraft::new(Json::from_value(&configuration)?, "alice");
    Ok(draft.with_description(format!("{traffic} % of the traffic")).in_state(LifecycleState::Draft))
}

fn draft(key: &ExperimentKey, first: &ConfigurationVersion) -> Result<Commit, Error> {
    let limit = JsonObject::try_from(json!({"maxErrorRate": 0.05}))?;
    Commit::builder(key, Expected::Absent)
        .state(StateChange::to(LifecycleState::Draft).by("alice"))
        .record(first.clone())
        .record(PolicyDefinition::new("error-rate", "errorRate", limit, "alice"))
        .build()
}

async fn ramp(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    actor: &'static str,
    traffic: u32,
) -> Result<Commit, Error> {
    let second = VersionNumber::new(2)?;
    let configuration = json!({"steps": ["cart", "pay"], "traffic": traffic, "variant": "one-page"});
    let version = ConfigurationDraft::new(Json::from_value(&configuration)?, actor)
        .with_description(format!("{traffic} % of the traffic"))
        .in_state(LifecycleState::Running)
        .numbered(second);
    let mut ramp = moving(backplane, key, LifecycleState::Running, LifecycleState::Ramping, actor).await?;
    ramp.change = ramp.change.running_version(second);
    ramp.with_reason(&format!("ramp up to {traffic} %")).commit(key)?.record(version).build()
}

fn alarm(key: &ExperimentKey) -> Result<Commit, Error> {
    let measured = JsonObject::try_from(json!({"errorRate": 0.081, "maxErrorRate": 0.05}))?;
    let evaluation = PolicyEvaluation::new("error-rate", false, Severity::Critical)
        .between(LifecycleState::Ramping, LifecycleState::RolledBack)
        .with_reason("8.1 % of the checkouts fail,\n5 % may")
        .with_metadata(measured);
    Commit::builder(key, Expected::Any).record(evaluation).build()
}

async fn roll_back(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    first: &ConfigurationVersion,
) -> Result<Commit, Error> {
    let head = backplane.head(key, Consistency::Strong).await?;
    let latest = head.latest_version.unwrap_or(first.number);
    let number = head.next_version().unwrap_or(first.number);
    let restored = ConfigurationDraft::rollback(first, latest, "erin")
        .with_description("the last configuration without errors")
        .in_state(LifecycleState::Ramping)
        .numbered(number);
    let mut back = moving(backplane, key, LifecycleState::Ramping, LifecycleState::RolledBack, "erin").await?;
    back.change = back.change.running_version(number);
    back.with_reason("too many failed checkouts").commit(key)?.record(restored).build()
}
