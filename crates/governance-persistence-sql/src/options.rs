//! How to connect: the URL and the settings beside it.

use crate::Provider;
use governance_persistence::{Error, Result};
use std::{fmt, time::Duration};

/// When an acknowledged commit is on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// Before it is acknowledged: it survives a power cut. The default.
    #[default]
    Full,
    /// At the next checkpoint: it survives a crash of the process; a power cut may take the last
    /// commits, whole ones, and leaves the file intact.
    Normal,
}

/// Whether connecting brings the schema up to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Migrate {
    /// Connecting applies the migrations that are missing.
    OnConnect,
    /// Connecting refuses a schema that is not up to date. The default: in production, migrations
    /// run on their own, under an account that may change the schema.
    #[default]
    Never,
}

/// How to connect to a database.
///
/// ```
/// use governance_persistence_sql::{Migrate, SqlOptions};
/// use std::time::Duration;
///
/// let options = SqlOptions::new("sqlite:governance.db")?
///     .max_connections(8)?
///     .busy_timeout(Duration::from_secs(10))?
///     .migrate(Migrate::OnConnect);
/// # Ok::<(), governance_persistence::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SqlOptions {
    url: String,
    provider: Provider,
    read_replicas: Vec<String>,
    max_connections: u32,
    writers: u32,
    acquire_timeout: Duration,
    statement_timeout: Duration,
    idle_timeout: Duration,
    max_lifetime: Duration,
    busy_timeout: Duration,
    synchronous: Synchronous,
    migrate: Migrate,
    max_file_size: Option<u64>,
}

/// Longest time-out that can be set.
const MAX_TIMEOUT: Duration = Duration::from_secs(60 * 60);

impl SqlOptions {
    /// Most connections that can be set.
    pub const MAX_CONNECTIONS: u32 = 1_000;
    /// Most writers that can be set.
    pub const MAX_WRITERS: u32 = 64;
    /// Smallest limit of the file, in bytes: the empty schema and some history must fit.
    pub const MIN_FILE_SIZE: u64 = 1 << 20;

    /// The defaults for the database at `url`: `sqlite:governance.db`, `sqlite:///var/lib/g.db`,
    /// `postgres://user:password@host:5432/database`. A relative path is relative to the working
    /// directory; the file is created when absent. User and password are percent-decoded. Behind `?`
    /// PostgreSQL takes `sslmode` (`disable` to `verify-full`), `sslrootcert` (a CA's certificate),
    /// `sslcert`, `sslkey`, `host` (a folder with the server's socket) and `options`. MySQL and MariaDB
    /// (`mysql://user:password@host:3306/database`, or `mariadb:`) take `ssl-mode` (`disabled` to
    /// `verify_identity`), `ssl-ca`, `ssl-cert`, `ssl-key` and `socket`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is not a URL of a known engine or names no file;
    /// [`Error::Unsupported`] for an engine that this build does not have.
    pub fn new(url: &str) -> Result<Self> {
        let provider = Provider::of_url(url)?;
        provider.check_url(url)?;
        Ok(Self {
            url: url.to_owned(),
            provider,
            read_replicas: Vec::new(),
            max_connections: if provider == Provider::Sqlite { 4 } else { 8 },
            writers: 2,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(10 * 60),
            max_lifetime: Duration::from_secs(30 * 60),
            busy_timeout: Duration::from_secs(5),
            synchronous: Synchronous::default(),
            migrate: Migrate::default(),
            max_file_size: None,
        })
    }

    /// The URLs of servers that follow the one at the URL; none by default. Reads that may
    /// be [eventual](governance_persistence::Consistency::Eventual) go there, in turn, each to one of
    /// them, on as many connections as the first has. One that does not answer, or whose schema is
    /// another, is left out for a while; when all are out, the first server answers. Connecting
    /// fails for none that is away, but for one that refuses the user, the password or the database.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a URL of another engine, and with SQLite.
    pub fn read_replicas<U: AsRef<str>>(mut self, urls: impl IntoIterator<Item = U>) -> Result<Self> {
        self.read_replicas = urls.into_iter().map(|url| self.check_replica(url.as_ref())).collect::<Result<_>>()?;
        Ok(self)
    }

    fn check_replica(&self, url: &str) -> Result<String> {
        if self.provider == Provider::Sqlite || Provider::of_url(url)? != self.provider {
            let problem = "names a server that cannot follow this database";
            return Err(Error::invalid("readReplicas", problem, "replicas of a server, of the same engine"));
        }
        self.provider.check_url(url).map_err(of_replica)?;
        Ok(url.to_owned())
    }

    /// How many connections read at the same time; 8 by default, of SQLite 4. SQLite has one more, that
    /// writes; a server has [`writers`](Self::writers) more.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] outside 1 to 1,000.
    pub fn max_connections(mut self, connections: u32) -> Result<Self> {
        if !(1..=Self::MAX_CONNECTIONS).contains(&connections) {
            let expected = format!("1 to {}", Self::MAX_CONNECTIONS);
            return Err(Error::invalid("maxConnections", format!("is {connections}"), expected));
        }
        self.max_connections = connections;
        Ok(self)
    }

