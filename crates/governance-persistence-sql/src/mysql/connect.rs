//! Connecting: the connections that write, the pool that reads, and the settings that each session has.

use super::Writer;
use super::session::execute;
use super::url::parse;
use crate::error::mysql::classify;
use crate::group::Queue;
use crate::options::of_replica;
use crate::read::{Reader, Replica, Servers};
use crate::{SqlOptions, migrations};
use futures_util::future::try_join_all;
use governance_persistence::{Error, Result};
use sea_orm::{DatabaseConnection, SqlxMySqlConnector};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{ConnectOptions, Connection, MySqlConnection};
use std::sync::Arc;
use std::time::Duration;

/// What it takes to read and write.
pub(crate) struct Connected {
    pub(crate) writer: Writer,
    pub(crate) readers: Servers,
}

/// Connects to the server, whose database must have the schema, and to its replicas.
pub(crate) async fn connect(options: &SqlOptions) -> Result<Connected> {
    let (session, settings) = (session(options.url())?, reading(options));
    probe(options, &session, &settings).await?;
    let db = pool(options, session, settings, options.get_max_connections());
    let deadline = deadline(options);
    let connected = async {
        migrations::check_up_to_date(&db).await?;
        let replicas = try_join_all(options.get_read_replicas().iter().map(|url| replica(options, url))).await?;
        let queue = Queue::start(MysqlServer::new(options)?, options.get_writers(), options).await?;
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

/// A replica may be away or behind for now. One that refuses us for good is a mistake in its URL.
async fn replica(options: &SqlOptions, url: &str) -> Result<Arc<Replica>> {
    let (session, settings) = (session(url)?, reading(options));
    if let Err(error @ Error::Invalid(_)) = probe(options, &session, &settings).await {
        return Err(of_replica(error));
    }
    let reader = Reader::of_server(pool(options, session, settings, options.get_max_connections()));
    let replica = Arc::new(Replica::new(reader, deadline(options)));
    replica.begin().await;
    Ok(replica)
}

/// The one connection that migrates. It may take its time.
pub(crate) async fn migrating(options: &SqlOptions) -> Result<DatabaseConnection> {
    let (session, settings) = (session(options.url())?, settings(""));
    probe(options, &session, &settings).await?;
    Ok(pool(options, session, settings, 1))
}

/// Connects once, for what is wrong with it. A pool would only say that it got no connection.
async fn probe(options: &SqlOptions, session: &MySqlConnectOptions, settings: &str) -> Result<()> {
    let connection = open(session, settings, options.get_acquire_timeout()).await?;
    // Nothing is under way on it, so the server misses nothing, should this fail.
    let _ = tokio::time::timeout(GRACE, connection.close()).await;
    Ok(())
}

/// After so long without work a connection may have been cut, by a restart or a firewall; so it is asked.
const IDLE: Duration = Duration::from_secs(1);

fn pool(options: &SqlOptions, session: MySqlConnectOptions, settings: String, size: u32) -> DatabaseConnection {
    // One that does not answer must leave time for another.
    let patience = options.get_acquire_timeout() / 4;
    let pool = MySqlPoolOptions::new()
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
        .after_connect(move |connection, _| {
            let settings = settings.clone();
            Box::pin(async move { execute(connection, settings).await })
        })
        .connect_lazy_with(session);
    SqlxMySqlConnector::from_sqlx_mysql_pool(pool)
}

async fn open(session: &MySqlConnectOptions, settings: &str, patience: Duration) -> Result<MySqlConnection> {
    let connect = async {
        let mut connection = session.connect().await?;
        execute(&mut connection, settings.to_owned()).await?;
        Ok(connection)
    };
    match tokio::time::timeout(patience, connect).await {
        Ok(connected) => connected.map_err(|error| classify("connecting", error).not_applied()),
        Err(_) => Err(Error::not_applied("connecting: no answer within acquireTimeout", None)),
    }
}

/// The driver's own settings are left out: [`settings`] says all.
fn session(url: &str) -> Result<MySqlConnectOptions> {
    let session = parse(url)?.disable_statement_logging();
    Ok(session.pipes_as_concat(false).no_engine_substitution(false).timezone(None))
}

/// What all sessions have in common. What a server or a role has as its default must not change
/// what a commit means: a text that is too long is refused, not cut off.
fn settings(more: &str) -> String {
    format!(
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1{more};\
         SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"
    )
}

/// The two engines name the limit of a statement differently, and each takes what is meant for the
/// other as a comment.
fn reading(options: &SqlOptions) -> String {
    let timeout = options.get_statement_timeout();
    let (seconds, millis) = (timeout.as_secs_f64(), timeout.as_millis());
    let locks = whole_seconds(timeout);
    settings(&format!(
        ", lock_wait_timeout = {locks}, innodb_lock_wait_timeout = {locks} \
         /*M!100100 , max_statement_time = {seconds:.3} */ /*!80000 , max_execution_time = {millis} */"
    ))
}

/// How often a writer waits again for a lock that it did not get.
const LOCK_WAITS: u32 = 10;

/// What is waited for is a lock; the writer waits for it a few times, and all in all as long as a
/// statement may take. A limit of the statement itself could end it when it had committed already.
fn writing(options: &SqlOptions) -> String {
    let locks = whole_seconds(options.get_statement_timeout() / LOCK_WAITS);
    // For the places of a thousand records.
    let room = 1 << 20;
    settings(&format!(
        ", lock_wait_timeout = {locks}, innodb_lock_wait_timeout = {locks}, group_concat_max_len = {room}"
    ))
}

fn whole_seconds(timeout: Duration) -> u64 {
    timeout.as_secs().max(1)
}

/// The server, for those who write.
pub(super) struct MysqlServer {
    session: MySqlConnectOptions,
    settings: String,
    connect_timeout: Duration,
    deadline: Duration,
}

/// How much longer than the server we wait for it to end a statement.
const GRACE: Duration = Duration::from_secs(2);

impl MysqlServer {
    fn new(options: &SqlOptions) -> Result<Self> {
        let (session, settings) = (session(options.url())?, writing(options));
        let connect_timeout = options.get_acquire_timeout();
        Ok(Self { session, settings, connect_timeout, deadline: deadline(options) })
    }

    pub(super) async fn connect(&self) -> Result<MySqlConnection> {
        open(&self.session, &self.settings, self.connect_timeout).await
    }

    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }
}

/// How long we wait for an answer, all in all.
fn deadline(options: &SqlOptions) -> Duration {
    options.get_statement_timeout() + GRACE
}
