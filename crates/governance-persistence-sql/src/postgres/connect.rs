//! Connecting: the connections that write, and the pools that read.

use super::Writer;
use super::url::parse;
use crate::error::postgres::classify;
use crate::group::Queue;
use crate::options::of_replica;
use crate::read::{Reader, Replica, Servers};
use crate::{SqlOptions, migrations};
use futures_util::future::try_join_all;
use governance_persistence::{Error, Result};
use sea_orm::{DatabaseConnection, SqlxPostgresConnector};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::sync::Arc;
use std::time::Duration;

/// What it takes to read and write.
pub(crate) struct Connected {
    pub(crate) writer: Writer,
    pub(crate) readers: Servers,
}

/// Connects to the server, whose database must have the schema, and to its replicas.
pub(crate) async fn connect(options: &SqlOptions) -> Result<Connected> {
    let db = reading(options, options.url()).await?;
    let deadline = deadline(options);
    let connected = async {
        migrations::check_up_to_date(&db).await?;
        let replicas = try_join_all(options.get_read_replicas().iter().map(|url| replica(options, url))).await?;
        let queue = Queue::start(PostgresServer::new(options)?, options.get_writers(), options).await?;
        Ok((queue, replicas))
    };
    match connected.await {
        Ok((queue, replicas)) => {
            let readers = Servers::new(Reader::of_server(db.clone()), replicas, deadline);
            Ok(Connected { writer: Writer::new(queue, db, deadline), readers })
        }
        Err(error) => {
            // The error at hand says more than one of closing could.
            let _ = db.close().await;
            Err(error)
        }
    }
}

/// A pool of connections that only read.
async fn reading(options: &SqlOptions, url: &str) -> Result<DatabaseConnection> {
    let session = session(options, url)?;
    probe(options, &session).await?;
    Ok(pool(options, session, options.get_max_connections()))
}

/// A replica may be away or behind for now. One that refuses us for good is a mistake in its URL.
async fn replica(options: &SqlOptions, url: &str) -> Result<Arc<Replica>> {
    let session = session(options, url)?;
    if let Err(error @ Error::Invalid(_)) = probe(options, &session).await {
        return Err(of_replica(error));
    }
    let reader = Reader::of_server(pool(options, session, options.get_max_connections()));
    let replica = Arc::new(Replica::new(reader, deadline(options)));
    replica.begin().await;
    Ok(replica)
}

/// The one connection that migrates. It may take its time.
pub(crate) async fn migrating(options: &SqlOptions) -> Result<DatabaseConnection> {
    let session = session(options, options.url())?.options([("statement_timeout", "0")]);
    probe(options, &session).await?;
    Ok(pool(options, session, 1))
}

/// Connects once, for what is wrong with it. A pool would only say that it got no connection.
async fn probe(options: &SqlOptions, session: &PgConnectOptions) -> Result<()> {
    let connection = open(session, options.get_acquire_timeout()).await?;
    // Nothing is under way on it, so the server misses nothing, should this fail.
    let _ = tokio::time::timeout(GRACE, connection.close()).await;
    Ok(())
}

async fn open(session: &PgConnectOptions, patience: Duration) -> Result<PgConnection> {
    match tokio::time::timeout(patience, session.connect()).await {
        Ok(connected) => connected.map_err(|error| classify("connecting", error).not_applied()),
        Err(_) => Err(Error::not_applied("connecting: no answer within acquireTimeout", None)),
    }
}

/// After so long without work a connection may have been cut, by a restart or a firewall; so it is asked.
const IDLE: Duration = Duration::from_secs(1);

fn pool(options: &SqlOptions, session: PgConnectOptions, size: u32) -> DatabaseConnection {
    // One that does not answer must leave time for another.
    let patience = options.get_acquire_timeout() / 4;
    let pool = PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(options.get_acquire_timeout())
        .idle_timeout(options.get_idle_timeout())
        .max_lifetime(options.get_max_lifetime())
        // Asking each time costs a tenth of all reads.
        .test_before_acquire(false)
        .before_acquire(move |connection, meta| {
            Box::pin(async move {
                if meta.idle_for < IDLE {
                    return Ok(true);
                }
                // An error here has the connection dropped without a word to the server.
                tokio::time::timeout(patience, connection.ping()).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
                Ok(true)
            })
        })
        .connect_lazy_with(session);
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}

/// What all sessions have in common. What a database or a role has as its default must not change
/// what a commit means, nor how it is planned.
///
/// All that we ask goes from an index to the rows it names, and so it is planned: one plan for good,
/// whatever the tables held when it was made. Measured: a plan that was made on empty tables took 90 ms a
/// commit on full ones, batches that scan lock in any order, and a page that is joined by hashing reads
/// the whole history.
fn session(options: &SqlOptions, url: &str) -> Result<PgConnectOptions> {
    let timeout = options.get_statement_timeout().as_millis().to_string();
    let connect = parse(url)?.application_name("governance").disable_statement_logging();
    let off = ["enable_hashjoin", "enable_mergejoin", "enable_seqscan", "enable_bitmapscan", "jit"];
    let connect = connect.options(off.map(|setting| (setting, "off")));
    Ok(connect.options([
        ("default_transaction_isolation", "read committed"),
        ("default_transaction_read_only", "off"),
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

fn deadline(options: &SqlOptions) -> Duration {
    options.get_statement_timeout() + GRACE
}

impl PostgresServer {
    fn new(options: &SqlOptions) -> Result<Self> {
        let session = session(options, options.url())?;
        Ok(Self { session, connect_timeout: options.get_acquire_timeout(), deadline: deadline(options) })
    }

    pub(super) async fn connect(&self) -> Result<PgConnection> {
        open(&self.session, self.connect_timeout).await
    }

    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }
}
