//! What SeaORM asks, asked of each engine's own connection.

use sea_orm::sea_query::Values;
use sea_orm::{ExecResult, QueryResult, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Database};
use std::future::Future;

/// An engine that has a driver.
pub(crate) trait Engine: Database {
    /// All rows of a query.
    fn rows(
        connection: &mut Self::Connection,
        statement: Statement,
    ) -> impl Future<Output = sqlx::Result<Vec<QueryResult>>> + Send;

    /// Runs a statement that has parameters.
    fn execute(
        connection: &mut Self::Connection,
        statement: Statement,
    ) -> impl Future<Output = sqlx::Result<ExecResult>> + Send;

    /// Runs a text as it is, of one or more statements.
    fn run(connection: &mut Self::Connection, sql: &str) -> impl Future<Output = sqlx::Result<ExecResult>> + Send;
}

/// The same for each: what its rows and results are is known only of the type itself.
macro_rules! engine {
    ($engine:ty) => {
        impl Engine for $engine {
            async fn rows(connection: &mut Self::Connection, statement: Statement) -> sqlx::Result<Vec<QueryResult>> {
                let values = values(statement.values);
                let rows = sqlx::query_with(AssertSqlSafe(statement.sql), values).fetch_all(connection).await?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }

            async fn execute(connection: &mut Self::Connection, statement: Statement) -> sqlx::Result<ExecResult> {
                let values = values(statement.values);
                sqlx::query_with(AssertSqlSafe(statement.sql), values).execute(connection).await.map(ExecResult::from)
            }

            async fn run(connection: &mut Self::Connection, sql: &str) -> sqlx::Result<ExecResult> {
                sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(ExecResult::from)
            }
        }
    };
}

#[cfg(feature = "mysql")]
engine!(sqlx::MySql);
#[cfg(feature = "postgres")]
engine!(sqlx::Postgres);
#[cfg(feature = "sqlite")]
engine!(sqlx::Sqlite);

fn values(values: Option<Values>) -> SqlxValues {
    SqlxValues(values.unwrap_or_else(|| Values(Vec::new())))
}
