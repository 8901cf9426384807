//! `type: redis`: given a file, when it is loaded, then it is the options that code would build, or each fault is told
//! at its key.

use crate::given::{assert_found, fault, faults, load, persistence};
use governance_config::{Format, Persistence};
use governance_persistence_redis::RedisOptions;
use std::time::Duration;

fn of(keys: &str) -> Persistence {
    load(&persistence(keys), Format::Yaml).unwrap_or_else(|faults| panic!("{keys}: {faults:#?}")).persistence
}

#[test]
fn all_options_stand_under_options_or_flat() {
    let url = "redis://alice:p%40ss@db:7000/3";
    let expected = RedisOptions::new(url)
        .and_then(|options| options.prefix("mine:"))
        .and_then(|options| options.connections(16))
        .and_then(|options| options.connect_timeout(Duration::from_secs(2)))
        .and_then(|options| options.command_timeout(Duration::from_millis(250)))
        .and_then(|options| options.max_reconnect_delay(Duration::from_secs(60)))
        .and_then(|options| options.wait_replicas(1))
        .and_then(|options| options.wait_timeout(Duration::from_secs(3)))
        .unwrap()
        .allow_eviction(true);
    let options = "keyPrefix: 'mine:', poolSize: '${N}', connectTimeout: 2s, commandTimeout: 250ms, \
                   maxReconnectDelay: '00:01:00', allowEviction: True, waitReplicas: 1, waitTimeout: 3s";
    let keys = format!("type: Redis, connectionString: '{url}'");
    assert_eq!(of(&format!("{keys}, {options}")), Persistence::Redis(expected.clone()));
    assert_eq!(of(&format!("{keys}, options: {{ {options} }}")), Persistence::Redis(expected));
    assert_eq!(of(&format!("{keys}, options: {{}}")), Persistence::Redis(RedisOptions::new(url).unwrap()));
}

#[test]
fn a_url_says_which_servers_they_are() {
    for url in ["redis://h", "valkey://h:1/2", "redis-cluster://:p@a:1?node=b:2&node=c", "unix:///run/redis.sock?db=2"]
    {
        let expected = RedisOptions::new(url).unwrap();
        assert_eq!(of(&format!("type: redis, connectionString: '{url}'")), Persistence::Redis(expected));
    }
    let url = "rediss://u:p@h";
    let expected = RedisOptions::new(url).unwrap().tls_ca("ca.crt").tls_certificate("c.crt").tls_key("c.key");
    let keys = format!("type: redis, connectionString: '{url}'");
    let files = "options: { tlsCa: ca.crt, tlsCertificate: c.crt, tlsKey: c.key }";
    assert_eq!(of(&format!("{keys}, {files}")), Persistence::Redis(expected));
    let url = "redis-sentinel://u:p@a:1/0?service=main&node=b:2";
    let expected = RedisOptions::new(url).unwrap().sentinel_user("s").sentinel_password(" p ${x} ");
    let keys = format!("type: redis, connectionString: '{url}', sentinelUser: s, sentinelPassword: ' p $${{x}} '");
    assert_eq!(of(&keys), Persistence::Redis(expected));
    let expected = RedisOptions::new("redis://h").and_then(|options| options.prefix("")).unwrap();
    assert_eq!(of("type: redis, connectionString: 'redis://h', keyPrefix: ''"), Persistence::Redis(expected));
}

