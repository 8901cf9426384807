//! The pool of whichever engine it is.

use super::Pool;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

/// Connections to any engine.
#[derive(Debug)]
pub(crate) enum Connections {
    #[cfg(feature = "mysql")]
    Mysql(Pool<sqlx::MySql>),
    #[cfg(feature = "postgres")]
    Postgres(Pool<sqlx::Postgres>),
    #[cfg(feature = "sqlite")]
    Sqlite(Pool<sqlx::Sqlite>),
}

/// Hands a call on to the engine's pool.
macro_rules! each {
    ($self:expr, $pool:ident => $call:expr) => {
        match $self {
            #[cfg(feature = "mysql")]
            Connections::Mysql($pool) => $call,
            #[cfg(feature = "postgres")]
            Connections::Postgres($pool) => $call,
            #[cfg(feature = "sqlite")]
            Connections::Sqlite($pool) => $call,
        }
    };
}

impl Connections {
    /// Asks for a sign of life.
    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        Ok(each!(self, pool => pool.ping().await)?)
    }

    pub(crate) async fn close(&self) {
        each!(self, pool => pool.close().await);
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Connections {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => DbBackend::MySql,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => DbBackend::Postgres,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        Ok(each!(self, pool => pool.execute(statement).await)?)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        Ok(each!(self, pool => pool.run(sql).await)?)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(each!(self, pool => pool.rows(statement).await)?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(each!(self, pool => pool.rows(statement).await)?)
    }
}