    /// How many connections of a server write, each all that waits for it at once; 2 by
    /// default. More of them write smaller groups.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] outside 1 to 64.
    pub fn writers(mut self, writers: u32) -> Result<Self> {
        if !(1..=Self::MAX_WRITERS).contains(&writers) {
            let expected = format!("1 to {}", Self::MAX_WRITERS);
            return Err(Error::invalid("writers", format!("is {writers}"), expected));
        }
        self.writers = writers;
        Ok(self)
    }

    /// How long a statement may run on a server; 30 s by default. The server ends it then and nothing
    /// is applied; only when not even that is heard, the outcome is unknown. MySQL ends by itself only
    /// what reads, or waits for another's lock.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for zero and over an hour.
    pub fn statement_timeout(mut self, timeout: Duration) -> Result<Self> {
        self.statement_timeout = check_timeout("statementTimeout", timeout)?;
        Ok(self)
    }

    /// How long a reading connection to a server stays open when nobody uses it; 10 min by default.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for zero and over an hour.
    pub fn idle_timeout(mut self, timeout: Duration) -> Result<Self> {
        self.idle_timeout = check_timeout("idleTimeout", timeout)?;
        Ok(self)
    }

    /// How old a reading connection to a server may become; 30 min by default.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for zero and over an hour.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Result<Self> {
        self.max_lifetime = check_timeout("maxLifetime", lifetime)?;
        Ok(self)
    }

    /// How long to wait for a free connection or a place in the write queue; 5 s by default. So long
    /// may connecting to a server take, too.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for zero and over an hour.
    pub fn acquire_timeout(mut self, timeout: Duration) -> Result<Self> {
        self.acquire_timeout = check_timeout("acquireTimeout", timeout)?;
        Ok(self)
    }

    /// How long to wait while another process writes to the same SQLite file; 5 s by default.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for zero and over an hour.
    pub fn busy_timeout(mut self, timeout: Duration) -> Result<Self> {
        self.busy_timeout = check_timeout("busyTimeout", timeout)?;
        Ok(self)
    }

    /// When an acknowledged commit is on the disk; [`Synchronous::Full`] by default.
    #[must_use]
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// Whether connecting migrates; [`Migrate::Never`] by default.
    #[must_use]
    pub fn migrate(mut self, migrate: Migrate) -> Self {
        self.migrate = migrate;
        self
    }

    /// The size in bytes beyond which the SQLite file does not grow; without it, until the disk
    /// is full. The write-ahead log beside it does not count. A commit that no longer fits is `Unavailable`, not applied.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] under 1 MiB.
    pub fn max_file_size(mut self, bytes: u64) -> Result<Self> {
        if bytes < Self::MIN_FILE_SIZE {
            let expected = format!("at least {} bytes", Self::MIN_FILE_SIZE);
            return Err(Error::invalid("maxFileSize", format!("is {bytes}"), expected));
        }
        self.max_file_size = Some(bytes);
        Ok(self)
    }

    /// The URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URLs of the replicas.
    pub fn get_read_replicas(&self) -> &[String] {
        &self.read_replicas
    }

    /// The engine.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// The number of connections that read.
    pub fn get_max_connections(&self) -> u32 {
        self.max_connections
    }

    /// The number of connections that write to a server.
    pub fn get_writers(&self) -> u32 {
        self.writers
    }

    /// The time that a statement may take.
    pub fn get_statement_timeout(&self) -> Duration {
        self.statement_timeout
    }

    /// The time after which an unused connection is closed.
    pub fn get_idle_timeout(&self) -> Duration {
        self.idle_timeout
    }

    /// The age at which a connection is closed.
    pub fn get_max_lifetime(&self) -> Duration {
        self.max_lifetime
    }

    /// The time to wait for a connection.
    pub fn get_acquire_timeout(&self) -> Duration {
        self.acquire_timeout
    }

    /// The time to wait for another process.
    pub fn get_busy_timeout(&self) -> Duration {
        self.busy_timeout
    }

    /// When a commit is on the disk.
    pub fn get_synchronous(&self) -> Synchronous {
        self.synchronous
    }

    /// Whether connecting migrates.
    pub fn get_migrate(&self) -> Migrate {
        self.migrate
    }

    /// The limit of the file, in bytes.
    pub fn get_max_file_size(&self) -> Option<u64> {
        self.max_file_size
    }
}

/// What is wrong with the URL of a replica, said of the option that has it.
pub(crate) fn of_replica(error: Error) -> Error {
    let Error::Invalid(invalid) = &error else { return error };
    let Some(fault) = invalid.faults().first() else { return error };
    Error::invalid("readReplicas", fault.problem.clone(), fault.expected.clone())
}

fn check_timeout(field: &str, timeout: Duration) -> Result<Duration> {
    if timeout.is_zero() || timeout > MAX_TIMEOUT {
        let expected = "more than zero and at most an hour";
        return Err(Error::invalid(field, format!("is {timeout:?}"), expected));
    }
    Ok(timeout)
}

/// Shows the provider and the settings. URLs may hold a password, and stay out.
impl fmt::Debug for SqlOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlOptions")
            .field("provider", &self.provider)
            .field("read_replicas", &self.read_replicas.len())
            .field("max_connections", &self.max_connections)
            .field("writers", &self.writers)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_lifetime", &self.max_lifetime)
            .field("busy_timeout", &self.busy_timeout)
            .field("synchronous", &self.synchronous)
            .field("migrate", &self.migrate)
            .field("max_file_size", &self.max_file_size)
            .finish_non_exhaustive()
    }
}
