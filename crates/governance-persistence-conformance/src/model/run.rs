//! Running one program, step by step, until the two differ.

use super::program::{Action, Step};
use super::same::Fault;
use super::world::World;
use futures_util::FutureExt;
use governance_persistence::{Backplane, HistoryQuery};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Runs the program in a world of its own. A panic of the backplane is a fault like any other.
pub(super) async fn run(handles: &[Arc<dyn Backplane>], program: &[Step]) -> Result<(), Fault> {
    let whole = AssertUnwindSafe(run_in(World::new(handles.to_vec()), program)).catch_unwind();
    whole.await.unwrap_or_else(|_| Err("a panic, reported above".to_owned()))
}

async fn run_in(mut world: World, program: &[Step]) -> Result<(), Fault> {
    for (number, step) in (1..).zip(program) {
        world.take(step).await.map_err(|fault| format!("at step {number}, {fault}"))?;
    }
    for handle in [0, 1] {
        world.compare_stores(handle).await.map_err(|fault| format!("at the end, {fault}"))?;
    }
    Ok(())
}

impl World {
    async fn take(&mut self, step: &Step) -> Result<(), Fault> {
        let (handle, key) = (step.handle, &self.key(step.key));
        let at = (handle, key);
        match &step.action {
            Action::Commit { id, expect, state, facts } => self.commit(at, (*id, *expect), (*state, facts)).await,
            Action::CommitAgain { which, expect } => self.commit_again(handle, *which, *expect).await,
            Action::Append(fact) => self.append(handle, key, *fact).await,
            Action::NextVersion { id, odd } => self.next_version(at, *id, *odd).await,
            Action::Replicate { state, facts, offset, clock } => {
                self.replicate(at, (*state, facts), *offset, *clock).await
            }
            Action::ReplicateAgain { which, changed } => self.replicate_again(at, *which, *changed).await,
            Action::Head => self.compare_head(handle, key).await,
            Action::Entry(which) => self.entry(handle, key, *which).await,
            Action::Log { after, limit } => self.log(handle, key, *after, *limit).await,
            Action::History { kind, newest_first, size } => {
                self.history(handle, key.clone(), history((*kind, *newest_first), *size), None).await
            }
            Action::NextRecords { which, size, elsewhere } => {
                let elsewhere = elsewhere.then(|| key.clone());
                self.next_records(handle, (*which, *size), elsewhere).await
            }
            Action::Range { kind, newest_first, from, until, size } => {
                self.range(handle, key, history((*kind, *newest_first), *size), (*from, *until)).await
            }
            Action::LookUp(question) => self.question(handle, key, *question).await,
            Action::Experiments { tenant, environment, state, size } => {
                let query = self.experiments_query((*tenant, *environment), *state);
                let query = query.page_size((*size).into()).expect("the size is allowed");
                self.experiments(handle, query, None).await
            }
            Action::NextExperiments { which, size } => self.next_experiments(handle, *which, *size).await,
            Action::Put { kind, id, value } => self.put(at, (*kind, *id), *value).await,
            Action::Get { kind, id } => self.get(at, (*kind, *id)).await,
            Action::List { kind } => self.list(at, *kind).await,
            Action::Remove { kind, id } => self.remove(at, (*kind, *id)).await,
        }
    }
}

fn history((kind, newest_first): (governance_persistence::RecordKind, bool), size: u8) -> HistoryQuery {
    let query = HistoryQuery::new(kind).page_size(size.into()).expect("the size is allowed");
    if newest_first { query.newest_first() } else { query }
}
