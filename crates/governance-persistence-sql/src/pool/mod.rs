//! The connections that read, and write ephemerals, kept open between uses.
//!
//! The slots are deadpool's. The driver has a pool of its own, but it asks the server for a sign of life
//! each time that a connection comes back, in a task of its own: a second round trip for every read.

mod connections;
mod engine;
mod opener;

pub(crate) use connections::Connections;
pub(crate) use engine::Engine;
pub(crate) use opener::Opener;

use crate::SqlOptions;
use deadpool::managed::{self, Object, PoolError, QueueMode};
use governance_persistence::{Error, Result};
use opener::retire;
use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Connections to one server, or one file.
pub(crate) struct Pool<DB: Engine> {
    slots: managed::Pool<Opener<DB>>,
    acquire_timeout: Duration,
}

// A derive would ask as much of the engine's type, of which no value is held.
impl<DB: Engine> Clone for Pool<DB> {
    fn clone(&self) -> Self {
        Self { slots: self.slots.clone(), acquire_timeout: self.acquire_timeout }
    }
}

impl<DB: Engine> fmt::Debug for Pool<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("status", &self.slots.status()).finish_non_exhaustive()
    }
}

/// Why something was not done, or may not have been.
#[derive(Debug)]
pub(crate) enum Failed {
    /// There was no connection, so nothing was asked.
    NoConnection(sqlx::Error),
    /// It was asked, and this came of it.
    Asked(sqlx::Error),
}

impl From<Failed> for DbErr {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::NoConnection(error) => Self::Conn(RuntimeErr::SqlxError(Arc::new(error))),
            Failed::Asked(error) => Self::Query(RuntimeErr::SqlxError(Arc::new(error))),
        }
    }
}

/// Lends a connection to a call on the engine. While it is lent it belongs to the call: one that is
/// dropped midway takes the connection with it, whose next answer would be that of the call before. So does one
/// that fails: it may have been the last that the server said on it, and it is rare.
macro_rules! lend {
    ($pool:expr, $connection:ident => $call:expr) => {{
        let mut lent = $pool.acquire().await.map_err(Failed::NoConnection)?;
        let mut $connection = lent.take().ok_or(sqlx::Error::WorkerCrashed).map_err(Failed::NoConnection)?;
        let answer = $call.await;
        if answer.is_ok() {
            lent.give_back($connection);
        }
        answer.map_err(Failed::Asked)
    }};
}

impl<DB: Engine> Pool<DB> {
    /// Connections are made when they are needed.
    pub(crate) fn new(opener: Opener<DB>, options: &SqlOptions) -> Result<Self> {
        let size = options.get_max_connections() as usize;
        let keeping = opener.keeping();
        // The one that was used last is the one that is most likely to be there still; the others grow idle.
        let slots = managed::Pool::builder(opener).max_size(size).queue_mode(QueueMode::Lifo).build();
        let slots = slots.map_err(|error| Error::Backend {
            reason: "the pool of connections cannot be made".into(),
            source: Some(Box::new(error)),
        })?;
        if let Some(keeping) = keeping {
            tokio::spawn(opener::sweep(slots.weak(), keeping));
        }
        Ok(Self { slots, acquire_timeout: options.get_acquire_timeout() })
    }

    async fn acquire(&self) -> sqlx::Result<Object<Opener<DB>>> {
        match tokio::time::timeout(self.acquire_timeout, self.slots.get()).await {
            Ok(Ok(open)) => Ok(open),
            Ok(Err(PoolError::Backend(error))) => Err(error),
            Ok(Err(PoolError::Closed)) => Err(sqlx::Error::PoolClosed),
            // Neither a time limit of the pool's own nor a hook is set, so no other error is left.
            Ok(Err(_)) | Err(_) => Err(sqlx::Error::PoolTimedOut),
        }
    }

    /// All rows of a query. A query says itself how many it wants: what was left unread, the next
    /// call would have to read.
    pub(crate) async fn rows(&self, statement: Statement) -> std::result::Result<Vec<QueryResult>, Failed> {
        lend!(self, connection => DB::rows(&mut connection, statement))
    }

    /// Runs a statement that has parameters.
    pub(crate) async fn execute(&self, statement: Statement) -> std::result::Result<ExecResult, Failed> {
        lend!(self, connection => DB::execute(&mut connection, statement))
    }

    /// Runs a text as it is, of one or more statements.
    pub(crate) async fn run(&self, sql: &str) -> std::result::Result<ExecResult, Failed> {
        lend!(self, connection => DB::run(&mut connection, sql))
    }

    /// Asks for a sign of life.
    pub(crate) async fn ping(&self) -> std::result::Result<(), Failed> {
        lend!(self, connection => sqlx::Connection::ping(&mut connection))
    }

    /// Lends none of the connections any more that there are now: the server that they lead to is no longer the one
    /// that is meant. New ones are made, which find out.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(crate) fn doubt(&self) {
        self.slots.manager().doubt();
    }

    /// Lends no more connections, and closes those that are free. One that is lent is closed when it comes back.
    pub(crate) async fn close(&self) {
        let free = self.slots.retain(|_, _| false).removed;
        self.slots.close();
        for open in free {
            retire(open).await;
        }
    }
}
