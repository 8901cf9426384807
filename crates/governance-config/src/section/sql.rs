//! `type: sql`.

use super::accepted::accept;
use super::connection::ConnectionString;
use super::engine::Engine;
use super::engine_option::has;
use super::persistence::OptionKeys;
use super::table::Section;
use crate::reading::Reading;
use crate::setting::{Choice, Count, List, Named, Period};
use governance_persistence::Result;
use governance_persistence_sql::{Migrate, SqlOptions, Synchronous};

section! {
    /// What says which database it is.
    SqlKeys {
        /// The engine. Left out, the URL says it.
        optional "provider" => provider: Choice<Engine>,
        /// The URL of the database. A relative SQLite path is relative to the working directory.
        required "connectionString" => connection_string: ConnectionString,
    }
}

section! {
    /// The options of a SQL backplane, under `options` or flat beside `type`.
    SqlOptionKeys {
        /// How many connections read at the same time.
        optional "maxConnections" => max_connections: Count<1, { SqlOptions::MAX_CONNECTIONS as u64 }>,
        /// How many connections to a server write, each all that waits for it at once. PostgreSQL, MySQL.
        optional "writers" => writers: Count<1, { SqlOptions::MAX_WRITERS as u64 }>,
        /// How long to wait for a connection or a place in the write queue, at most an hour.
        optional "acquireTimeout" => acquire_timeout: Period,
        /// How long a statement may run on the server, at most an hour. PostgreSQL, MySQL.
        optional "statementTimeout" => statement_timeout: Period,
        /// How long a reading connection stays open when nobody uses it, at most an hour. PostgreSQL, MySQL.
        optional "idleTimeout" => idle_timeout: Period,
        /// How old a reading connection may become, at most an hour. PostgreSQL, MySQL.
        optional "maxLifetime" => max_lifetime: Period,
        /// How long to wait while another process writes to the SQLite file, at most an hour.
        optional "busyTimeout" => busy_timeout: Period,
        /// When a commit is on the disk: `full`, before it is acknowledged; `normal`, soon after. SQLite.
        optional "synchronous" => synchronous: Choice<Synchronous>,
        /// Whether connecting brings the schema up to date.
        optional "migrate" => migrate: Choice<Migrate>,
        /// The size in bytes that the SQLite file does not grow beyond.
        optional "maxFileSize" => max_file_size: Count<{ SqlOptions::MIN_FILE_SIZE }, { u64::MAX }>,
        /// The URLs of servers that follow this one. Reads that may be a little behind go there. PostgreSQL,
        /// MySQL.
        optional "readReplicas" => read_replicas: List<ConnectionString>,
    }
}

impl Named for Synchronous {
    const NAMES: &'static [(&'static str, Self)] = &[("full", Self::Full), ("normal", Self::Normal)];
}

impl Named for Migrate {
    const NAMES: &'static [(&'static str, Self)] = &[("onConnect", Self::OnConnect), ("never", Self::Never)];
}

/// Reads the section; none when there is no telling which database it is.
pub(super) fn read(keys: &mut OptionKeys<'_>, reading: &mut Reading<'_>) -> Option<SqlOptions> {
    let database = SqlKeys::read(&mut keys.flat, reading);
    let options = SqlOptionKeys::read(keys, reading);
    check_provider(&database, keys, reading);
    // Without a URL, the provider tells it well enough to check the rest.
    let engine = database.connection_string.as_ref().map(|connection| connection.engine);
    let engine = engine.or_else(|| database.provider.map(|Choice(provider)| provider));
    if let Some(engine) = engine {
        engine.refuse_options(keys, reading);
    }
    let named =
        database.connection_string.and_then(|connection| accept(SqlOptions::new(&connection.url.0), keys, reading));
    // The options are checked all the same when the database is not known.
    let of_some_database = named.clone().or_else(|| SqlOptions::new("sqlite:some.db").ok())?;
    let complete = apply(&options, of_some_database, keys, reading);
    named.map(|_| complete)
}

