//! The command on Redis, one server and a cluster: the same answers as on a file, and the listing, spoilt and repaired.

use crate::gates::walk_through_gates;
use crate::place::Place;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;
use xtask::services::{Directory, Redis, RedisCluster, RedisOptions, Service};

/// Servers of a test's own.
pub(crate) enum Servers {
    One(Box<Redis>),
    Cluster(Box<RedisCluster>),
}

impl Servers {
    pub(crate) fn one(arguments: &[&str]) -> Option<Self> {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let start = || Redis::start(&Directory::create().unwrap(), &RedisOptions { arguments }).unwrap();
        Service::Redis.is_available().unwrap().then(start).map(Box::new).map(Self::One)
    }

    pub(crate) fn cluster() -> Option<Self> {
        let start = || RedisCluster::start(&Directory::create().unwrap()).unwrap();
        Service::RedisCluster.is_available().unwrap().then(start).map(Box::new).map(Self::Cluster)
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::One(server) => server.url(),
            Self::Cluster(cluster) => cluster.url(),
        }
    }

    fn place(&self) -> Place {
        at(&self.url(), "")
    }

    /// What `redis-cli` prints, which finds the server of the cluster by itself.
    fn cli(&self, words: &[&str]) -> String {
        let server = match self {
            Self::One(server) => &**server,
            Self::Cluster(cluster) => &cluster.nodes()[0],
        };
        server.cli(&[&["-c"], words].concat()).unwrap()
    }
}

/// A place whose configuration takes its URL from `GOVERNANCE_DB_URL`.
fn at(url: &str, options: &str) -> Place {
    let keys = format!("type: redis\n    connectionString: ${{GOVERNANCE_DB_URL}}\n    options: {{ {options} }}");
    Place::with_configuration(&format!("governance:\n  persistence:\n    {keys}\n")).on(url)
}

/// Makes a test of each kind of servers out of each of these.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod one_server {
            $(#[test] fn $test() { super::Servers::one(&[]).iter().for_each(super::$test); })*
        }
        mod cluster {
            $(#[test] fn $test() { super::Servers::cluster().iter().for_each(super::$test); })*
        }
    };
}

on_both!(
    given_redis_when_the_demo_is_played_then_it_verifies_and_travels_to_a_file_and_back,
    given_gates_on_redis_when_an_experiment_goes_its_way_then_each_lets_through_whom_it_may,
    given_a_listing_that_was_spoilt_when_reindexed_then_every_experiment_is_listed,
);

fn given_redis_when_the_demo_is_played_then_it_verifies_and_travels_to_a_file_and_back(servers: &Servers) {
    let place = servers.place();
    let name = place.demo();
    place.done(&["verify", "--all"]);
    assert_eq!(place.json(&["state", &name])["state"]["lifecycleState"], "RolledBack");
    assert_eq!(place.json(&["experiments"])[0]["key"]["name"], name);
    assert_eq!(place.json(&["version", "list", &name]).as_array().unwrap().len(), 3);
    place.run(&["state", "no such"]).expect(4);

    let file = place.other("file");
    assert_eq!(place.json(&["copy", "--to", &file, "--all"])["applied"], 15);
    place.done(&["verify", "--all", "--config", &file]);
    assert_eq!(place.contents(&file), place.contents("governance.yaml"));

    // To where nothing is: the same servers under another prefix.
    let redis = place.read("governance.yaml").replace("options: {", "options: { keyPrefix: 'other:',");
    place.write("back.yaml", &redis);
    place.write("all.jsonl", &place.contents(&file));
    let import = ["import", "all.jsonl", "--config", "back.yaml"];
    assert_eq!(place.json(&import)["applied"], 15);
    assert_eq!(place.json(&import)["alreadyApplied"], 15);
    place.done(&["verify", "--all", "--config", "back.yaml"]);
    assert_eq!(place.contents("back.yaml"), place.contents("governance.yaml"));
}

fn given_gates_on_redis_when_an_experiment_goes_its_way_then_each_lets_through_whom_it_may(servers: &Servers) {
    walk_through_gates(servers.place());
}

