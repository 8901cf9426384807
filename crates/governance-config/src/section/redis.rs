//! `type: redis`.

use super::accepted::accept;
use super::engine::Engine;
use super::persistence::OptionKeys;
use super::table::Section;
use crate::reading::{At, Reading};
use crate::setting::{Count, NotBuilt, Period, Refused, Setting, Switch, Text, Verbatim};
use governance_persistence::Result;
use governance_persistence_redis::RedisOptions;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use std::borrow::Cow;
use std::path::Path;

section! {
    /// What says which servers they are.
    RedisKeys {
        /// The URL of one server, of Sentinels that name it, or of a cluster.
        required "connectionString" => connection_string: RedisUrl,
    }
}

section! {
    /// The options of a Redis backplane, under `options` or flat beside `type`.
    RedisOptionKeys {
        /// How the names of all keys begin; without braces.
        optional "keyPrefix" => key_prefix: Verbatim,
        /// How many connections there are, to each server of a cluster. One serves many callers.
        optional "poolSize" => pool_size: Count<1, { RedisOptions::MAX_CONNECTIONS as u64 }>,
        /// How long connecting may take, at most an hour.
        optional "connectTimeout" => connect_timeout: Period,
        /// How long to wait for an answer, and for a connection that was lost, at most an hour.
        optional "commandTimeout" => command_timeout: Period,
        /// The longest pause between two attempts to connect again, at most an hour.
        optional "maxReconnectDelay" => max_reconnect_delay: Period,
        /// Whether to connect to a server that removes keys, history among them, when it is full.
        optional "allowEviction" => allow_eviction: Switch,
        /// How many replicas have to have a write before it is acknowledged.
        optional "waitReplicas" => wait_replicas: Count<0, { RedisOptions::MAX_WAIT_REPLICAS as u64 }>,
        /// How long a write waits for those replicas, a millisecond to an hour.
        optional "waitTimeout" => wait_timeout: Period,
        /// The file with the certificates of the authorities that a server's certificate may come from, PEM.
        optional "tlsCa" => tls_ca: Text,
        /// The file with the certificate that is shown to the server, PEM.
        optional "tlsCertificate" => tls_certificate: Text,
        /// The file with the private key of that certificate, PEM.
        optional "tlsKey" => tls_key: Text,
        /// The user as whom to ask the Sentinels.
        optional "sentinelUser" => sentinel_user: Verbatim,
        /// The password for the Sentinels.
        optional "sentinelPassword" => sentinel_password: Verbatim,
        optional "ephemeralTtl" => ephemeral_ttl: Refused<NotBuilt>,
    }
}

/// Reads the section; none when there is no telling which servers they are.
pub(super) fn read(keys: &mut OptionKeys<'_>, reading: &mut Reading<'_>) -> Option<RedisOptions> {
    let servers = RedisKeys::read(&mut keys.flat, reading);
    let options = RedisOptionKeys::read(keys, reading);
    let named = servers.connection_string.and_then(|url| accept(RedisOptions::new(&url.0.0), keys, reading));
    // The options are checked all the same when the servers are not known.
    let of_some_server = named.clone().or_else(|| RedisOptions::new("redis://some").ok())?;
    let complete = apply(options, of_some_server, keys, reading);
    let named = named.map(|_| complete)?;
    // Whether they go together can only be said of a URL.
    accept(named.check(), keys, reading).map(|()| named)
}

fn apply(
    options: RedisOptionKeys,
    mut built: RedisOptions,
    keys: &OptionKeys<'_>,
    reading: &mut Reading<'_>,
) -> RedisOptions {
    let mut set = |set: &dyn Fn(RedisOptions) -> Result<RedisOptions>| {
        if let Some(accepted) = accept(set(built.clone()), keys, reading) {
            built = accepted;
        }
    };
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    if let Some(Verbatim(prefix)) = &options.key_prefix {
        set(&|built| built.prefix(prefix));
    }
    if let Some(Count(connections)) = options.pool_size {
        set(&|built| built.connections(count(connections)));
    }
    if let Some(Period(timeout)) = options.connect_timeout {
        set(&|built| built.connect_timeout(timeout));
    }
    if let Some(Period(timeout)) = options.command_timeout {
        set(&|built| built.command_timeout(timeout));
    }
    if let Some(Period(delay)) = options.max_reconnect_delay {
        set(&|built| built.max_reconnect_delay(delay));
    }
    if let Some(Switch(allow)) = options.allow_eviction {
        set(&|built| Ok(built.allow_eviction(allow)));
    }
    if let Some(Count(replicas)) = options.wait_replicas {
        set(&|built| built.wait_replicas(count(replicas)));
    }
    if let Some(Period(timeout)) = options.wait_timeout {
        set(&|built| built.wait_timeout(timeout));
    }
    with_access(options, built)
}

