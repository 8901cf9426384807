//! Two writers, one ETag: a race that one of them really loses.

use crate::{backplane::of_commit, failure::Failure};
use governance_persistence::{Backplane, Commit, Conflict, Error, Receipt};
use std::sync::Arc;
use tokio::{sync::Barrier, task::JoinHandle};

/// Sends both commits at the same time, each from a task of its own. Tells which one lost, and
/// what it was told.
pub(super) async fn run(
    backplane: &Arc<dyn Backplane>,
    commits: [Commit; 2],
) -> Result<(usize, Box<Conflict>), Failure> {
    let start = Arc::new(Barrier::new(commits.len()));
    let [first, second] = commits.map(|commit| racer(Arc::clone(backplane), Arc::clone(&start), commit));
    let outcomes = [joined(first).await?, joined(second).await?];
    match outcomes {
        [Ok(_), Err(failure)] => Ok((1, conflict(failure)?)),
        [Err(failure), Ok(_)] => Ok((0, conflict(failure)?)),
        [Ok(_), Ok(_)] => Err(Failure::Internal("two commits with the same ETag were both applied".to_owned())),
        [Err(failure), Err(_)] => Err(failure),
    }
}

fn racer(backplane: Arc<dyn Backplane>, start: Arc<Barrier>, commit: Commit) -> JoinHandle<Result<Receipt, Failure>> {
    tokio::spawn(async move {
        start.wait().await;
        of_commit(commit.id(), backplane.commit(&commit).await)
    })
}

async fn joined(racer: JoinHandle<Result<Receipt, Failure>>) -> Result<Result<Receipt, Failure>, Failure> {
    racer.await.map_err(|error| Failure::Internal(format!("a writer of the race did not come back: {error}")))
}

/// The conflict that this failure is.
fn conflict(failure: Failure) -> Result<Box<Conflict>, Failure> {
    match failure {
        Failure::Backplane { error, commit } => match *error {
            Error::Conflict(conflict) => Ok(conflict),
            error => Err(Failure::Backplane { error: Box::new(error), commit }),
        },
        other => Err(other),
    }
}
