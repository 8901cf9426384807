//! All that is written, by whichever engine it is.

#[cfg(feature = "mysql")]
use crate::mysql;
#[cfg(feature = "postgres")]
use crate::postgres;
#[cfg(feature = "sqlite")]
use crate::sqlite;
use governance_persistence::{
    Commit, EphemeralId, EphemeralKind, ExperimentKey, Json, LogEntry, Receipt, Replicated, Result, TimeToLive,
};

/// The engine's own way to write.
#[derive(Debug)]
pub(crate) enum Writer {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Queue),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Writer),
    #[cfg(feature = "mysql")]
    Mysql(mysql::Writer),
}

/// Hands a call on to the engine.
macro_rules! each {
    ($self:expr, $writer:ident => $call:expr) => {
        match $self {
            #[cfg(feature = "sqlite")]
            Writer::Sqlite($writer) => $call,
            #[cfg(feature = "postgres")]
            Writer::Postgres($writer) => $call,
            #[cfg(feature = "mysql")]
            Writer::Mysql($writer) => $call,
        }
    };
}

impl Writer {
    pub(crate) async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        each!(self, writer => writer.commit(commit).await)
    }

    pub(crate) async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        each!(self, writer => writer.replicate(entry).await)
    }

    pub(crate) async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        each!(self, writer => writer.put(key, kind, id, value, time_to_live).await)
    }

    pub(crate) async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        each!(self, writer => writer.remove(key, kind, id).await)
    }

    pub(crate) fn check(&self) -> Result<()> {
        each!(self, writer => writer.check())
    }

    pub(crate) async fn close(&self) {
        each!(self, writer => writer.close().await);
    }
}
