//! Connecting: the connections that write, and the pools that read.

use super::Writer;
use super::url::parse;
use crate::error::postgres::classify;
use crate::group::{Limits, Patience, Queue};
use crate::pool::{Connections, Opener, Pool};
use crate::read::{Reader, Replica, Servers};
use crate::role::{Role, is_only_reads, only_reads};
use crate::{SqlOptions, migrations};
use futures_util::future::try_join_all;
use governance_persistence::{Error, Result};
use sea_orm::{DatabaseConnection, SqlxPostgresConnector};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, Postgres, Row};
use std::sync::Arc;
use std::time::Duration;

/// What it takes to read and write.
pub(crate) struct Connected {
    pub(crate) writer: Writer,
    pub(crate) readers: Servers,
}

/// Connects to the server, whose database must have the schema, and to its replicas.
pub(crate) async fn connect(options: &SqlOptions) -> Result<Connected> {
    let pool = reading(options, options.url()).await?;
    let db = Connections::Postgres(pool.clone());
    let deadline = Limits::of(options).answer();
    let connected = async {
        migrations::check_up_to_date_within(deadline, &db).await?;
        let replicas = try_join_all(options.get_read_replicas().iter().map(|url| replica(options, url))).await?;
        let queue = Queue::start(PostgresServer::new(options, pool.clone())?, options.get_writers(), options).await?;
        Ok((queue, replicas))
    };
    match connected.await {
        Ok((queue, replicas)) => {
            let readers = Servers::new(Reader::of_server(db), replicas, deadline);
            Ok(Connected { writer: Writer::new(queue, pool, deadline), readers })
        }
        Err(error) => {
            db.close().await;
            Err(error)
        }
    }
}

/// A pool of connections that only read, from the primary.
async fn reading(options: &SqlOptions, url: &str) -> Result<Pool<Postgres>> {
    let session = session(options, url)?;
    probe(options, &session, Role::Primary).await?;
    pool(options, session, Role::Primary)
}

async fn replica(options: &SqlOptions, url: &str) -> Result<Arc<Replica>> {
    let session = session(options, url)?;
    let tried = probe(options, &session, Role::Any).await;
    let pool = pool(options, session, Role::Any)?;
    Replica::connect(tried, Connections::Postgres(pool), Limits::of(options).answer()).await
}

/// The one connection that migrates. It may take its time.
pub(crate) async fn migrating(options: &SqlOptions) -> Result<DatabaseConnection> {
    let session = session(options, options.url())?.options([("statement_timeout", "0")]);
    probe(options, &session, Role::Any).await?;
    let one = PgPoolOptions::new().max_connections(1).acquire_timeout(options.get_acquire_timeout());
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(one.connect_lazy_with(session)))
}

/// Connects once, for what is wrong with it. A pool would only say that it got no connection.
async fn probe(options: &SqlOptions, session: &PgConnectOptions, role: Role) -> Result<()> {
    let patience = options.get_acquire_timeout();
    let connection = within(patience, begin(session, role)).await?;
    // Nothing is under way on it, so the server misses nothing, should this fail.
    let _ = tokio::time::timeout(Limits::GRACE, connection.close()).await;
    Ok(())
}

/// Opens a connection, and sees that it leads to the right server. A standby takes the same settings as a
/// primary, so it has to be asked.
async fn begin(session: &PgConnectOptions, role: Role) -> sqlx::Result<PgConnection> {
    let mut connection = session.connect().await?;
    if role == Role::Primary {
        let asked = sqlx::raw_sql("SELECT pg_catalog.pg_is_in_recovery()").fetch_one(&mut connection).await?;
        if asked.try_get(0)? {
            return Err(only_reads());
        }
    }
    Ok(connection)
}

async fn within<T>(patience: Duration, connecting: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    match tokio::time::timeout(patience, connecting).await {
        Ok(connected) => connected.map_err(|error| classify("connecting", error).not_applied()),
        Err(_) => Err(Error::not_applied("connecting: no answer within acquireTimeout", None)),
    }
}

fn pool(options: &SqlOptions, session: PgConnectOptions, role: Role) -> Result<Pool<Postgres>> {
    let opener = Opener::new(options, move || {
        let session = session.clone();
        Box::pin(async move { begin(&session, role).await })
    });
    Pool::new(opener, options)
}

/// What all sessions have in common. What a database or a role has as its default must not change
/// what a commit means, nor how it is planned.
///
/// All that we ask goes from an index to the rows it names, and so it is planned: one plan for good,
/// whatever the tables held when it was made. Measured: a plan that was made on empty tables took 90 ms a
/// commit on full ones, batches that scan lock in any order, and a page that is joined by hashing reads
/// the whole history. Starting parallel workers for a page of a history of a million took 17 ms.
fn session(options: &SqlOptions, url: &str) -> Result<PgConnectOptions> {
    let timeout = options.get_statement_timeout().as_millis().to_string();
    let connect = parse(url)?.application_name("governance").disable_statement_logging();
    let off = ["enable_hashjoin", "enable_mergejoin", "enable_material", "enable_seqscan", "enable_bitmapscan", "jit"];
    let connect = connect.options(off.map(|setting| (setting, "off")));
    Ok(connect.options([
        ("default_transaction_isolation", "read committed"),
        ("default_transaction_read_only", "off"),
        ("max_parallel_workers_per_gather", "0"),
        ("plan_cache_mode", "force_generic_plan"),
        ("statement_timeout", timeout.as_str()),
    ]))
}

/// The server, for those who write.
pub(super) struct PostgresServer {
    session: PgConnectOptions,
    readers: Pool<Postgres>,
    connect_timeout: Duration,
    limits: Limits,
}

impl PostgresServer {
    fn new(options: &SqlOptions, readers: Pool<Postgres>) -> Result<Self> {
        let limits = Limits::of(options);
        let locks = limits.locks(Patience::Usual).as_millis().to_string();
        let session = session(options, options.url())?.options([("lock_timeout", locks)]);
        Ok(Self { session, readers, connect_timeout: options.get_acquire_timeout(), limits })
    }

    pub(super) async fn connect(&self) -> Result<PgConnection> {
        let connecting = async {
            let connected = begin(&self.session, Role::Primary).await;
            connected.inspect_err(|error| {
                if is_only_reads(error) {
                    self.readers.doubt();
                }
            })
        };
        within(self.connect_timeout, connecting).await
    }

    /// The connections that read from it.
    pub(super) fn readers(&self) -> &Pool<Postgres> {
        &self.readers
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }
}