fn with_access(options: RedisOptionKeys, mut built: RedisOptions) -> RedisOptions {
    if let Some(Text(file)) = options.tls_ca {
        built = built.tls_ca(file);
    }
    if let Some(Text(file)) = options.tls_certificate {
        built = built.tls_certificate(file);
    }
    if let Some(Text(file)) = options.tls_key {
        built = built.tls_key(file);
    }
    if let Some(Verbatim(user)) = &options.sentinel_user {
        built = built.sentinel_user(user);
    }
    if let Some(Verbatim(password)) = &options.sentinel_password {
        built = built.sentinel_password(password);
    }
    built
}

impl RedisKeys {
    /// The keys that say this.
    pub(super) fn of(options: &RedisOptions) -> Self {
        Self { connection_string: Some(RedisUrl(Text(options.url().to_owned()))) }
    }
}

impl RedisOptionKeys {
    /// The keys that say this.
    pub(super) fn of(options: &RedisOptions) -> Self {
        let file = |path: Option<&Path>| path.map(|path| Text(path.to_string_lossy().into_owned()));
        let text = |text: Option<&str>| text.map(|text| Verbatim(text.to_owned()));
        Self {
            key_prefix: text(Some(options.get_prefix())),
            pool_size: Some(Count(options.get_connections() as u64)),
            connect_timeout: Some(Period(options.get_connect_timeout())),
            command_timeout: Some(Period(options.get_command_timeout())),
            max_reconnect_delay: Some(Period(options.get_max_reconnect_delay())),
            allow_eviction: Some(Switch(options.get_allow_eviction())),
            wait_replicas: Some(Count(options.get_wait_replicas() as u64)),
            wait_timeout: Some(Period(options.get_wait_timeout())),
            tls_ca: file(options.get_tls_ca()),
            tls_certificate: file(options.get_tls_certificate()),
            tls_key: file(options.get_tls_key()),
            sentinel_user: text(options.get_sentinel_user()),
            sentinel_password: text(options.get_sentinel_password()),
            ephemeral_ttl: None,
        }
    }
}

/// A URL of Redis. It may hold a password: no message shows any of it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct RedisUrl(Text);

const EXPECTED: &str =
    "a URL such as `redis://user:password@host:6379/0`, or `redis-cluster://host:6379?node=other:6379`";

impl Setting for RedisUrl {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let url = Text::read(at, reading)?;
        let Some(problem) = of_another_world(&url.0) else { return Some(Self(url)) };
        reading.fault(at, problem, EXPECTED);
        None
    }
}

/// What is wrong with a text that was written for something else.
fn of_another_world(text: &str) -> Option<String> {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    if let Some(engine) = Engine::of_scheme(scheme) {
        return Some(format!("is a URL of {}, which belongs to `type: sql`", engine.title()));
    }
    // StackExchange.Redis: `host:6379,password=…,ssl=true`. A path of a socket may have anything in it.
    let is_url = text.contains("://") || scheme == "unix" || scheme == "redis+unix";
    (!is_url && text.contains([',', ':', '='])).then(|| "is a connection string in the .NET style".to_owned())
}

impl JsonSchema for RedisUrl {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "RedisUrl".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let examples = [
            "redis://user:password@host:6379/0",
            "rediss://user:password@host:6380/0",
            "redis-cluster://user:password@host:6379?node=other:6379",
            "redis-sentinel://user:password@host:26379/0?service=name",
            "unix:///run/redis.sock?db=0",
            "${GOVERNANCE_REDIS_URL}",
        ];
        let mut schema = Text::json_schema(generator);
        schema.insert("type".to_owned(), "string".into()); // a number is no URL
        schema.insert("examples".to_owned(), examples.to_vec().into());
        schema
    }
}
