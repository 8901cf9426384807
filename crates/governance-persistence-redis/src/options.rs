//! How to connect: the URL and the settings beside it.

use crate::access::Access;
use crate::target::Target;
use governance_persistence::{Error, Result};
use std::{fmt, path::PathBuf, time::Duration};

/// How to connect to Redis.
///
/// ```
/// use governance_persistence_redis::RedisOptions;
/// use std::time::Duration;
///
/// let options = RedisOptions::new("redis://governance:password@localhost:6379/0")?
///     .prefix("governance:")?
///     .command_timeout(Duration::from_secs(2))?;
/// # Ok::<(), governance_persistence::Error>(())
/// ```
///
/// A configuration calls them as the builder does, in camel case, but for `keyPrefix` and `poolSize`, which are
/// [`prefix`](Self::prefix) and [`connections`](Self::connections).
#[derive(Clone, PartialEq, Eq)]
pub struct RedisOptions {
    url: String,
    target: Target,
    access: Access,
    prefix: String,
    connections: usize,
    connect_timeout: Duration,
    command_timeout: Duration,
    max_reconnect_delay: Duration,
    allow_eviction: bool,
    wait_replicas: usize,
    wait_timeout: Duration,
}

/// Longest time-out that can be set.
const MAX_TIMEOUT: Duration = Duration::from_secs(60 * 60);

impl RedisOptions {
    /// Most connections that can be set.
    pub const MAX_CONNECTIONS: usize = 1_000;
    /// Most bytes of a prefix.
    pub const MAX_PREFIX: usize = 100;
    /// Most replicas that a write can be made to wait for.
    pub const MAX_WAIT_REPLICAS: usize = 100;

    /// The defaults for the server at `url`: `redis://user:password@host:6379/0`, of which all but the host may be
    /// missing; `redis-cluster://user:password@host:6379?node=host:port`, with as many other nodes as are to be
    /// asked for the rest of the cluster; `redis-sentinel://user:password@host:26379/0?service=name&node=host:port`,
    /// the server that Sentinels at these addresses name; `unix:///run/redis.sock?db=0`. User and password are
    /// percent-decoded. `rediss`, `rediss-cluster` and `rediss-sentinel` are the same over TLS, to the Sentinels too.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is not such a URL, [`Error::Unsupported`] for TLS without the feature `tls`. No
    /// error shows the URL, which may hold a password.
    pub fn new(url: &str) -> Result<Self> {
        Ok(Self {
            url: url.to_owned(),
            target: Target::parse(url)?,
            prefix: "governance:".to_owned(),
            connections: 4,
            connect_timeout: Duration::from_secs(5),
            command_timeout: Duration::from_secs(5),
            max_reconnect_delay: Duration::from_secs(1),
            allow_eviction: false,
            wait_replicas: 0,
            wait_timeout: Duration::from_secs(1),
            access: Access::default(),
        })
    }

    /// How the names of all keys begin; `governance:` by default.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with a brace, which would say in which slot of a cluster a key lives, with control
    /// characters, and over 100 bytes.
    pub fn prefix(mut self, prefix: &str) -> Result<Self> {
        let expected = format!("at most {} bytes, without braces and control characters", Self::MAX_PREFIX);
        if prefix.len() > Self::MAX_PREFIX {
            return Err(Error::invalid("keyPrefix", format!("has {} bytes", prefix.len()), expected));
        }
        if prefix.contains(|letter: char| matches!(letter, '{' | '}') || letter.is_control()) {
            return Err(Error::invalid("keyPrefix", format!("is {prefix:?}"), expected));
        }
        prefix.clone_into(&mut self.prefix);
        Ok(self)
    }

    /// How many connections there are, to each server of a cluster; 4 by default. Commands do not wait for
    /// each other's answers, so one serves many callers; the next ones get a share when it has sixteen under way.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] outside 1 to 1,000.
    pub fn connections(mut self, connections: usize) -> Result<Self> {
        if !(1..=Self::MAX_CONNECTIONS).contains(&connections) {
            let expected = format!("1 to {}", Self::MAX_CONNECTIONS);
            return Err(Error::invalid("poolSize", format!("is {connections}"), expected));
        }
        self.connections = connections;
        Ok(self)
    }

    /// How long connecting may take; 5 s by default.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for zero and over an hour.
    pub fn connect_timeout(mut self, timeout: Duration) -> Result<Self> {
        self.connect_timeout = check_timeout("connectTimeout", timeout)?;
        Ok(self)
    }

    /// How long to wait for an answer, and for a connection that was lost; 5 s by default. The outcome of a
    /// commit that was not answered in time is unknown.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for zero and over an hour.
    pub fn command_timeout(mut self, timeout: Duration) -> Result<Self> {
        self.command_timeout = check_timeout("commandTimeout", timeout)?;
        Ok(self)
    }

    /// The longest pause between two attempts to connect again; 1 s by default. They begin at 50 ms, and go on
    /// until the backplane is closed.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for zero and over an hour.
    pub fn max_reconnect_delay(mut self, delay: Duration) -> Result<Self> {
        self.max_reconnect_delay = check_timeout("maxReconnectDelay", delay)?;
        Ok(self)
    }

    /// Whether to connect to a server that, when it is full, removes keys to make room for others, history among
    /// them. Not by default.
    #[must_use]
    pub fn allow_eviction(mut self, allow: bool) -> Self {
        self.allow_eviction = allow;
        self
    }

