//! A connection that writes.

use super::at_once;
use super::connect::MysqlServer;
use super::heads::not_decoded;
use super::look;
use super::script::{Script, Stopped};
use super::transaction::{self, Placed};
use crate::error::class::{Class, session_failure};
use crate::group::{Failure, Job, Known, Limits, Look, Patience, Server, Session, Step, Written};
use governance_persistence::{Error, Result};
use sqlx::mysql::MySqlRow;
use sqlx::{Connection, MySqlConnection};

/// One of the connections that write.
pub(super) struct MysqlSession {
    connection: MySqlConnection,
    limits: Limits,
    /// Was all as expected in the last batch? If so, it may be in the next one.
    as_expected: bool,
    patience: Patience,
}

impl Server for MysqlServer {
    type Session = MysqlSession;

    async fn open(&self) -> Result<MysqlSession> {
        let connection = self.connect().await?;
        let limits = self.limits();
        Ok(MysqlSession { connection, limits, as_expected: true, patience: Patience::Usual })
    }

    fn demoted(&self) {
        self.readers().doubt();
    }
}

impl Session for MysqlSession {
    async fn wait_for_locks(&mut self, patience: Patience) -> Result<(), Failure> {
        if self.patience == patience {
            return Ok(());
        }
        let seconds = self.limits.locks(patience).as_secs();
        let mut script = Script::new();
        script.push(&format!("SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}"));
        match self.run(script).await {
            Ok(_) => {
                self.patience = patience;
                Ok(())
            }
            Err(stopped) => Err(Failure::Broken(stopped.map_or_else(too_slow, |stopped| stopped.class).not_applied())),
        }
    }

    async fn write(&mut self, step: Step, known: Known, jobs: &[&Job]) -> Result<Vec<Option<Written>>, Failure> {
        if known == Known::Unlikely
            && self.as_expected
            && let Some(written) = self.write_at_once(step, jobs).await?
        {
            return Ok(written);
        }
        let written = self.write_in_two(step, known, jobs).await?;
        self.as_expected = written.iter().all(Option::is_some);
        Ok(written)
    }

    async fn look(&mut self, job: &Job) -> Result<Look, Failure> {
        let mut script = Script::new();
        script.push(&look::query(job));
        let found = match self.run(script).await {
            Ok(found) => found,
            Err(stopped) => return Err(session_failure(stopped.map_or_else(too_slow, |stopped| stopped.class))),
        };
        let row = found.into_iter().flatten().next();
        let row = row.ok_or_else(|| Failure::Refused(not_decoded(sqlx::Error::RowNotFound)))?;
        Look::decode(job, &row.into()).map_err(Failure::Refused)
    }

    async fn ping(&mut self) -> bool {
        let pinged = tokio::time::timeout(self.limits.ping(), self.connection.ping()).await;
        matches!(pinged, Ok(Ok(())))
    }

    async fn close(self) {
        // The server notices by itself, should this fail.
        let _ = self.connection.close().await;
    }
}

impl MysqlSession {
    /// Writes all jobs, if all is as expected. If not, nothing is written; none when that is not all there is to
    /// say.
    async fn write_at_once(&mut self, step: Step, jobs: &[&Job]) -> Result<Option<Vec<Option<Written>>>, Failure> {
        match self.run(at_once::script(step, jobs)).await {
            Ok(found) => match at_once::written(jobs, &found) {
                Ok(written) => Ok(Some(written)),
                Err(error) => {
                    Err(Failure::Lost(Error::unknown("committed, but the answer is odd", Some(Box::new(error)))))
                }
            },
            Err(Some(Stopped { last_may_have_run: false, null: true, .. })) => {
                self.as_expected = false;
                self.roll_back().await?;
                // There is but one head that it can have been.
                Ok((jobs.len() == 1).then(|| vec![None]))
            }
            Err(stopped) => Err(self.stopped(stopped).await),
        }
    }

    /// Looks at the heads first, and writes those jobs whose head is as expected.
    async fn write_in_two(&mut self, step: Step, known: Known, jobs: &[&Job]) -> Result<Vec<Option<Written>>, Failure> {
        let found = match self.run(transaction::begin(step, known, jobs)).await {
            Ok(found) => found,
            Err(stopped) => return Err(self.undo(stopped.map(|stopped| not_committed(stopped.class))).await),
        };
        let decided = match transaction::decide(step, jobs, &found) {
            Ok(decided) => decided,
            Err(error) => return Err(self.undo(Some(Class::Refused(error))).await),
        };
        let placed: Vec<&Placed<'_>> = decided.iter().flatten().map(|(placed, _)| placed).collect();
        if placed.is_empty() {
            self.roll_back().await?;
            return Ok(vec![None; jobs.len()]);
        }
        match self.run(transaction::write(&placed)).await {
            Ok(_) => Ok(decided.iter().map(|decided| decided.as_ref().map(|(_, written)| *written)).collect()),
            Err(stopped) => Err(self.stopped(stopped).await),
        }
    }

    /// What the failure is of a script that ends with a commit.
    async fn stopped(&mut self, stopped: Option<Stopped>) -> Failure {
        match stopped {
            None => Failure::Lost(Error::unknown("the server did not answer within statementTimeout", None)),
            Some(Stopped { last_may_have_run: true, class, .. }) => self.undo(Some(committing(class))).await,
            Some(Stopped { last_may_have_run: false, class, .. }) => self.undo(Some(not_committed(class))).await,
        }
    }

    /// Runs a script. With no answer in time the error is `None`, and the session is of no more use.
    async fn run(&mut self, script: Script) -> Result<Vec<Vec<MySqlRow>>, Option<Stopped>> {
        match tokio::time::timeout(self.limits.answer(), script.run(&mut self.connection)).await {
            Ok(done) => done.map_err(Some),
            Err(_) => Err(None),
        }
    }

    /// What the failure is, once the transaction is gone: rolled back, or with its connection.
    async fn undo(&mut self, class: Option<Class>) -> Failure {
        let failure = session_failure(class.unwrap_or_else(too_slow));
        match failure {
            Failure::Broken(_) | Failure::Demoted(_) | Failure::Lost(_) => failure,
            failure => self.roll_back().await.err().unwrap_or(failure),
        }
    }

    async fn roll_back(&mut self) -> Result<(), Failure> {
        let mut script = Script::new();
        script.push("ROLLBACK");
        match self.run(script).await {
            Ok(_) => Ok(()),
            Err(stopped) => {
                let class = stopped.map_or_else(too_slow, |stopped| stopped.class);
                Err(Failure::Broken(class.not_applied()))
            }
        }
    }
}

/// The last statement did not run: whatever became of the connection, nothing is committed.
fn not_committed(class: Class) -> Class {
    match class {
        lost @ Class::Lost(_) => Class::Broken(lost.not_applied()),
        other => other,
    }
}

/// The commit failed, or nobody knows of it. What was in its way is a refusal; of all else nobody knows
/// when it came.
fn committing(class: Class) -> Class {
    match class {
        known @ (Class::Again(_) | Class::Held(_) | Class::Duplicate(_) | Class::Lost(_)) => known,
        Class::Slow(error) | Class::Refused(error) | Class::Broken(error) | Class::Demoted(error) => {
            Class::Lost(Error::unknown(format!("committing failed: {error}"), Some(Box::new(error))))
        }
    }
}

fn too_slow() -> Class {
    Class::Broken(Error::not_applied("the server did not answer within statementTimeout", None))
}
