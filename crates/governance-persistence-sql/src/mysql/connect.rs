//! Connecting: what the URL says, and the settings that each session has.

use super::Writer;
use super::session::execute;
use crate::error::mysql::classify;
use crate::error::of_sea_orm;
use crate::group::Queue;
use crate::read::{Reader, Servers};
use crate::{SqlOptions, migrations};
use governance_persistence::{Error, Result};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr, SqlxMySqlConnector};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{ConnectOptions, MySqlConnection};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// What it takes to read and write.
pub(crate) struct Connected {
    pub(crate) writer: Writer,
    pub(crate) readers: Servers,
}

/// Connects to the server, whose database must have the schema.
pub(crate) async fn connect(options: &SqlOptions) -> Result<Connected> {
    let readers = pool(options, reading(options), options.get_max_connections()).await?;
    let connected = async {
        migrations::check_up_to_date(&readers).await?;
        Queue::start(MysqlServer::new(options)?, options.get_writers(), options).await
    };
    match connected.await {
        Ok(queue) => {
            let servers = Servers::server(Reader::of_server(readers.clone()), options.get_statement_timeout() + GRACE);
            Ok(Connected { writer: Writer { queue, db: readers }, readers: servers })
        }
        Err(error) => {
            // The error at hand says more than one of closing could.
            let _ = readers.close().await;
            Err(error)
        }
    }
}

/// The one connection that migrates. It may take its time.
pub(crate) async fn migrating(options: &SqlOptions) -> Result<DatabaseConnection> {
    pool(options, settings(""), 1).await
}

async fn pool(options: &SqlOptions, settings: String, size: u32) -> Result<DatabaseConnection> {
    let pool = MySqlPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(options.get_acquire_timeout())
        .idle_timeout(options.get_idle_timeout())
        .max_lifetime(options.get_max_lifetime())
        // Asking each time costs a tenth of all reads. One that was cut shows when it is used.
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let settings = settings.clone();
            Box::pin(async move { execute(connection, settings).await })
        })
        .connect_with(session(options)?)
        .await
        .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
        .map_err(|error| of_sea_orm("connecting", error))?;
    Ok(SqlxMySqlConnector::from_sqlx_mysql_pool(pool))
}

/// The driver's own settings are left out: [`settings`] says all.
fn session(options: &SqlOptions) -> Result<MySqlConnectOptions> {
    let session = parse(options.url())?.disable_statement_logging();
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
        let (connect_timeout, deadline) = (options.get_acquire_timeout(), options.get_statement_timeout() + GRACE);
        Ok(Self { session: session(options)?, settings: writing(options), connect_timeout, deadline })
    }

    pub(super) async fn connect(&self) -> Result<MySqlConnection> {
        let connect = async {
            let mut connection = self.session.connect().await?;
            execute(&mut connection, self.settings.clone()).await?;
            Ok(connection)
        };
        match tokio::time::timeout(self.connect_timeout, connect).await {
            Ok(connected) => connected.map_err(|error| classify("connecting", error).not_applied()),
            Err(_) => Err(Error::not_applied("connecting: no answer within acquireTimeout", None)),
        }
    }

    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }
}

const FIELD: &str = "connectionString";
const EXPECTED: &str = "a URL such as mysql://user:password@host:3306/database";

/// The parameters that may stand behind the `?`.
const PARAMETERS: [&str; 5] = ["ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "socket"];

/// Checks a URL before anything is opened. No error shows any of it but a parameter's name.
pub(crate) fn check_url(url: &str) -> Result<()> {
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    if parameters.contains('@') {
        // What stands before it is a password, or a part of one.
        let problem = "has a ? before the @, so it has no host";
        return Err(Error::invalid(FIELD, problem, "user and password percent-encoded: %3F for ?"));
    }
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

fn parse(url: &str) -> Result<MySqlConnectOptions> {
    // The driver's error may quote what it could not read.
    MySqlConnectOptions::from_str(url).map_err(|_| Error::invalid(FIELD, "is not a URL of MySQL or MariaDB", EXPECTED))
}
