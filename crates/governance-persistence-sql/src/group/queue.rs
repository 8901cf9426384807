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
use tokio::time::{Instant, timeout_at};

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
            (sender, tokio::spawn(Writer::new(server.clone(), session, inbox, options.get_statement_timeout()).run()))
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
        self.write(job, outcome).await
    }

    pub(crate) async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        let (job, outcome) = Job::entry(entry)?;
        self.write(job, outcome).await
    }

    /// Queues a job and waits for the outcome. A writer must take it in time; from then on it is the
    /// writer that keeps to its own limits.
    async fn write<T>(&self, job: Job, mut outcome: oneshot::Receiver<Result<T>>) -> Result<T> {
        let writer = self.writer(job.key()).ok_or_else(closed)?;
        let (until, turn) = (Instant::now() + self.acquire_timeout, job.turn().clone());
        match timeout_at(until, writer.send(job)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(ended()),
            Err(_) => return Err(late()),
        }
        match timeout_at(until, &mut outcome).await {
            Ok(outcome) => told(outcome),
            Err(_) if turn.take() => Err(late()),
            Err(_) => told(outcome.await),
        }
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

fn late() -> Error {
    Error::not_applied("no writer was free within acquireTimeout", None)
}

fn told<T>(outcome: Result<Result<T>, oneshot::error::RecvError>) -> Result<T> {
    outcome.unwrap_or_else(|gone| Err(Error::unknown("the writer ended before it answered", Some(Box::new(gone)))))
}