    /// How many replicas have to have a write before it is acknowledged; none by default. With fewer than that
    /// within [`wait_timeout`](Self::wait_timeout), the outcome is unknown: the write is there, and may be lost with
    /// the server. It holds for commits, entries that are replicated, ephemerals, and the listing.
    ///
    /// Writes go over connections of their own then, [`connections`](Self::connections) to each server, of which
    /// each sends those that came while it waited together, and waits for them once.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] over 100.
    pub fn wait_replicas(mut self, replicas: usize) -> Result<Self> {
        if replicas > Self::MAX_WAIT_REPLICAS {
            let expected = format!("0 to {}", Self::MAX_WAIT_REPLICAS);
            return Err(Error::invalid("waitReplicas", format!("is {replicas}"), expected));
        }
        self.wait_replicas = replicas;
        Ok(self)
    }

    /// How long a write waits for [`wait_replicas`](Self::wait_replicas); 1 s by default.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] under a millisecond and over an hour.
    pub fn wait_timeout(mut self, timeout: Duration) -> Result<Self> {
        // The server takes milliseconds, and none for ever.
        if timeout < Duration::from_millis(1) {
            return Err(Error::invalid("waitTimeout", format!("is {timeout:?}"), "a millisecond to an hour"));
        }
        self.wait_timeout = check_timeout("waitTimeout", timeout)?;
        Ok(self)
    }

    /// The file with the certificates of the authorities that a server's certificate may come from, PEM. Without it
    /// they are the system's.
    #[must_use]
    pub fn tls_ca(mut self, file: impl Into<PathBuf>) -> Self {
        self.access.ca = Some(file.into());
        self
    }

    /// The file with the certificate that is shown to the server, and those between it and its authority, PEM. It
    /// takes a [`tls_key`](Self::tls_key).
    #[must_use]
    pub fn tls_certificate(mut self, file: impl Into<PathBuf>) -> Self {
        self.access.certificate = Some(file.into());
        self
    }

    /// The file with the private key of [`tls_certificate`](Self::tls_certificate), PEM.
    #[must_use]
    pub fn tls_key(mut self, file: impl Into<PathBuf>) -> Self {
        self.access.key = Some(file.into());
        self
    }

    /// The user as whom to ask the Sentinels. User and password of the URL are for the servers that they watch.
    #[must_use]
    pub fn sentinel_user(mut self, user: &str) -> Self {
        self.access.sentinel_user = Some(user.to_owned());
        self
    }

    /// The password for the Sentinels.
    #[must_use]
    pub fn sentinel_password(mut self, password: &str) -> Self {
        self.access.sentinel_password = Some(password.to_owned());
        self
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// The URL, which may hold a password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The prefix of all keys.
    pub fn get_prefix(&self) -> &str {
        &self.prefix
    }

    /// The number of connections.
    pub fn get_connections(&self) -> usize {
        self.connections
    }

    /// The time that connecting may take.
    pub fn get_connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// The time to wait for an answer.
    pub fn get_command_timeout(&self) -> Duration {
        self.command_timeout
    }

    /// The longest pause before connecting again.
    pub fn get_max_reconnect_delay(&self) -> Duration {
        self.max_reconnect_delay
    }

    /// Whether the server may remove keys.
    pub fn get_allow_eviction(&self) -> bool {
        self.allow_eviction
    }

    /// The number of replicas that a write waits for.
    pub fn get_wait_replicas(&self) -> usize {
        self.wait_replicas
    }

    /// The time that a write waits for them.
    pub fn get_wait_timeout(&self) -> Duration {
        self.wait_timeout
    }
}

fn check_timeout(field: &str, timeout: Duration) -> Result<Duration> {
    if timeout.is_zero() || timeout > MAX_TIMEOUT {
        let expected = "more than zero and at most an hour";
        return Err(Error::invalid(field, format!("is {timeout:?}"), expected));
    }
    Ok(timeout)
}

/// Shows the settings. The URL may hold a password, and stays out.
impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions")
            .field("prefix", &self.prefix)
            .field("connections", &self.connections)
            .field("connect_timeout", &self.connect_timeout)
            .field("command_timeout", &self.command_timeout)
            .field("max_reconnect_delay", &self.max_reconnect_delay)
            .field("allow_eviction", &self.allow_eviction)
            .field("wait_replicas", &self.wait_replicas)
            .field("wait_timeout", &self.wait_timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_range_are_refused() {
        let options = || RedisOptions::new("redis://h").unwrap();
        assert!(options().prefix("a{b").is_err() && options().prefix("a\n").is_err());
        assert!(options().prefix(&"p".repeat(101)).is_err() && options().prefix("").is_ok());
        assert!(options().connections(0).is_err() && options().connections(1_001).is_err());
        assert!(options().command_timeout(Duration::ZERO).is_err());
        assert!(options().wait_replicas(101).is_err() && options().wait_timeout(Duration::from_micros(999)).is_err());
        assert!(options().connect_timeout(MAX_TIMEOUT + Duration::from_secs(1)).is_err());
    }

    #[test]
    fn debug_shows_no_secret() {
        let options = RedisOptions::new("redis://user:secret@host").unwrap().sentinel_password("secret");
        let shown = format!("{options:?}");
        assert!(shown.contains("governance:") && !shown.contains("secret") && !shown.contains("host"), "{shown}");
    }
}
