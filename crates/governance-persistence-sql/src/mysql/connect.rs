//! Connecting: the connections that write, the pool that reads, and the settings that each session has.

use super::Writer;
use super::url::parse;
use crate::error::mysql::classify;
use crate::group::{Limits, Patience, Queue};
use crate::pool::{Connections, Opener, Pool};
use crate::read::{Reader, Replica, Servers};
use crate::role::{Role, is_only_reads, only_reads};
use crate::{SqlOptions, migrations};
use futures_util::future::try_join_all;
use governance_persistence::{Error, Result};
use sea_orm::{DatabaseConnection, SqlxMySqlConnector};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, MySql, MySqlConnection, Row};
use std::sync::Arc;
use std::time::Duration;

/// What it takes to read and write.
pub(crate) struct Connected {
    pub(crate) writer: Writer,
    pub(crate) readers: Servers,
}

/// Connects to the server, whose database must have the schema, and to its replicas.
pub(crate) async fn connect(options: &SqlOptions) -> Result<Connected> {
    let pool = reading_pool(options, options.url()).await?;
    let db = Connections::Mysql(pool.clone());
    let deadline = Limits::of(options).answer();
    let connected = async {
        migrations::check_up_to_date_within(deadline, &db).await?;
        let replicas = try_join_all(options.get_read_replicas().iter().map(|url| replica(options, url))).await?;
        let queue = Queue::start(MysqlServer::new(options, pool.clone())?, options.get_writers(), options).await?;
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

async fn replica(options: &SqlOptions, url: &str) -> Result<Arc<Replica>> {
    let (session, settings) = (session(url)?, reading(options));
    let tried = probe(options, &session, &settings, Role::Any).await;
    let pool = pool(options, session, settings, Role::Any)?;
    Replica::connect(tried, Connections::Mysql(pool), Limits::of(options).answer()).await
}

/// The one connection that migrates. It may take its time.
pub(crate) async fn migrating(options: &SqlOptions) -> Result<DatabaseConnection> {
    let session = session(options.url())?;
    probe(options, &session, &settings(""), Role::Any).await?;
    let one = MySqlPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(options.get_acquire_timeout())
        .after_connect(|connection, _| Box::pin(set(connection, settings(""), Role::Any)))
        .connect_lazy_with(session);
    Ok(SqlxMySqlConnector::from_sqlx_mysql_pool(one))
}

/// A pool of connections that only read, from a primary that takes them.
async fn reading_pool(options: &SqlOptions, url: &str) -> Result<Pool<MySql>> {
    let (session, settings) = (session(url)?, reading(options));
    probe(options, &session, &settings, Role::Primary).await?;
    pool(options, session, settings, Role::Primary)
}

fn pool(options: &SqlOptions, session: MySqlConnectOptions, settings: String, role: Role) -> Result<Pool<MySql>> {
    Pool::new(Opener::new(options, move || Box::pin(begin(session.clone(), settings.clone(), role))), options)
}

/// Connects once, for what is wrong with it. A pool would only say that it got no connection.
async fn probe(options: &SqlOptions, session: &MySqlConnectOptions, settings: &str, role: Role) -> Result<()> {
    let connecting = begin(session.clone(), settings.to_owned(), role);
    let connection = within(options.get_acquire_timeout(), connecting).await?;
    // Nothing is under way on it, so the server misses nothing, should this fail.
    let _ = tokio::time::timeout(Limits::GRACE, connection.close()).await;
    Ok(())
}

async fn begin(session: MySqlConnectOptions, settings: String, role: Role) -> sqlx::Result<MySqlConnection> {
    let mut connection = session.connect().await?;
    set(&mut connection, settings, role).await?;
    Ok(connection)
}

/// Whether the server only reads: told by a number or by a word, as the server has it. An account that may write all
/// the same would write what is on this server only, so it makes no difference.
const ONLY_READS: &str = "SELECT @@global.read_only NOT IN ('0', 'OFF') OR @@global.innodb_read_only";

/// Sets a session up and sees that it leads to the right server, in one round trip.
async fn set(connection: &mut MySqlConnection, settings: String, role: Role) -> sqlx::Result<()> {
    let answer = sqlx::raw_sql(AssertSqlSafe(format!("{settings};{ONLY_READS}"))).fetch_all(connection).await?;
    let told = answer.last().ok_or(sqlx::Error::RowNotFound)?;
    if role == Role::Primary && told.try_get::<i64, _>(0)? != 0 { Err(only_reads()) } else { Ok(()) }
}

async fn within<T>(patience: Duration, connecting: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    match tokio::time::timeout(patience, connecting).await {
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

/// What is waited for is a lock; the writer waits for it a few times, and all in all as long as a
/// statement may take. A limit of the statement itself could end it when it had committed already.
fn writing(options: &SqlOptions) -> String {
    let locks = Limits::of(options).locks(Patience::Usual).as_secs();
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
    readers: Pool<MySql>,
    connect_timeout: Duration,
    limits: Limits,
}

impl MysqlServer {
    fn new(options: &SqlOptions, readers: Pool<MySql>) -> Result<Self> {
        let (session, settings) = (session(options.url())?, writing(options));
        let connect_timeout = options.get_acquire_timeout();
        Ok(Self { session, settings, readers, connect_timeout, limits: Limits::of(options) })
    }

    pub(super) async fn connect(&self) -> Result<MySqlConnection> {
        let connecting = async {
            let connected = begin(self.session.clone(), self.settings.clone(), Role::Primary).await;
            connected.inspect_err(|error| {
                if is_only_reads(error) {
                    self.readers.doubt();
                }
            })
        };
        within(self.connect_timeout, connecting).await
    }

    /// The connections that read from it.
    pub(super) fn readers(&self) -> &Pool<MySql> {
        &self.readers
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }
}
