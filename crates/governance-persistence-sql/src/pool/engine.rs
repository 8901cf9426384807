//! What SeaORM asks, asked of each engine's own connection.

#[cfg(feature = "sqlite")]
use sea_orm::sea_query::Value;
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
    ($engine:ty, $query:path) => {
        impl Engine for $engine {
            async fn rows(connection: &mut Self::Connection, statement: Statement) -> sqlx::Result<Vec<QueryResult>> {
                let statement = $query(statement);
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
engine!(sqlx::MySql, std::convert::identity);
#[cfg(feature = "postgres")]
engine!(sqlx::Postgres, std::convert::identity);
#[cfg(feature = "sqlite")]
engine!(sqlx::Sqlite, with_its_limit);

fn values(values: Option<Values>) -> SqlxValues {
    SqlxValues(values.unwrap_or_else(|| Values(Vec::new())))
}

/// Writes the limit at the end of a query, or of its last subquery, into its text. SQLite plans a query anew whenever a value is bound that a plan
/// depends on, and a limit is one; there are few of them, so that the prepared texts stay few.
#[cfg(feature = "sqlite")]
fn with_its_limit(mut statement: Statement) -> Statement {
    if let Some((text, end)) = statement.sql.rsplit_once(" LIMIT ?")
        && end.bytes().all(|byte| byte == b')')
        && let Some(Values(values)) = &mut statement.values
        && let Some(Value::BigUnsigned(Some(limit))) = values.last()
    {
        statement.sql = format!("{text} LIMIT {limit}{end}");
        values.pop();
    }
    statement
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use sea_orm::DbBackend;

    #[test]
    fn a_limit_is_text_and_nothing_else_is() {
        let query = |sql: &str, values: Vec<Value>| {
            let statement = with_its_limit(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values));
            (statement.sql, statement.values.map_or(0, |Values(values)| values.len()))
        };
        let limited = query("SELECT a FROM t WHERE b = ? LIMIT ?", vec!["x".into(), 101_u64.into()]);
        assert_eq!(limited, ("SELECT a FROM t WHERE b = ? LIMIT 101".to_owned(), 1));
        let inner = query("SELECT a FROM t WHERE b = (SELECT c FROM t LIMIT ?)", vec![1_u64.into()]);
        assert_eq!(inner, ("SELECT a FROM t WHERE b = (SELECT c FROM t LIMIT 1)".to_owned(), 0));
        for (sql, values) in [
            ("SELECT a FROM t WHERE b = ?", vec![Value::from(7_u64)]),
            ("SELECT a FROM t LIMIT ? OFFSET ?", vec![7_u64.into(), 8_u64.into()]),
            ("SELECT a FROM t LIMIT ?", vec!["x".into()]),
        ] {
            let count = values.len();
            assert_eq!(query(sql, values), (sql.to_owned(), count));
        }
    }
}
