//! Servers and users that will not do: refused when connecting, with the right error.

use crate::own::{options, options_as, raw, server, tells_rights};
use crate::place::one_of_each;
use crate::raw::{Answer, keys};
use governance_persistence::{Backplane, Error, ExperimentKey, Outcome};
use governance_persistence_redis::{RedisBackplane, RedisOptions, Reindex};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use xtask::services::{Directory, Redis, RedisCluster, Service};

async fn refusal(options: &RedisOptions) -> Error {
    match RedisBackplane::connect(options).await {
        Ok(_) => panic!("it was not refused"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn given_a_wrong_password_then_the_connection_string_is_invalid_and_shows_no_secret() {
    let Some(server) = server(&["--user", "alice", "on", ">right", "~*", "&*", "+@all"]) else { return };
    RedisBackplane::connect(&options_as(&server, "alice", "right")).await.unwrap();
    for (user, password) in [("alice", "wrong-secret"), ("mallory", "wrong-secret")] {
        let error = refusal(&options_as(&server, user, password)).await;
        assert!(matches!(error, Error::Invalid(_)), "{user}: {error}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
}

#[tokio::test]
async fn given_a_password_that_is_missing_then_the_connection_string_is_invalid() {
    let Some(server) = server(&[]) else { return };
    raw(&server).ask(&["CONFIG", "SET", "requirepass", "right"]).unwrap();
    let error = refusal(&options(&server)).await;
    assert!(matches!(error, Error::Invalid(_)), "{error}");
}

/// Each command that is needed, taken from a user who may do all else. The probe leaves no key behind.
#[tokio::test]
async fn given_a_user_without_one_of_the_rights_then_it_is_refused_and_nothing_is_left() {
    let Some(server) = server(&[]) else { return };
    let mut admin = raw(&server);
    let commands = "evalsha eval time hmget hget hset hlen rpush llen lrange set get strlen zadd zcard zrange \
                    zrangebylex zremrangebyscore zrem pexpireat del";
    for command in commands.split_whitespace() {
        let without = format!("-{command}");
        let rights = ["ACL", "SETUSER", "bob", "reset", "on", ">pass", "~*", "&*", "+@all", &without];
        assert_eq!(admin.ask(&rights).unwrap(), Answer::Text("OK".to_owned()));
        let error = refusal(&options_as(&server, "bob", "pass")).await;
        assert!(matches!(error, Error::Unsupported { .. }), "without {command}: {error}");
        assert_eq!(keys(&mut admin, "*"), [""; 0], "without {command}");
    }
    // And what is told to be enough is.
    let rights: Vec<String> = commands.split_whitespace().map(|command| format!("+{command}")).collect();
    let mut enough = vec!["ACL", "SETUSER", "bob", "reset", "on", ">pass", "~governance:*", "+ping", "+info"];
    enough.extend(rights.iter().map(String::as_str));
    assert_eq!(admin.ask(&enough).unwrap(), Answer::Text("OK".to_owned()));
    let backplane = RedisBackplane::connect(&options_as(&server, "bob", "pass")).await.unwrap();
    assert!(backplane.durability().to_string().contains("not known"));
    // Scanning is nobody's daily work.
    let error = backplane.reindex(Reindex::Repair, |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    admin.ask(&["ACL", "SETUSER", "bob", "+scan", "+zscan", "+zmscore", "+exists"]).unwrap();
    backplane.reindex(Reindex::Repair, |_| {}).await.unwrap();
}

/// Given a program that does not wait until it is connected, then the keys of the probe are removed all the same.
#[tokio::test]
async fn given_a_connect_that_nobody_waits_for_any_more_then_nothing_is_left() {
    let Some(server) = server(&[]) else { return };
    let options = options(&server).connections(1).unwrap();
    let mut admin = raw(&server);
    let mut hits = 0;
    for attempt in 0..200 {
        let connecting = RedisBackplane::connect(&options);
        let _ = tokio::time::timeout(Duration::from_micros(attempt * 50), connecting).await;
        // Each found in the middle, if there are some.
        hits += usize::from(!keys(&mut admin, "*").is_empty());
    }
    let bound = Instant::now() + Duration::from_secs(60);
    while !keys(&mut admin, "*").is_empty() {
        assert!(Instant::now() < bound, "{:?}", keys(&mut admin, "*"));
        tokio::task::yield_now().await;
    }
    assert!(hits > 0, "none was left in the middle");
}

#[tokio::test]
async fn given_a_user_for_other_keys_then_it_is_refused() {
    let Some(server) = server(&["--user", "carol", "on", ">pass", "~other:*", "&*", "+@all"]) else { return };
    let carol = options_as(&server, "carol", "pass");
    let error = refusal(&carol).await;
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    RedisBackplane::connect(&carol.prefix("other:").unwrap()).await.unwrap();
}

#[tokio::test]
async fn given_a_server_that_removes_keys_when_full_then_it_is_refused_unless_that_is_allowed() {
    let Some(server) = server(&["--maxmemory-policy", "allkeys-lru"]) else { return };
    let error = refusal(&options(&server)).await;
    assert!(matches!(&error, Error::Unsupported { what, .. } if what.contains("allkeys-lru")), "{error}");
    let backplane = RedisBackplane::connect(&options(&server).allow_eviction(true)).await.unwrap();
    assert!(backplane.durability().to_string().contains("allkeys-lru"));
}

/// Given a user who may not ask for settings, then what the server tells of itself says whether it will do; of one who may
/// not ask for that either, it is said that it is not known.
#[tokio::test]
async fn given_a_user_without_config_then_a_server_that_removes_keys_is_refused_all_the_same() {
    let Some(server) = server(&["--maxmemory-policy", "allkeys-lru"]) else { return };
    let mut admin = raw(&server);
    let rights = ["ACL", "SETUSER", "bob", "reset", "on", ">pass", "~*", "&*", "+@all"];
    admin.ask(&[&rights[..], &["-config"]].concat()).unwrap();
    let bob = options_as(&server, "bob", "pass");
    let error = refusal(&bob).await;
    assert!(matches!(&error, Error::Unsupported { what, .. } if what.contains("allkeys-lru")), "{error}");
    let backplane = RedisBackplane::connect(&bob.clone().allow_eviction(true)).await.unwrap();
    assert_eq!(backplane.durability().appendonly, Some(true));

    admin.ask(&[&rights[..], &["-config", "-info"]].concat()).unwrap();
    let said = RedisBackplane::connect(&bob).await.unwrap().durability().to_string();
    assert!(said.contains("Whether a full server removes keys, history among them, is not known"), "{said}");
}

#[tokio::test]
async fn given_settings_then_what_a_commit_survives_is_said() {
    let Some(server) = server(&[]) else { return };
    let said = |expected: &'static str| {
        let options = options(&server);
        async move {
            let said = RedisBackplane::connect(&options).await.unwrap().durability().to_string();
            assert!(said.contains(expected), "{said}");
        }
    };
    let mut admin = raw(&server);
    said("last second").await;
    admin.ask(&["CONFIG", "SET", "appendfsync", "always"]).unwrap();
    said("survives a power cut").await;
    admin.ask(&["CONFIG", "SET", "appendonly", "no"]).unwrap();
    said("only in memory").await;
}

#[tokio::test]
async fn given_a_replica_then_it_is_unavailable_because_it_only_reads() {
    let Some(primary) = server(&[]) else { return };
    let port = primary.port().to_string();
    let Some(replica) = server(&["--replicaof", "127.0.0.1", &port]) else { return };
    let error = refusal(&options(&replica)).await;
    assert!(matches!(&error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
    assert!(error.to_string().contains("only reads"), "{error}");
}

#[tokio::test]
async fn given_a_server_of_a_cluster_alone_or_a_cluster_that_is_none_then_the_right_url_is_named() {
    let Some(alone) = server(&["--cluster-enabled", "yes", "--cluster-port", "0"]) else { return };
    // Without slots it serves no key, but it says what it is before that matters.
    let error = refusal(&options(&alone)).await;
    assert!(error.to_string().contains("redis-cluster://"), "{error}");
    let Some(single) = server(&[]) else { return };
    let url = format!("redis-cluster://127.0.0.1:{}", single.port());
    let error = refusal(&RedisOptions::new(&url).unwrap()).await;
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
}

#[tokio::test]
async fn given_nobody_at_the_address_then_it_is_unavailable() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = refusal(&RedisOptions::new(&format!("redis://{free}")).unwrap()).await;
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
}

/// Given a server of another protocol, and one that says nothing, then connecting ends with an error.
#[tokio::test]
async fn given_a_server_that_is_not_redis_then_connecting_fails() {
    for answer in [&b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"[..], b""] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            // It lives as long as the test's process; nobody waits for it.
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let _ = stream.read(&mut [0; 512]).and_then(|_| stream.write_all(answer));
                let _ = stream.read(&mut [0; 512]);
            }
        });
        let options = RedisOptions::new(&format!("redis://{address}")).unwrap();
        let options = options.connect_timeout(Duration::from_millis(300)).unwrap();
        let error = refusal(&options.command_timeout(Duration::from_millis(300)).unwrap()).await;
        assert!(matches!(error, Error::Unsupported { .. } | Error::Unavailable { .. }), "{error}");
    }
}

/// Given a cluster of which one server is set up in another way, whichever that is, then it is found.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_cluster_of_which_one_server_differs_then_the_weakest_counts() {
    if !Service::RedisCluster.is_available().expect("Redis is installed where it has to be") {
        return;
    }
    let cluster = RedisCluster::start(&Directory::create().unwrap()).unwrap();
    let options = RedisOptions::new(&cluster.url()).unwrap();
    let bob = RedisOptions::new(&cluster.url().replace("redis-cluster://", "redis-cluster://bob:pass@")).unwrap();
    let allow = |node: &Redis, more: &[&str]| {
        let all = ["ACL", "SETUSER", "bob", "reset", "on", ">pass", "~*", "&*", "+@all"];
        assert_eq!(node.cli(&[&all, more].concat()).unwrap(), "OK");
    };
    let set = |node: &Redis, name: &str, value: &str| {
        assert_eq!(node.cli(&["CONFIG", "SET", name, value]).unwrap(), "OK");
    };
    cluster.nodes().iter().for_each(|node| allow(node, &[]));
    RedisBackplane::connect(&bob).await.unwrap();
    for master in &cluster.nodes()[..3] {
        set(master, "maxmemory-policy", "allkeys-lru");
        let error = refusal(&options).await;
        assert!(matches!(&error, Error::Unsupported { what, .. } if what.contains("allkeys-lru")), "{error}");
        set(master, "maxmemory-policy", "noeviction");

        set(master, "appendonly", "no");
        let durability = RedisBackplane::connect(&options).await.unwrap().durability().to_string();
        assert!(durability.contains("only in memory"), "{durability}");
        set(master, "appendonly", "yes");

        allow(master, &["-hset"]);
        let error = refusal(&bob).await;
        let named = if tells_rights(master) { "HSET" } else { ":commit-ids" };
        assert!(matches!(error, Error::Unsupported { .. }) && error.to_string().contains(named), "{error}");
        for node in cluster.nodes() {
            assert_eq!(node.cli(&["KEYS", "*probe*"]).unwrap(), "");
        }
        allow(master, &["-wait"]);
        let error = refusal(&bob.clone().wait_replicas(1).unwrap()).await;
        assert!(matches!(error, Error::Unsupported { .. }) && error.to_string().contains("wait"), "{error}");
        allow(master, &[]);
    }
}

/// Given attempts to connect that took too long, when the server goes on, then none of them connects later.
#[tokio::test]
async fn given_attempts_that_timed_out_when_the_server_goes_on_then_no_connection_of_theirs_is_left() {
    let Some(server) = server(&[]) else { return };
    let options = options(&server).connect_timeout(Duration::from_millis(50)).unwrap();
    server.pause().unwrap();
    for _ in 0..5 {
        let error = refusal(&options).await;
        assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
    }
    server.resume().unwrap();
    // It is taken in after those that came before it.
    let connected = RedisBackplane::connect(&options.connect_timeout(Duration::from_secs(10)).unwrap()).await.unwrap();
    connected.close().await.unwrap();
    let mut admin = raw(&server);
    let mut clients = || admin.ask(&["CLIENT", "LIST", "TYPE", "normal"]).unwrap().text().lines().count();
    let bound = Instant::now() + Duration::from_secs(60);
    // All but the one that asks.
    while clients() > 1 {
        assert!(Instant::now() < bound, "{} clients are left", clients() - 1);
        tokio::task::yield_now().await;
    }
}

/// Given a user who may do what docs/redis.md says, then a cluster is written to; without what only a cluster needs, the
/// user is refused.
#[tokio::test]
async fn given_a_cluster_and_a_user_without_one_of_its_rights_then_it_is_refused() {
    if !Service::RedisCluster.is_available().expect("Redis is installed where it has to be") {
        return;
    }
    let cluster = RedisCluster::start(&Directory::create().unwrap()).unwrap();
    let url = cluster.url().replace("redis-cluster://", "redis-cluster://bob:pass@");
    let bob = RedisOptions::new(&url).unwrap().wait_replicas(1).unwrap();
    let bob = bob.wait_timeout(Duration::from_secs(30)).unwrap();
    let own = "+ping +info +evalsha +eval +time +hmget +hget +hset +hlen +rpush +llen +lrange +set +get +strlen +zadd +zcard \
               +zrange +zrangebylex +zremrangebyscore +zrem +pexpireat +del";
    let allow = |more: &str| {
        for node in cluster.nodes() {
            let rights = own.split_whitespace().chain(more.split_whitespace());
            let rights: Vec<&str> =
                ["ACL", "SETUSER", "bob", "reset", "on", ">pass", "~governance:*"].into_iter().chain(rights).collect();
            assert_eq!(node.cli(&rights).unwrap(), "OK");
        }
    };
    for (without, rest) in [
        ("cluster|info", "+wait +cluster|slots"),
        ("cluster|slots", "+wait +cluster|info"),
        ("wait", "+cluster|slots +cluster|info"),
    ] {
        allow(rest);
        let error = refusal(&bob).await;
        assert!(matches!(error, Error::Unsupported { .. }), "without {without}: {error}");
        let command = without.split('|').next().unwrap();
        let named = if tells_rights(&cluster.nodes()[0]) { without } else { command };
        assert!(error.to_string().contains(named), "without {without}: {error}");
    }
    allow("+cluster|slots +cluster|info +wait");
    let backplane = RedisBackplane::connect(&bob).await.unwrap();
    for number in 0..8 {
        backplane.commit(&one_of_each(&ExperimentKey::new(&format!("e{number}")).unwrap(), 1)).await.unwrap();
    }
}
