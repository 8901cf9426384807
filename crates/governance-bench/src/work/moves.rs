//! Moves of one experiment back and forth: asked of the manager, or made by hand. Whoever makes them by hand leaves the
//! same content, and is as safe: nothing at all may come between what was seen and the commit.

use super::commits::{ACTOR, FIRST, REASON, metadata, states};
use crate::measure::Worker;
use anyhow::{Context, Result};
use governance::{Governance, GovernanceBuilder, Lifecycle, TransitionRequest};
use governance_persistence::{
    Backplane, Commit, Consistency, ETag, Expected, ExperimentKey, JsonObject, LifecycleState, Sequence, StateChange,
    StateTransition,
};
use std::sync::Arc;
use std::time::Duration;

/// Asks the manager, with the ETag that the move before left. Nothing is set up that would judge the move.
pub(crate) struct Managed {
    lifecycle: Lifecycle,
    key: ExperimentKey,
    etag: ETag,
    next: usize,
}

impl Managed {
    /// To an experiment that was just created; by a manager as it is by itself.
    pub(crate) fn reading(backplane: Arc<dyn Backplane>, created: (ExperimentKey, ETag)) -> Result<Self> {
        Self::by(Governance::builder().persistence(backplane), created)
    }

    /// The same by a manager that goes by what it left itself.
    pub(crate) fn remembering(backplane: Arc<dyn Backplane>, created: (ExperimentKey, ETag)) -> Result<Self> {
        Self::by(Governance::builder().persistence(backplane).remember_for(A_SECOND), created)
    }

    fn by(builder: GovernanceBuilder, (key, etag): (ExperimentKey, ETag)) -> Result<Self> {
        Ok(Self { lifecycle: builder.build()?.lifecycle(), key, etag, next: FIRST + 1 })
    }
}

const A_SECOND: Duration = Duration::from_secs(1);

impl Worker for Managed {
    type Job = TransitionRequest;

    fn prepare(&mut self) -> Result<TransitionRequest> {
        let ((_, to), metadata) = (states(self.next), metadata(self.next)?);
        self.next += 1;
        Ok(TransitionRequest::to(to, ACTOR).reason(REASON).metadata(metadata))
    }

    async fn run(&mut self, request: &TransitionRequest) -> Result<()> {
        let request = request.clone().if_match(self.etag);
        self.etag = self.lifecycle.transition(&self.key, &request).await?.state.etag;
        Ok(())
    }
}

/// Commits, knowing from the commit before where the experiment stands. The commits are built before the clock runs.
pub(crate) struct Holding {
    backplane: Arc<dyn Backplane>,
    key: ExperimentKey,
    sequence: Sequence,
    next: usize,
}

impl Holding {
    /// To an experiment that was just created.
    pub(crate) fn new(backplane: Arc<dyn Backplane>, key: ExperimentKey) -> Self {
        Self { backplane, key, sequence: Sequence::ZERO.next(), next: FIRST + 1 }
    }
}

impl Worker for Holding {
    type Job = Commit;

    fn prepare(&mut self) -> Result<Commit> {
        let (from, to) = states(self.next);
        // What a state carries besides stays as it was created.
        let state = StateChange::to(to).by(ACTOR).with_metadata(metadata(FIRST)?);
        let commit = Commit::builder(&self.key, Expected::At(self.sequence)).state(state);
        let commit = commit.record(transition(from, to, metadata(self.next)?)).build()?;
        self.sequence = self.sequence.next();
        self.next += 1;
        Ok(commit)
    }

    async fn run(&mut self, commit: &Commit) -> Result<()> {
        self.backplane.commit(commit).await?;
        Ok(())
    }
}

/// Reads where the experiment stands, and commits under that.
pub(crate) struct Reading {
    backplane: Arc<dyn Backplane>,
    key: ExperimentKey,
    next: usize,
}

impl Reading {
    /// To an experiment that was just created.
    pub(crate) fn new(backplane: Arc<dyn Backplane>, key: ExperimentKey) -> Self {
        Self { backplane, key, next: FIRST + 1 }
    }
}

impl Worker for Reading {
    type Job = (LifecycleState, JsonObject);

    fn prepare(&mut self) -> Result<(LifecycleState, JsonObject)> {
        let ((_, to), metadata) = (states(self.next), metadata(self.next)?);
        self.next += 1;
        Ok((to, metadata))
    }

    async fn run(&mut self, (to, metadata): &(LifecycleState, JsonObject)) -> Result<()> {
        let head = self.backplane.head(&self.key, Consistency::Strong).await?;
        let state = head.state.as_ref().with_context(|| format!("{} is not there", self.key))?;
        let commit = Commit::builder(&self.key, Expected::At(head.sequence)).state(state.moved_to(*to, ACTOR));
        let commit = commit.record(transition(state.lifecycle_state, *to, metadata.clone())).build()?;
        self.backplane.commit(&commit).await?;
        Ok(())
    }
}

fn transition(from: LifecycleState, to: LifecycleState, metadata: JsonObject) -> StateTransition {
    StateTransition::new(from, to, ACTOR).with_reason(REASON).with_metadata(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::create_experiments;
    use governance_persistence::{InMemoryBackplane, LogEntry, PageSize};
    use serde_json::Value;

    /// What differs from run to run.
    const IDS_AND_TIMES: [&str; 7] =
        ["commitId", "etag", "fingerprint", "id", "lastModified", "recordedAt", "timestamp"];

    /// The log that a worker leaves who makes so many moves, without ids and times.
    async fn left_by<W: Worker>(
        worker: impl FnOnce(Arc<dyn Backplane>, (ExperimentKey, ETag)) -> Result<W>,
        moves: usize,
    ) -> Result<Vec<Value>> {
        let backplane: Arc<dyn Backplane> = Arc::new(InMemoryBackplane::new());
        let created = create_experiments(&*backplane, 1).await?.pop().context("there is one")?;
        let key = created.0.clone();
        let mut worker = worker(Arc::clone(&backplane), created)?;
        let jobs = (0..moves).map(|_| worker.prepare()).collect::<Result<Vec<_>>>()?;
        for job in &jobs {
            worker.run(job).await?;
        }
        let log = backplane.log(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await?;
        log.iter().try_for_each(LogEntry::verify)?;
        log.iter().map(|entry| Ok(without_ids_and_times(serde_json::to_value(entry)?))).collect()
    }

    fn without_ids_and_times(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.into_iter().filter(|(name, _)| !IDS_AND_TIMES.contains(&name.as_str()));
                members.map(|(name, value)| (name, without_ids_and_times(value))).collect()
            }
            Value::Array(items) => items.into_iter().map(without_ids_and_times).collect(),
            other => other,
        }
    }

    /// The limits do the same work: what they leave behind is what the manager leaves.
    #[tokio::test]
    async fn given_moves_by_the_manager_and_by_hand_then_they_leave_the_same_but_for_ids_and_times() -> Result<()> {
        let managed = left_by(Managed::reading, 5).await?;
        assert_eq!(managed.len(), 6);
        let transition = &managed[5]["records"][0];
        let told = transition.to_string();
        assert!(told.contains(REASON) && told.contains("GOV-6") && told.contains("Paused"), "{told}");
        assert_eq!(managed, left_by(Managed::remembering, 5).await?);
        assert_eq!(managed, left_by(|backplane, (key, _)| Ok(Holding::new(backplane, key)), 5).await?);
        assert_eq!(managed, left_by(|backplane, (key, _)| Ok(Reading::new(backplane, key)), 5).await?);
        Ok(())
    }
}
