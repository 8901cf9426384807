//! Two people, one ETag: a race that one of them really loses.

use crate::failure::Failure;
use governance::{Error, Governance, TransitionRequest, Transitioned};
use governance_persistence::{Conflict, ExperimentKey};
use std::sync::Arc;
use tokio::{sync::Barrier, task::JoinHandle};

/// Makes both requests at the same time, each in a task of its own. Tells which one lost, and what it
/// was told.
pub(super) async fn run(
    governance: &Governance,
    key: &ExperimentKey,
    requests: [TransitionRequest; 2],
) -> Result<(usize, Box<Conflict>), Failure> {
    let start = Arc::new(Barrier::new(requests.len()));
    let [first, second] = requests.map(|request| racer(governance.clone(), key.clone(), Arc::clone(&start), request));
    let outcomes = [joined(first).await?, joined(second).await?];
    match outcomes {
        [Ok(_), Err(Error::Conflict(conflict))] => Ok((1, conflict)),
        [Err(Error::Conflict(conflict)), Ok(_)] => Ok((0, conflict)),
        [Ok(_), Ok(_)] => Err(Failure::Internal("two moves from the same ETag were both made".to_owned())),
        [Err(error), _] | [_, Err(error)] => Err(error.into()),
    }
}

fn racer(
    governance: Governance,
    key: ExperimentKey,
    start: Arc<Barrier>,
    request: TransitionRequest,
) -> JoinHandle<governance::Result<Transitioned>> {
    tokio::spawn(async move {
        start.wait().await;
        governance.lifecycle().transition(&key, &request).await
    })
}

async fn joined<T>(racer: JoinHandle<T>) -> Result<T, Failure> {
    racer.await.map_err(|error| Failure::Internal(format!("one of the race did not come back: {error}")))
}
