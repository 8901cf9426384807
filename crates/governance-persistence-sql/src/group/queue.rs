//! The write queue: which writer gets which job.

use super::job::Job;
use super::session::Server;
use super::writer::Writer;
use crate::SqlOptions;
use futures_util::future::{join_all, try_join_all};
use governance_persistence::{Commit, Error, ExperimentKey, LogEntry, Receipt, Replicated, Result};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// How much may wait for one writer.
const CAPACITY: usize = 256;

/// The way to the writers.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Empty once the queue is closed.
    writers: Mutex<Vec<mpsc::Sender<Job>>>,
    tasks: tokio::sync::Mutex<Vec<JoinHandle<()>>>,
    acquire_timeout: Duration,
    hasher: RandomState,
}

impl Queue {
    /// Opens a connection for each writer, and sets them to work.
    pub(crate) async fn start<S: Server>(server: S, writers: u32, options: &SqlOptions) -> Result<Self> {
        let server = Arc::new(server);
        let sessions = try_join_all((0..writers).map(|_| server.open())).await?;
        let started = sessions.into_iter().map(|session| {
            let (sender, inbox) = mpsc::channel(CAPACITY);
            (sender, tokio::spawn(Writer::new(server.clone(), session, inbox).run()))
        });
        let (writers, tasks): (Vec<_>, Vec<_>) = started.unzip();
        Ok(Self {
            writers: Mutex::new(writers),
            tasks: tokio::sync::Mutex::new(tasks),
            acquire_timeout: options.get_acquire_timeout(),
            hasher: RandomState::new(),
        })
    }

    pub(crate) async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        let (job, outcome) = Job::commit(commit)?;
        self.hand_over(job).await?;
        wait(outcome).await
    }

    pub(crate) async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        let (job, outcome) = Job::entry(entry)?;
        self.hand_over(job).await?;
        wait(outcome).await
    }

    async fn hand_over(&self, job: Job) -> Result<()> {
        let writer = self.writer(job.key()).ok_or_else(closed)?;
        writer.send_timeout(job, self.acquire_timeout).await.map_err(|error| match error {
            mpsc::error::SendTimeoutError::Timeout(_) => {
                Error::not_applied("the write queue stayed full for longer than acquireTimeout", None)
            }
            mpsc::error::SendTimeoutError::Closed(_) => ended(),
        })
    }

    /// Always the same one for the same key.
    fn writer(&self, key: &ExperimentKey) -> Option<mpsc::Sender<Job>> {
        let writers = self.lock();
        let count = u64::try_from(writers.len()).ok().filter(|count| *count > 0)?;
        usize::try_from(self.hasher.hash_one(key) % count).ok().and_then(|index| writers.get(index)).cloned()
    }

    /// Can it still write?
    pub(crate) fn check(&self) -> Result<()> {
        let writers = self.lock();
        if writers.is_empty() {
            return Err(closed());
        }
        if writers.iter().any(mpsc::Sender::is_closed) { Err(ended()) } else { Ok(()) }
    }

    /// Refuses new work, waits until what is queued is done, and closes the connections.
    pub(crate) async fn close(&self) {
        self.lock().clear();
        let tasks = std::mem::take(&mut *self.tasks.lock().await);
        // One that panicked has ended too.
        join_all(tasks).await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<mpsc::Sender<Job>>> {
        self.writers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn closed() -> Error {
    Error::not_applied("the backplane was closed", None)
}

fn ended() -> Error {
    Error::not_applied("a writer has ended; open the backplane anew", None)
}

async fn wait<T>(outcome: oneshot::Receiver<Result<T>>) -> Result<T> {
    outcome
        .await
        .unwrap_or_else(|gone| Err(Error::unknown("the writer ended before it answered", Some(Box::new(gone)))))
}
