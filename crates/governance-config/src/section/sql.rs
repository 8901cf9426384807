//! `type: sql`.

use super::connection::ConnectionString;
use super::engine::Engine;
use super::persistence::OptionKeys;
use super::table::Section;
use crate::reading::Reading;
use crate::setting::{Choice, Count, Named, Period, Reason, Refused, Text};
use governance_persistence::{Error, Fault, Result};
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
        /// How long to wait for a connection or a place in the write queue, at most an hour.
        optional "acquireTimeout" => acquire_timeout: Period,
        /// How long to wait while another process writes to the SQLite file, at most an hour.
        optional "busyTimeout" => busy_timeout: Period,
        /// When a commit is on the disk: `full`, before it is acknowledged; `normal`, soon after.
        optional "synchronous" => synchronous: Choice<Synchronous>,
        /// Whether connecting brings the schema up to date.
        optional "migrate" => migrate: Choice<Migrate>,
        /// The size in bytes that the SQLite file does not grow beyond.
        optional "maxFileSize" => max_file_size: Count<{ SqlOptions::MIN_FILE_SIZE }, { u64::MAX }>,
        optional "readReplicas" => read_replicas: Refused<OfServers>,
    }
}

/// The keys of `type: redis`, which is not built yet.
pub(super) const REDIS_KEYS: [&str; 5] = ["keyPrefix", "poolSize", "commandTimeout", "waitReplicas", "ephemeralTtl"];

/// An option of engines that are servers.
#[derive(Debug)]
pub(crate) struct OfServers;

impl Reason for OfServers {
    const PROBLEM: &'static str = "SQLite does not have this option: it belongs to engines that are servers";
    const EXPECTED: &'static str = "it to be left out";
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
    let named = database.connection_string.and_then(|connection| open(&connection, keys, reading));
    // The options are checked all the same when the database is not known.
    let of_some_database = named.clone().or_else(|| SqlOptions::new("sqlite:some.db").ok())?;
    let complete = apply(&options, of_some_database, keys, reading);
    named.map(|_| complete)
}

fn open(connection: &ConnectionString, keys: &OptionKeys<'_>, reading: &mut Reading<'_>) -> Option<SqlOptions> {
    if connection.engine.is_built() {
        return accept(SqlOptions::new(&connection.url.0), keys, reading);
    }
    if let Some(at) = keys.peek("connectionString") {
        let engine = connection.engine.name();
        let problem = format!("is a URL of {engine}, which is not built yet in this version");
        reading.fault(&at, problem, "a URL such as `sqlite:governance.db`");
    }
    None
}

/// The provider may say again which engine it is; it may not say another, nor one that is not built.
fn check_provider(database: &SqlKeys, keys: &OptionKeys<'_>, reading: &mut Reading<'_>) {
    let (Some(Choice(provider)), Some(at)) = (database.provider, keys.peek("provider")) else { return };
    match &database.connection_string {
        Some(ConnectionString { engine, .. }) if *engine != provider => {
            let problem = format!("{} contradicts the connectionString, a URL of {}", at.shown(), engine.name());
            reading.fault(&at, problem, format!("`{}`, or no provider: the URL says it", engine.name()));
        }
        _ if !provider.is_built() => {
            reading.fault(&at, format!("{} is not built yet in this version", at.shown()), "`sqlite`");
        }
        _ => {}
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
    if let Some(Period(timeout)) = options.busy_timeout {
        set(&|built| built.busy_timeout(timeout));
    }
    if let Some(Count(bytes)) = options.max_file_size {
        set(&|built| built.max_file_size(bytes));
    }
    let synchronous = options.synchronous.map(|Choice(synchronous)| synchronous).unwrap_or_default();
    let migrate = options.migrate.map(|Choice(migrate)| migrate).unwrap_or_default();
    built.synchronous(synchronous).migrate(migrate)
}

/// What was accepted; else the fault goes to the key that it names.
fn accept(outcome: Result<SqlOptions>, keys: &OptionKeys<'_>, reading: &mut Reading<'_>) -> Option<SqlOptions> {
    let faults = match outcome {
        Ok(options) => return Some(options),
        Err(Error::Invalid(invalid)) => invalid.faults().to_vec(),
        Err(other) => vec![Fault::new("connectionString", other.to_string(), "a database that this build has")],
    };
    for fault in faults {
        let Some(at) = keys.peek(&fault.field).or_else(|| keys.peek("connectionString")) else { continue };
        let problem = if at.is_interpolated() { format!("{} is not right", at.shown()) } else { fault.problem };
        reading.fault(&at, problem, fault.expected);
    }
    None
}

impl SqlKeys {
    /// The keys that say this.
    pub(super) fn of(options: &SqlOptions) -> Self {
        let url = Text(options.url().to_owned());
        Self { provider: None, connection_string: Some(ConnectionString { url, engine: Engine::Sqlite }) }
    }
}

impl SqlOptionKeys {
    /// The keys that say this.
    pub(super) fn of(options: &SqlOptions) -> Self {
        Self {
            max_connections: Some(Count(options.get_max_connections().into())),
            acquire_timeout: Some(Period(options.get_acquire_timeout())),
            busy_timeout: Some(Period(options.get_busy_timeout())),
            synchronous: Some(Choice(options.get_synchronous())),
            migrate: Some(Choice(options.get_migrate())),
            max_file_size: options.get_max_file_size().map(Count),
            read_replicas: None,
        }
    }
}