#[test]
fn what_is_wrong_is_told_with_what_would_be_right() {
    for (keys, words) in [
        ("connectionString: 'redis://h/300'", "a database that is not a number from 0 to 255"),
        ("connectionString: 'redis://u@h'", "has a user but no password"),
        ("connectionString: 'redis://h?tls=1'", "the unknown parameter \"tls\""),
        ("connectionString: 'redis-cluster://h/1'", "a cluster has only one"),
        ("connectionString: 'mongodb://h'", "does not begin with a scheme of Redis"),
        ("connectionString: h", "is not a URL"),
        ("connectionString: 'localhost:6379'", "in the .NET style | a URL such as `redis://user:password@host:6379/0`"),
        ("connectionString: 'a:6379,b:6379,abortConnect=false'", "in the .NET style"),
        ("connectionString: 'postgres://h/db'", "is a URL of PostgreSQL, which belongs to `type: sql`"),
        ("connectionString: 'sqlite:g.db'", "is a URL of SQLite, which belongs to `type: sql`"),
        ("connectionString: 'redis://h', keyPrefix: '{p}:'", "without braces"),
        ("connectionString: 'redis://h', poolSize: 0", "from 1 to 1000"),
        ("connectionString: 'redis://h', commandTimeout: 0s", "more than zero"),
        ("connectionString: 'redis://h', connectTimeout: 5", "has no unit"),
        ("connectionString: 'redis://h', maxReconnectDelay: 61m", "at most an hour"),
        ("connectionString: 'redis://h', allowEviction: perhaps", "neither true nor false"),
        ("connectionString: 'redis://h', waitReplicas: 101", "from 0 to 100"),
        ("connectionString: 'redis://h', waitTimeout: 1us", "a millisecond to an hour"),
        ("connectionString: 'redis://h', keyprefix: p", "did you mean `keyPrefix`?"),
        ("connectionString: 'redis://h', migrate: never", "`migrate` belongs to `type: sql`"),
        ("connectionString: 'redis://h', maxConnections: 4", "`maxConnections` belongs to `type: sql`"),
        ("connectionString: 'redis://h', provider: redis", "`provider` belongs to `type: sql`"),
        ("connectionString: 'redis://h', ephemeralTtl: 5m", "not built yet"),
        ("connectionString: 'redis://h', tlsCa: ca.crt", "without TLS | a URL such as rediss://host"),
        ("connectionString: 'redis://h', sentinelUser: u", "asks no Sentinel"),
        ("connectionString: 'redis-sentinel://h?service=s', sentinelUser: u", "beside sentinelUser"),
        ("connectionString: 'redis-sentinel://h'", "names no service"),
        ("connectionString: 'rediss://h', tlsCertificate: c.crt", "tlsKey is missing beside tlsCertificate"),
        ("connectionString: 'rediss://h', options: { tlsKey: c.key }", "beside tlsKey"),
    ] {
        let said = fault(&format!("type: redis, {keys}"));
        assert!(said.contains(words), "{keys}: {said}");
    }
}

#[test]
fn a_type_that_only_the_url_says_is_answered_with_the_url() {
    for (name, words) in [
        ("redisCluster", "`redis`, and a URL such as `redis-cluster://host:6379?node=other:6379`"),
        ("redis-sentinel", "`redis`, and a URL such as `redis-sentinel://"),
        ("reddis", "did you mean `redis`?"),
    ] {
        let said = fault(&format!("type: {name}, connectionString: 'redis://h', poolSize: 3"));
        assert!(said.contains(words), "{name}: {said}");
    }
    let said = fault("type: sql, connectionString: 'redis://h'");
    assert!(said.contains("is a URL of Redis, which belongs to `type: redis`"), "{said}");
    let said = fault("type: inMemory, keyPrefix: p");
    assert!(said.contains("`keyPrefix` belongs to `type: redis`"), "{said}");
}

#[test]
fn every_fault_is_told_at_its_key() {
    let text = "governance:\n  persistence:\n    connectionString: redis://h/x\n    keyPrefix: '{'\n    options:\n      \
                poolSize: many\n      commandTimeout: 2h\n      colour: red\n";
    assert_found(
        &faults(text, Format::Yaml),
        &[
            (2, 3, "governance.persistence", "`type` is missing"),
            (3, 23, "governance.persistence.connectionString", "a database"),
            (4, 16, "governance.persistence.keyPrefix", "without braces"),
            (6, 17, "governance.persistence.options.poolSize", "not a whole number"),
            (7, 23, "governance.persistence.options.commandTimeout", "at most an hour"),
            (8, 7, "governance.persistence.options.colour", "unknown"),
        ],
    );
    let json = r#"{"governance": {"persistence": {"type": "redis", "connectionString": "redis://h", "poolSize": 0}}}"#;
    assert_found(&faults(json, Format::Json), &[(1, 95, "governance.persistence.poolSize", "from 1 to 1000")]);
}