/// The provider may say again which engine it is; it may not say another.
fn check_provider(database: &SqlKeys, keys: &OptionKeys<'_>, reading: &mut Reading<'_>) {
    let (Some(Choice(provider)), Some(at)) = (database.provider, keys.peek("provider")) else { return };
    if let Some(ConnectionString { engine, .. }) = &database.connection_string
        && *engine != provider
    {
        let problem = format!("{} contradicts the connectionString, a URL of {}", at.shown(), engine.name());
        reading.fault(&at, problem, format!("`{}`, or no provider: the URL says it", engine.name()));
    }
}

fn apply(
    options: &SqlOptionKeys,
    mut built: SqlOptions,
    keys: &OptionKeys<'_>,
    reading: &mut Reading<'_>,
) -> SqlOptions {
    let mut set = |set: &dyn Fn(SqlOptions) -> Result<SqlOptions>| {
        if let Some(accepted) = accept(set(built.clone()), keys, reading) {
            built = accepted;
        }
    };
    if let Some(Count(connections)) = options.max_connections {
        set(&|built| built.max_connections(u32::try_from(connections).unwrap_or(u32::MAX)));
    }
    if let Some(Period(timeout)) = options.acquire_timeout {
        set(&|built| built.acquire_timeout(timeout));
    }
    if let Some(Count(writers)) = options.writers {
        set(&|built| built.writers(u32::try_from(writers).unwrap_or(u32::MAX)));
    }
    if let Some(Period(timeout)) = options.statement_timeout {
        set(&|built| built.statement_timeout(timeout));
    }
    if let Some(Period(timeout)) = options.idle_timeout {
        set(&|built| built.idle_timeout(timeout));
    }
    if let Some(Period(lifetime)) = options.max_lifetime {
        set(&|built| built.max_lifetime(lifetime));
    }
    if let Some(Period(timeout)) = options.busy_timeout {
        set(&|built| built.busy_timeout(timeout));
    }
    if let Some(List(replicas)) = &options.read_replicas {
        set(&|built| built.read_replicas(replicas.iter().map(|replica| &replica.url.0)));
    }
    if let Some(Count(bytes)) = options.max_file_size {
        set(&|built| built.max_file_size(bytes));
    }
    let synchronous = options.synchronous.map(|Choice(synchronous)| synchronous).unwrap_or_default();
    let migrate = options.migrate.map(|Choice(migrate)| migrate).unwrap_or_default();
    built.synchronous(synchronous).migrate(migrate)
}

impl SqlKeys {
    /// The keys that say this.
    pub(super) fn of(options: &SqlOptions) -> Self {
        Self { provider: None, connection_string: ConnectionString::of(options.url()) }
    }
}

impl SqlOptionKeys {
    /// The keys that say this, of those that the engine has.
    pub(super) fn of(options: &SqlOptions) -> Self {
        let period = |key, time| has(options, key).then_some(Period(time));
        Self {
            max_connections: Some(Count(options.get_max_connections().into())),
            writers: has(options, "writers").then(|| Count(options.get_writers().into())),
            acquire_timeout: Some(Period(options.get_acquire_timeout())),
            statement_timeout: period("statementTimeout", options.get_statement_timeout()),
            idle_timeout: period("idleTimeout", options.get_idle_timeout()),
            max_lifetime: period("maxLifetime", options.get_max_lifetime()),
            busy_timeout: period("busyTimeout", options.get_busy_timeout()),
            synchronous: has(options, "synchronous").then(|| Choice(options.get_synchronous())),
            migrate: Some(Choice(options.get_migrate())),
            max_file_size: options.get_max_file_size().filter(|_| has(options, "maxFileSize")).map(Count),
            read_replicas: replicas_of(options),
        }
    }
}

/// None is written when there are none.
fn replicas_of(options: &SqlOptions) -> Option<List<ConnectionString>> {
    let urls = options.get_read_replicas();
    (!urls.is_empty()).then(|| List(urls.iter().filter_map(|url| ConnectionString::of(url)).collect()))
}
