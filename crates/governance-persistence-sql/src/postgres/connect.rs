//! Connecting: what the URL says, and the settings that each session has.

use super::Writer;
use crate::error::of_sea_orm;
use crate::error::postgres::classify;
use crate::group::Queue;
use crate::{SqlOptions, migrations};
use governance_persistence::{Error, Result};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr, SqlxPostgresConnector};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// What it takes to read and write.
pub(crate) struct Connected {
    pub(crate) writer: Writer,
    pub(crate) readers: DatabaseConnection,
}

/// Connects to the server, whose database must have the schema.
pub(crate) async fn connect(options: &SqlOptions) -> Result<Connected> {
    let readers = reading(options).await?;
    let connected = async {
        migrations::check_up_to_date(&readers).await?;
        Queue::start(PostgresServer::new(options)?, options.get_writers(), options).await
    };
    match connected.await {
        Ok(queue) => Ok(Connected { writer: Writer { queue, db: readers.clone() }, readers }),
        Err(error) => {
            // The error at hand says more than one of closing could.
            let _ = readers.close().await;
            Err(error)
        }
    }
}

/// A pool of connections that only read.
async fn reading(options: &SqlOptions) -> Result<DatabaseConnection> {
    pool(options, session(options)?, options.get_max_connections()).await
}

/// The one connection that migrates. It may take its time.
pub(crate) async fn migrating(options: &SqlOptions) -> Result<DatabaseConnection> {
    pool(options, session(options)?.options([("statement_timeout", "0")]), 1).await
}

async fn pool(options: &SqlOptions, session: PgConnectOptions, size: u32) -> Result<DatabaseConnection> {
    let pool = PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(options.get_acquire_timeout())
        .idle_timeout(options.get_idle_timeout())
        .max_lifetime(options.get_max_lifetime())
        // Asking each time costs a tenth of all reads. One that was cut shows when it is used.
        .test_before_acquire(false)
        .connect_with(session)
        .await
        .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
        .map_err(|error| of_sea_orm("connecting", error))?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// What all sessions have in common. What a database or a role has as its default must not change
/// what a commit means, nor how it is planned.
///
/// All that we ask goes from an index to the rows it names, and so it is planned: one plan for good,
/// whatever the tables held when it was made. Measured: a plan that was made on empty tables took 90 ms a
/// commit on full ones, batches that scan lock in any order, and a page that is joined by hashing reads
/// the whole history.
fn session(options: &SqlOptions) -> Result<PgConnectOptions> {
    let timeout = options.get_statement_timeout().as_millis().to_string();
    let connect = parse(options.url())?.application_name("governance").disable_statement_logging();
    let off = ["enable_hashjoin", "enable_mergejoin", "enable_seqscan", "enable_bitmapscan", "jit"];
    let connect = connect.options(off.map(|setting| (setting, "off")));
    Ok(connect.options([
        ("default_transaction_isolation", "read committed"),
        ("plan_cache_mode", "force_generic_plan"),
        ("statement_timeout", timeout.as_str()),
    ]))
}

/// The server, for those who write.
pub(super) struct PostgresServer {
    session: PgConnectOptions,
    connect_timeout: Duration,
    deadline: Duration,
}

/// How much longer than the server we wait for it to end a statement.
const GRACE: Duration = Duration::from_secs(2);

impl PostgresServer {
    fn new(options: &SqlOptions) -> Result<Self> {
        let session = session(options)?.options([("default_transaction_read_only", "off")]);
        let (connect_timeout, deadline) = (options.get_acquire_timeout(), options.get_statement_timeout() + GRACE);
        Ok(Self { session, connect_timeout, deadline })
    }

    pub(super) async fn connect(&self) -> Result<PgConnection> {
        match tokio::time::timeout(self.connect_timeout, self.session.connect()).await {
            Ok(connected) => connected.map_err(|error| classify("connecting", error).not_applied()),
            Err(_) => Err(Error::not_applied("connecting: no answer within acquireTimeout", None)),
        }
    }

    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }
}

const FIELD: &str = "connectionString";
const EXPECTED: &str = "a URL such as postgres://user:password@host:5432/database";

/// The parameters that may stand behind the `?`.
const PARAMETERS: [&str; 6] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "options", "host"];

/// Checks a URL before anything is opened. No error shows any of it but a parameter's name.
pub(crate) fn check_url(url: &str) -> Result<()> {
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        let name = parameter.split('=').next().unwrap_or_default();
        if !PARAMETERS.contains(&name) {
            let problem = format!("has the unknown parameter {name:?}");
            return Err(Error::invalid(FIELD, problem, format!("one of {}", PARAMETERS.join(", "))));
        }
    }
    let options = parse(url)?;
    if options.get_database().is_none_or(str::is_empty) {
        return Err(Error::invalid(FIELD, "names no database", EXPECTED));
    }
    Ok(())
}

fn parse(url: &str) -> Result<PgConnectOptions> {
    // The driver's error may quote what it could not read.
    PgConnectOptions::from_str(url).map_err(|_| Error::invalid(FIELD, "is not a URL of PostgreSQL", EXPECTED))
}
