//! The write queue: a thread that owns the one connection that writes, and commits what waits in
//! one transaction.
//!
//! Syncing the disk is what a commit costs. So the writer takes all that waits when it gets to it,
//! at most 64 pieces, without ever waiting for more. The thread owns the work: a caller that goes
//! away cancels nothing.

use super::busy;
use super::identity::{FileIdentity, Replaced};
use super::work::{Task, Work};
use crate::SqlOptions;
use crate::error::of_sqlite;
use governance_persistence::{Commit, Error, LogEntry, Outcome, Receipt, Replicated, Result};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How much may wait, and how much of it goes into one transaction.
const CAPACITY: usize = 1_024;
const BATCH: usize = 64;

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
        let writer = Writer { connection, file, busy_timeout: options.get_busy_timeout() };
        let thread = std::thread::Builder::new().name("governance-sqlite".into());
        let spawned = thread.spawn(move || {
            writer.run(receiver);
            end.send_replace(true);
        });
        spawned.map_err(|error| Error::not_applied("the writer's thread cannot be started", Some(Box::new(error))))?;
        Ok(Self { sender: Mutex::new(Some(sender)), ended, acquire_timeout: options.get_acquire_timeout() })
    }

    /// Has `work` done in a transaction, and waits for its outcome.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T> + Send + 'static,
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
        if *self.ended.borrow() {
            return Err(Error::not_applied("the backplane no longer writes: it was closed, or its writer ended", None));
        }
        Ok(())
    }

    pub(crate) async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        let commit = commit.clone();
        self.write(move |connection| super::commit::apply(connection, &commit)).await
    }

    pub(crate) async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        let entry = entry.clone();
        self.write(move |connection| super::replicate::apply(connection, &entry)).await
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

struct Writer {
    connection: Connection,
    file: FileIdentity,
    busy_timeout: Duration,
}

impl Writer {
    fn run(self, mut queue: mpsc::Receiver<Box<dyn Work>>) {
        let mut batch = Vec::with_capacity(BATCH);
        while queue.blocking_recv_many(&mut batch, BATCH) > 0 {
            let works = std::mem::take(&mut batch);
            self.write(works);
        }
    }

    fn write(&self, mut works: Vec<Box<dyn Work>>) {
        match self.transaction(&mut works) {
            Ok(()) => works.into_iter().for_each(|work| work.finish(Ok(()))),
            Err(failure) if works.len() == 1 || failure.stage == Stage::Begin => {
                works.into_iter().for_each(|work| work.finish(Err(failure.error(false))));
            }
            // One piece may have broken the transaction of all: each gets one of its own. What was
            // committed all the same, unnoticed, is found there as a replay.
            Err(failure) => works.into_iter().for_each(|work| self.write_alone(work, failure.may_be_applied())),
        }
    }

    fn write_alone(&self, mut work: Box<dyn Work>, in_doubt: bool) {
        work.forget();
        let mut works = [work];
        let committed = self.transaction(&mut works).map_err(|failure| failure.error(in_doubt));
        let [work] = works;
        work.finish(committed);
    }

    /// Runs all of it in one transaction. A piece that fails is taken back by itself.
    fn transaction(&self, works: &mut [Box<dyn Work>]) -> Result<(), Failure> {
        self.file.check().map_err(|error| Failure { stage: Stage::Begin, cause: Cause::Replaced(error) })?;
        self.roll_back();
        busy::wait_at_most(self.busy_timeout);
        self.execute("BEGIN IMMEDIATE").map_err(Failure::at(Stage::Begin))?;
        for work in works {
            let done = self.run_one(work.as_mut());
            // A full disk or a failed read ends the whole transaction, whatever was meant.
            if done.is_err() || self.connection.is_autocommit() {
                self.roll_back();
                let cause = done.err().map_or(Cause::Piece, |error| Cause::Engine(Arc::new(error)));
                return Err(Failure { stage: Stage::Work, cause });
            }
        }
        self.execute("COMMIT").map_err(|error| {
            self.roll_back();
            Failure::at(Stage::Commit)(error)
        })
    }

    fn run_one(&self, work: &mut dyn Work) -> rusqlite::Result<()> {
        self.execute("SAVEPOINT work")?;
        let keep = work.run(&self.connection);
        if self.connection.is_autocommit() {
            return Ok(());
        }
        if !keep {
            self.execute("ROLLBACK TO work")?;
        }
        self.execute("RELEASE work")
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            // Should even that fail, the next BEGIN says so.
            let _ = self.execute("ROLLBACK");
        }
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }
}

/// How far a transaction came that failed as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begin,
    Work,
    Commit,
}

/// Why a transaction failed as a whole.
struct Failure {
    stage: Stage,
    cause: Cause,
}

enum Cause {
    /// The engine said so.
    Engine(Arc<rusqlite::Error>),
    /// One of its pieces knows.
    Piece,
    /// The file is not the one that was opened.
    Replaced(Replaced),
}

impl Failure {
    fn at(stage: Stage) -> impl FnOnce(rusqlite::Error) -> Self {
        move |error| Self { stage, cause: Cause::Engine(Arc::new(error)) }
    }

    /// When the commit itself fails, the log may have reached the disk, unless SQLite says that
    /// it did not even try.
    fn may_be_applied(&self) -> bool {
        use rusqlite::ErrorCode::{ConstraintViolation, DatabaseBusy, DiskFull};
        let Cause::Engine(cause) = &self.cause else {
            return false;
        };
        let code = cause.sqlite_error_code();
        self.stage == Stage::Commit && !matches!(code, Some(DatabaseBusy | DiskFull | ConstraintViolation))
    }

    /// The error to tell, given whether an earlier attempt may have been applied.
    fn error(&self, in_doubt: bool) -> Error {
        let doing = match self.stage {
            Stage::Begin => "waiting to write",
            Stage::Work => "writing",
            Stage::Commit => "committing",
        };
        let error = match &self.cause {
            Cause::Engine(cause) => {
                let code = cause.sqlite_error().map_or(0, |error| error.extended_code);
                of_sqlite(code, doing, Box::new(cause.clone()))
            }
            Cause::Piece => Error::not_applied("the transaction was rolled back by the engine", None),
            Cause::Replaced(replaced) => (*replaced).into(),
        };
        match error {
            Error::Unavailable { reason, source, .. } if in_doubt || self.may_be_applied() => {
                Error::Unavailable { outcome: Outcome::Unknown, reason, source }
            }
            error => error,
        }
    }
}
