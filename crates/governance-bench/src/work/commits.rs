//! Commits as governance makes them: each sets another state under a fresh ETag, and appends the
//! transition that led there.

use crate::measure::Worker;
use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use governance_persistence::{
    Backplane, Commit, ETag, Expected, ExperimentKey, Json, JsonObject, LifecycleState, StateChange, StateTransition,
};
use std::sync::Arc;

/// The commits that one writer sends, one after the other.
pub(crate) enum Commits {
    /// To experiments of its own, in turn, each under the ETag that the one before left.
    Own { experiments: Vec<(ExperimentKey, ETag)>, next: usize },
    /// To one experiment that all writers write to, whatever is there.
    Hot { experiment: ExperimentKey, next: usize },
    /// To one experiment after the other, so many commits each and then no more.
    Runs { experiments: Vec<ExperimentKey>, length: usize, next: usize },
    /// Each to a new experiment of this tenant.
    New { tenant: String, next: usize },
}

impl Commits {
    /// The next one. It will be sent before the next but one is asked for.
    pub(crate) fn next(&mut self) -> Result<Commit> {
        match self {
            Self::Own { experiments, next } => {
                let (round, index) = (*next / experiments.len(), *next % experiments.len());
                *next += 1;
                let (key, etag) = &mut experiments[index];
                let commit = moving(key, Expected::Match(*etag), round)?;
                *etag = commit.id().into();
                Ok(commit)
            }
            Self::Hot { experiment, next } => {
                *next += 1;
                moving(experiment, Expected::Any, *next)
            }
            Self::Runs { experiments, length, next } => {
                let experiment = experiments.get(*next / *length).context("every experiment has had its commits")?;
                *next += 1;
                moving(experiment, Expected::Any, *next)
            }
            Self::New { tenant, next } => {
                *next += 1;
                let key = ExperimentKey::new(&format!("experiment-{next}"))?.in_tenant(tenant)?;
                moving(&key, Expected::Absent, 0)
            }
        }
    }
}

/// Back and forth between running and paused.
fn moving(key: &ExperimentKey, expected: Expected, round: usize) -> Result<Commit> {
    let ((from, to), metadata) = (states(round), metadata(round)?);
    let transition = StateTransition::new(from, to, ACTOR).with_reason(REASON).with_metadata(metadata.clone());
    let state = StateChange::to(to).by(ACTOR).with_metadata(metadata);
    Ok(Commit::builder(key, expected).state(state).record(transition).build()?)
}

/// Who moves experiments.
pub(super) const ACTOR: &str = "alice@example.com";

/// Why.
pub(super) const REASON: &str = "the guardrail metric moved";

/// The state that a round leaves, and the one that it enters.
pub(super) fn states(round: usize) -> (LifecycleState, LifecycleState) {
    match round % 2 {
        0 => (LifecycleState::Running, LifecycleState::Paused),
        _ => (LifecycleState::Paused, LifecycleState::Running),
    }
}

/// What is kept with it.
pub(super) fn metadata(round: usize) -> Result<JsonObject> {
    let metadata = Json::parse(&format!(r#"{{"channel":"bench","ticket":"GOV-{round}"}}"#))?;
    Ok(JsonObject::try_from(metadata)?)
}

/// The round by which experiments are created.
pub(super) const FIRST: usize = 1;

/// Creates so many experiments, and tells the state that each has.
pub(crate) async fn create_experiments(backplane: &dyn Backplane, count: usize) -> Result<Vec<(ExperimentKey, ETag)>> {
    let create = |number: usize| async move {
        let key = ExperimentKey::new(&format!("experiment-{number:05}"))?.in_tenant("seeded")?;
        let commit = moving(&key, Expected::Absent, FIRST)?;
        backplane.commit(&commit).await?;
        anyhow::Ok((key, ETag::from(commit.id())))
    };
    stream::iter(0..count).map(create).buffer_unordered(64).try_collect().await
}

/// Sends commits to a backplane.
pub(crate) struct Committer<B> {
    pub(crate) backplane: Arc<B>,
    pub(crate) commits: Commits,
}

impl<B: Backplane + 'static> Worker for Committer<B> {
    type Job = Commit;

    fn prepare(&mut self) -> Result<Commit> {
        self.commits.next()
    }

    async fn run(&mut self, commit: &Commit) -> Result<()> {
        self.backplane.commit(commit).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_runs_then_each_experiment_gets_one_and_none_gets_more() -> Result<()> {
        let experiments = vec![ExperimentKey::new("first")?, ExperimentKey::new("second")?];
        let mut commits = Commits::Runs { experiments, length: 3, next: 0 };
        let mut names = Vec::new();
        for _ in 0..6 {
            names.push(commits.next()?.key().name().to_owned());
        }
        assert_eq!(names, ["first", "first", "first", "second", "second", "second"]);
        assert!(commits.next().is_err());
        Ok(())
    }
}
