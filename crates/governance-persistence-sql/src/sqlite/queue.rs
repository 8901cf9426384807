//! The write queue: what waits for the thread that owns the one connection that writes.
//!
//! Syncing the disk is what a commit costs. So the writer takes all that waits when it gets to it,
//! at most 64 pieces, without ever waiting for more. The thread owns the work: a caller that goes
//! away cancels nothing.

use super::identity::FileIdentity;
use super::session::Session;
use super::work::{Pass, Task, Work};
use super::writer::Writer;
use crate::SqlOptions;
use crate::prepared::{Prepared, Texts};
use governance_persistence::{Commit, Error, LogEntry, Receipt, Replicated, Result};
use rusqlite::Connection;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How much may wait.
const CAPACITY: usize = 1_024;

#[derive(Debug)]
pub(crate) struct Queue {
    sender: Mutex<Option<mpsc::Sender<Box<dyn Work>>>>,
    ended: watch::Receiver<bool>,
    acquire_timeout: Duration,
}

impl Queue {
    /// Starts the thread that writes through `connection`.
    pub(super) fn start(connection: Connection, file: FileIdentity, options: &SqlOptions) -> Result<Self> {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let (end, ended) = watch::channel(false);
        let busy_timeout = options.get_busy_timeout();
        let thread = std::thread::Builder::new().name("governance-sqlite".into());
        let spawned = thread.spawn(move || {
            Writer { session: Session::new(&connection), file, busy_timeout }.run(receiver);
            // The last connection to close copies the log into the file. Whoever waits for the end
            // waits for that too.
            drop(connection);
            end.send_replace(true);
        });
        spawned.map_err(|error| Error::not_applied("the writer's thread cannot be started", Some(Box::new(error))))?;
        Ok(Self { sender: Mutex::new(Some(sender)), ended, acquire_timeout: options.get_acquire_timeout() })
    }

    /// Has `work` done in a transaction, and waits for its outcome.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Session<'_>, Pass) -> Result<T> + Send + 'static,
    {
        let closed = || Error::not_applied("the backplane was closed", None);
        let ended = || Error::not_applied("the writer's thread has ended; open the backplane anew", None);
        let sender = self.lock().clone().ok_or_else(closed)?;
        let (task, outcome) = Task::boxed(work);
        sender.send_timeout(task, self.acquire_timeout).await.map_err(|error| match error {
            mpsc::error::SendTimeoutError::Timeout(_) => {
                Error::not_applied("the write queue stayed full for longer than acquireTimeout", None)
            }
            mpsc::error::SendTimeoutError::Closed(_) => ended(),
        })?;
        drop(sender);
        outcome.await.unwrap_or_else(|gone| {
            Err(Error::unknown("the writer's thread ended before it answered", Some(Box::new(gone))))
        })
    }

    /// Can it still write?
    pub(crate) fn check(&self) -> Result<()> {
        // Without its other end, the thread has ended in a panic.
        if *self.ended.borrow() || self.ended.has_changed().is_err() {
            return Err(Error::not_applied("the backplane no longer writes: it was closed, or its writer ended", None));
        }
        Ok(())
    }

    pub(crate) async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        let prepared = Prepared::of(commit)?;
        self.write(move |session, pass| super::commit::apply(session, &prepared, pass)).await
    }

    pub(crate) async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        let (entry, texts) = (entry.clone(), Texts::of_entry(entry)?);
        self.write(move |session, _| super::replicate::apply(session, &entry, &texts)).await
    }

    /// Refuses new work, waits until what is queued is done, and closes the connection.
    pub(crate) async fn close(&self) {
        drop(self.lock().take());
        // An error means that the thread has ended without saying so; then it has ended.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Sender<Box<dyn Work>>>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
