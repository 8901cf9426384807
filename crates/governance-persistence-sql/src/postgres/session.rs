//! A connection that writes.

use super::connect::PostgresServer;
use super::statement::{Shape, Statements};
use super::{column, heads, look, records};
use crate::error::postgres::{classify, session_failure};
use crate::group::{Failure, Job, Known, Limits, Look, Patience, Server, Session, Step, Written};
use governance_persistence::{Error, RecordKind, Result, Sequence, Timestamp};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use std::future::Future;
use std::time::Duration;

/// One of the connections that write.
pub(super) struct PostgresSession {
    connection: PgConnection,
    statements: Statements,
    limits: Limits,
    patience: Patience,
}

impl Server for PostgresServer {
    type Session = PostgresSession;

    async fn open(&self) -> Result<PostgresSession> {
        let connection = self.connect().await?;
        let (statements, limits) = (Statements::default(), self.limits());
        Ok(PostgresSession { connection, statements, limits, patience: Patience::Usual })
    }

    fn demoted(&self) {
        self.readers().doubt();
    }
}

impl Session for PostgresSession {
    async fn wait_for_locks(&mut self, patience: Patience) -> Result<(), Failure> {
        if self.patience == patience {
            return Ok(());
        }
        let set = format!("SET lock_timeout = {}", self.limits.locks(patience).as_millis());
        let setting = sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut self.connection);
        // Nothing was sent yet that could have been done.
        match tokio::time::timeout(self.limits.answer(), setting).await {
            Ok(Ok(_)) => {
                self.patience = patience;
                Ok(())
            }
            Ok(Err(error)) => Err(Failure::Broken(classify("committing", error).not_applied())),
            Err(_) => {
                Err(Failure::Broken(Error::not_applied("the server did not answer within statementTimeout", None)))
            }
        }
    }

    async fn write(&mut self, step: Step, known: Known, jobs: &[&Job]) -> Result<Vec<Option<Written>>, Failure> {
        let (arguments, kinds) = arguments(jobs).map_err(|error| Failure::Refused(not_encoded(error)))?;
        let text = self.statements.text(Shape { step, known, kinds });
        let query = sqlx::query_with(text, arguments).fetch_all(&mut self.connection);
        let rows = within(self.limits.answer(), query).await?;
        written(&rows, jobs.len())
            .map_err(|error| Failure::Lost(Error::unknown("committed, but the answer is odd", Some(Box::new(error)))))
    }

    async fn look(&mut self, job: &Job) -> Result<Look, Failure> {
        let row = within(self.limits.answer(), look::query(job).fetch_one(&mut self.connection)).await?;
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

fn arguments(jobs: &[&Job]) -> Result<(PgArguments, [bool; RecordKind::ALL.len()]), BoxDynError> {
    let mut arguments = PgArguments::default();
    column::bind(&mut arguments, &heads::columns(), jobs)?;
    let mut kinds = [false; RecordKind::ALL.len()];
    for (kind, present) in RecordKind::ALL.into_iter().zip(&mut kinds) {
        *present = records::bind_kind(&mut arguments, kind, jobs)?;
    }
    Ok((arguments, kinds))
}

fn not_encoded(source: BoxDynError) -> Error {
    Error::Backend { reason: "the arguments of a commit cannot be encoded".into(), source: Some(source) }
}

/// The server ends a statement that runs for too long by itself. When not even that is heard, nobody
/// knows what it did.
async fn within<T>(deadline: Duration, query: impl Future<Output = sqlx::Result<T>>) -> Result<T, Failure> {
    match tokio::time::timeout(deadline, query).await {
        Ok(done) => done.map_err(|error| session_failure(classify("committing", error))),
        Err(_) => Err(Failure::Lost(Error::unknown("the server did not answer within statementTimeout", None))),
    }
}

/// What the statement returns for each that it wrote: its number in the batch, from 1 on.
fn written(rows: &[PgRow], count: usize) -> Result<Vec<Option<Written>>> {
    let mut written = vec![None; count];
    for row in rows {
        let decode = || -> sqlx::Result<(i64, i64, i64)> { Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)) };
        let (number, sequence, recorded_at) = decode().map_err(|error| Error::Backend {
            reason: "the reply to a commit does not decode".into(),
            source: Some(Box::new(error)),
        })?;
        let place = usize::try_from(number - 1).ok().and_then(|index| written.get_mut(index));
        let recorded_at = Timestamp::from_unix_micros(recorded_at)?;
        if let Some(place) = place {
            *place = Some(Written { sequence: Sequence::try_from(sequence)?, recorded_at });
        }
    }
    Ok(written)
}
