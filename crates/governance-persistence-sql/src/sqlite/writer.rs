//! The thread that writes: one transaction for all that waits, and an answer of its own for each.

use super::busy;
use super::failure::{Cause, Failure, Stage};
use super::identity::FileIdentity;
use super::session::Session;
use super::work::{Pass, Ran, Work};
use rusqlite::Connection;
use std::time::Duration;
use tokio::sync::mpsc;

/// How many pieces of work go into one transaction.
const BATCH: usize = 64;

pub(super) struct Writer<'c> {
    pub(super) session: Session<'c>,
    pub(super) file: FileIdentity,
    pub(super) busy_timeout: Duration,
}

impl Writer<'_> {
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Box<dyn Work>>) {
        let mut batch = Vec::with_capacity(BATCH);
        while queue.blocking_recv_many(&mut batch, BATCH) > 0 {
            let works = std::mem::take(&mut batch);
            self.write(works);
        }
    }

    fn write(&mut self, mut works: Vec<Box<dyn Work>>) {
        let mut written = self.transaction(&mut works, Pass::First);
        if matches!(written, Err(Failure { stage: Stage::Work, .. })) {
            works.iter_mut().for_each(|work| work.forget());
            written = self.transaction(&mut works, Pass::Careful);
        }
        match written {
            Ok(()) => works.into_iter().for_each(|work| work.finish(Ok(()))),
            Err(failure) if works.len() == 1 || failure.stage == Stage::Begin => {
                works.into_iter().for_each(|work| work.finish(Err(failure.error(false))));
            }
            // One piece may have broken the transaction of all: each gets one of its own. What was
            // committed all the same, unnoticed, is found there as a replay.
            Err(failure) => works.into_iter().for_each(|work| self.write_alone(work, failure.may_be_applied())),
        }
    }

    fn write_alone(&mut self, mut work: Box<dyn Work>, in_doubt: bool) {
        work.forget();
        let mut works = [work];
        let committed = self.transaction(&mut works, Pass::Careful).map_err(|failure| failure.error(in_doubt));
        let [work] = works;
        work.finish(committed);
    }

    /// Runs all of it in one transaction. In a careful pass, a piece that is refused is taken back
    /// by itself. In the first, one that is refused before it wrote leaves nothing to take back,
    /// and any other ends the transaction: savepoints would cost all for the sake of a few.
    fn transaction(&mut self, works: &mut [Box<dyn Work>], pass: Pass) -> Result<(), Failure> {
        self.file.check().map_err(|error| Failure { stage: Stage::Begin, cause: Cause::Replaced(error) })?;
        self.roll_back();
        busy::wait_at_most(self.busy_timeout);
        self.execute("BEGIN IMMEDIATE").map_err(Failure::at(Stage::Begin))?;
        for work in works {
            let done = match pass {
                Pass::First => self.run_bare(work.as_mut()),
                Pass::Careful => self.run_in_savepoint(work.as_mut()),
            };
            if let Err(cause) = done {
                self.roll_back();
                return Err(Failure { stage: Stage::Work, cause });
            }
        }
        self.execute("COMMIT").map_err(|error| {
            self.roll_back();
            Failure::at(Stage::Commit)(error)
        })
    }

    fn run_bare(&mut self, work: &mut dyn Work) -> Result<(), Cause> {
        let before = self.connection().total_changes();
        let ran = work.run(&mut self.session, Pass::First);
        self.check_open()?;
        match ran {
            Ran::Done => Ok(()),
            Ran::Refused if self.connection().total_changes() == before => Ok(()),
            Ran::Refused | Ran::Failed => Err(Cause::NotFinal),
        }
    }

    fn run_in_savepoint(&mut self, work: &mut dyn Work) -> Result<(), Cause> {
        self.execute("SAVEPOINT work").map_err(Cause::engine)?;
        let ran = work.run(&mut self.session, Pass::Careful);
        self.check_open()?;
        if ran != Ran::Done {
            self.execute("ROLLBACK TO work").map_err(Cause::engine)?;
        }
        self.execute("RELEASE work").map_err(Cause::engine)
    }

    /// A full disk or a failed read ends the whole transaction, whatever was meant.
    fn check_open(&self) -> Result<(), Cause> {
        if self.connection().is_autocommit() { Err(Cause::Piece) } else { Ok(()) }
    }

    fn roll_back(&mut self) {
        if !self.connection().is_autocommit() {
            // Should even that fail, the next BEGIN says so.
            let _ = self.execute("ROLLBACK");
        }
    }

    fn execute(&mut self, sql: &'static str) -> rusqlite::Result<()> {
        self.session.statement(sql)?.execute([]).map(|_| ())
    }

    fn connection(&self) -> &Connection {
        self.session.connection()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

    use super::*;
    use crate::sqlite::work::Task;
    use governance_persistence::{Error, Outcome, Result};
    use std::sync::{Arc, Mutex};

    /// A file where a child wants its parent, and says so only when the transaction commits.
    fn file(folder: &std::path::Path) -> Connection {
        let connection = Connection::open(folder.join("queue.db")).unwrap();
        let tables = "PRAGMA foreign_keys = ON; CREATE TABLE parent (id INTEGER PRIMARY KEY); \
                      CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)";
        connection.execute_batch(tables).unwrap();
        connection
    }

    fn writer<'c>(folder: &std::path::Path, connection: &'c Connection) -> Writer<'c> {
        let file = FileIdentity::of(folder.join("queue.db"));
        Writer { session: Session::new(connection), file, busy_timeout: Duration::from_secs(5) }
    }

    fn insert(sql: &'static str) -> (Box<dyn Work>, tokio::sync::oneshot::Receiver<Result<usize>>) {
        Task::boxed(move |session: &mut Session<'_>, _| {
            session.connection().execute(sql, []).map_err(|error| crate::error::of_rusqlite("inserting", error))
        })
    }

    fn count(writer: &Writer, table: &str) -> i64 {
        writer.connection().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn given_a_group_whose_commit_fails_then_each_piece_gets_a_transaction_and_an_answer_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let connection = file(folder.path());
        let mut writer = writer(folder.path(), &connection);
        let (good, good_answer) = insert("INSERT INTO parent VALUES (1)");
        let (bad, bad_answer) = insert("INSERT INTO child VALUES (99)");
        let (refused, refused_answer) = insert("INSERT INTO parent VALUES (1)");

        writer.write(vec![good, bad, refused]);

        assert_eq!(good_answer.blocking_recv().unwrap().unwrap(), 1);
        let error = bad_answer.blocking_recv().unwrap().unwrap_err();
        assert!(error.to_string().contains("FOREIGN KEY"), "{error}");
        let error = refused_answer.blocking_recv().unwrap().unwrap_err();
        assert!(error.to_string().contains("UNIQUE"), "{error}");
        assert_eq!((count(&writer, "parent"), count(&writer, "child")), (1, 0));
    }

    #[test]
    fn given_a_piece_that_is_refused_after_it_wrote_then_all_run_again_carefully_and_it_alone_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let connection = file(folder.path());
        let mut writer = writer(folder.path(), &connection);
        let (good, good_answer) = insert("INSERT INTO parent VALUES (1)");
        let passes = Arc::new(Mutex::new(Vec::new()));
        let seen = passes.clone();
        let (refused, refused_answer) = Task::boxed(move |session: &mut Session<'_>, pass| -> Result<()> {
            seen.lock().unwrap().push(pass);
            session.connection().execute("INSERT INTO parent VALUES (2)", []).unwrap();
            Err(Error::invalid("pass", format!("{pass:?}"), "another"))
        });
        let (last, last_answer) = insert("INSERT INTO parent VALUES (3)");

        writer.write(vec![good, refused, last]);

        assert_eq!(good_answer.blocking_recv().unwrap().unwrap(), 1);
        assert!(refused_answer.blocking_recv().unwrap().unwrap_err().to_string().contains("Careful"));
        assert_eq!(last_answer.blocking_recv().unwrap().unwrap(), 1);
        assert_eq!(*passes.lock().unwrap(), [Pass::First, Pass::Careful]);
        let rows: String = connection.query_row("SELECT group_concat(id) FROM parent", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, "1,3");
    }

    #[test]
    fn given_a_piece_that_is_refused_before_it_wrote_then_one_pass_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let connection = file(folder.path());
        let mut writer = writer(folder.path(), &connection);
        let (good, good_answer) = insert("INSERT INTO parent VALUES (1)");
        let (refused, refused_answer) = Task::boxed(move |_: &mut Session<'_>, pass| -> Result<()> {
            Err(Error::invalid("pass", format!("{pass:?}"), "another"))
        });

        writer.write(vec![good, refused]);

        assert_eq!(good_answer.blocking_recv().unwrap().unwrap(), 1);
        assert!(refused_answer.blocking_recv().unwrap().unwrap_err().to_string().contains("First"));
        assert_eq!(count(&writer, "parent"), 1);
    }

    #[test]
    fn given_a_piece_that_fails_before_it_wrote_then_it_is_asked_again_carefully() {
        let folder = tempfile::tempdir().unwrap();
        let connection = file(folder.path());
        let mut writer = writer(folder.path(), &connection);
        let (failing, answer) = Task::boxed(move |_: &mut Session<'_>, pass| match pass {
            Pass::First => Err(Error::not_applied("the disk is full", None)),
            Pass::Careful => Ok("it was there already"),
        });

        writer.write(vec![failing]);

        assert_eq!(answer.blocking_recv().unwrap().unwrap(), "it was there already");
    }

    #[test]
    fn given_a_piece_that_ran_in_a_failed_group_when_its_own_transaction_does_not_begin_then_the_old_answer_is_not_told()
     {
        let folder = tempfile::tempdir().unwrap();
        let connection = file(folder.path());
        let mut writer = writer(folder.path(), &connection);
        let (mut refused, answer) = insert("INSERT INTO nowhere VALUES (1)");
        connection.execute_batch("BEGIN").unwrap();
        assert_eq!(refused.run(&mut writer.session, Pass::First), Ran::Failed);
        writer.roll_back();

        std::fs::remove_file(folder.path().join("queue.db")).unwrap();
        writer.write_alone(refused, false);

        let error = answer.blocking_recv().unwrap().unwrap_err();
        assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
    }

    #[test]
    fn given_a_commit_that_may_have_reached_the_disk_then_a_later_not_applied_stays_unknown() {
        let full = || rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None);
        let lost = || rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR), None);
        assert_eq!(Failure::at(Stage::Commit)(full()).error(false).outcome(), Outcome::NotApplied);
        assert_eq!(Failure::at(Stage::Work)(lost()).error(false).outcome(), Outcome::NotApplied);
        assert!(Failure::at(Stage::Commit)(lost()).may_be_applied());
        assert_eq!(Failure::at(Stage::Commit)(lost()).error(false).outcome(), Outcome::Unknown);
        assert_eq!(Failure::at(Stage::Begin)(full()).error(true).outcome(), Outcome::Unknown);
    }
}