fn given_a_listing_that_was_spoilt_when_reindexed_then_every_experiment_is_listed(servers: &Servers) {
    const LISTING: &str = "governance:experiments";
    let place = servers.place();
    for name in ["a", "b", "c"] {
        place.done(&["transition", name, "PendingApproval"]);
    }
    let right = json!({"experiments": 3, "added": 0, "removed": 0, "dryRun": false});
    assert_eq!(place.json(&["reindex"]), right);
    assert_eq!(servers.cli(&["DEL", LISTING]), "1");
    assert_eq!(servers.cli(&["ZADD", LISTING, "0", "never begun"]), "1");
    assert_eq!(place.json(&["experiments"]), json!([]));

    let would = json!({"experiments": 3, "added": 3, "removed": 1, "dryRun": true});
    assert_eq!(place.json(&["reindex", "--dry-run"]), would);
    assert!(place.done(&["reindex", "--dry-run"]).stdout.contains("Would add 3 to the listing and remove 1"));
    assert_eq!(servers.cli(&["ZCARD", LISTING]), "1");

    let told = place.done(&["reindex"]).stdout;
    assert!(told.contains("Added 3 to the listing and removed 1; it has 3 experiments now."), "{told}");
    assert_eq!(place.json(&["reindex"]), right);
    assert_eq!(place.json(&["experiments"]).as_array().unwrap().len(), 3);
}

#[test]
fn given_a_history_that_was_tampered_with_when_verified_then_it_is_told_and_the_exit_code_is_1() {
    let Some(servers) = Servers::one(&[]) else { return };
    let place = servers.place();
    for state in ["PendingApproval", "Rejected"] {
        place.done(&["transition", "a", state]);
    }
    let key = "governance:{//a}:transitions:0";
    let stored = servers.cli(&["LINDEX", key, "1"]);
    assert_eq!(servers.cli(&["LSET", key, "1", &stored.replace("alice", "mallory")]), "OK");
    let told = place.run(&["verify", "--all"]).expect(1);
    assert!(told.stdout.contains("sequence 2"), "{told:?}");
}

#[test]
fn given_a_store_without_a_listing_of_its_own_when_reindexed_then_there_is_nothing_to_do() {
    let memory = Place::with_configuration("governance: { persistence: { type: inMemory } }\n");
    for place in [Place::new(), memory] {
        assert!(place.done(&["reindex"]).stdout.contains("nothing to reindex"));
        let told = place.done(&["reindex", "--json", "--dry-run"]);
        assert_eq!(told.json(), json!({"experiments": null, "added": 0, "removed": 0, "dryRun": true}));
        assert_eq!(told.error()["warning"], "noListing");
    }
}

#[test]
fn given_redis_when_migrated_then_it_says_that_there_is_no_schema() {
    let place = at("redis://127.0.0.1:1", "");
    assert!(place.done(&["migrate", "up"]).stdout.contains("Redis has no schema"));
    assert_eq!(place.json(&["migrate", "status"]), json!([]));
}

/// The URL of a server of another protocol, which lives as long as the tests.
fn not_redis() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 512]).and_then(|_| stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
        }
    });
    format!("redis://u:hunter2@{address}")
}

#[test]
fn given_a_server_that_cannot_be_used_when_asked_then_the_exit_code_says_whose_turn_it_is() {
    let Some(Servers::One(server)) = Servers::one(&["--maxmemory-policy", "allkeys-lru"]) else { return };
    server.cli(&["ACL", "SETUSER", "alice", "on", ">right", "~*", "&*", "+@all"]).unwrap();
    server.cli(&["ACL", "SETUSER", "bob", "on", ">right", "~*", "&*", "+@all", "-evalsha", "-eval"]).unwrap();
    let url = |user: &str, rest: &str| format!("redis://{user}@127.0.0.1:{}{rest}", server.port());
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("redis://u:hunter2@{}", silent.local_addr().unwrap());
    for (url, code, words) in [
        (url("alice:hunter2", ""), 2, "refused by the server"),
        (url("nobody:hunter2", ""), 2, "refused by the server"),
        (url("alice:right", "/99"), 2, "a database that is not there"),
        (url("alice:right", "?tls=hunter2"), 2, "unknown parameter"),
        (url("alice:right", ""), 2, "allkeys-lru"),
        (silent, 5, "nothing was applied"),
        (not_redis(), 2, "does not answer as Redis does"),
        ("redis://u:hunter2@127.0.0.1:1".to_owned(), 5, "nothing was applied"),
        ("redis-cluster://u:hunter2@127.0.0.1:1".to_owned(), 5, "nothing was applied"),
    ] {
        for command in [&["state", "x"][..], &["reindex"]] {
            let told = at(&url, "connectTimeout: 500ms, commandTimeout: 500ms").run(command).expect(code);
            let said = told.stderr.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains(words) && !said.contains("hunter2"), "{told:#?}");
        }
    }
    let without_rights = at(&url("bob:right", ""), "allowEviction: true").run(&["state", "x"]).expect(2);
    assert!(without_rights.stderr.contains("docs/redis.md"), "{without_rights:#?}");
}
