//! The servers that `cargo xtask test` starts for its suites are at the URLs that it gives them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::env;
use std::process::Command;
use xtask::programs::{find, postgres_bin};

/// Runs a client at a server that was given, and returns what it prints; without one, nothing.
fn ask(variable: &str, client: impl FnOnce(&str) -> Command) -> Option<String> {
    let Ok(url) = env::var(variable) else {
        eprintln!("skipped: {variable} is not set; `cargo xtask test --only services` sets it");
        return None;
    };
    let output = client(&url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

fn psql(url: &str, statement: &str) -> Command {
    let mut psql = Command::new(postgres_bin().unwrap().join("psql"));
    psql.args(["-X", "-A", "-t", "-q", "-w", "-d", url, "-c", statement]);
    psql
}

#[test]
fn the_primary_and_its_replica_answer_at_their_urls() {
    let statement = "SELECT pg_is_in_recovery()";
    let primary = ask("GOVERNANCE_TEST_POSTGRES_URL", |url| psql(url, statement));
    assert!(primary.is_none_or(|answer| answer == "f"));
    let replica = ask("GOVERNANCE_TEST_POSTGRES_REPLICA_URL", |url| psql(url, statement));
    assert!(replica.is_none_or(|answer| answer == "t"));
}

#[test]
fn mariadb_answers_at_its_url() {
    let answer = ask("GOVERNANCE_TEST_MYSQL_URL", |url| {
        // Its client reads no URLs: mysql://user:password@host:port/database
        let parts: Vec<_> = url.trim_start_matches("mysql://").split([':', '@', '/']).collect();
        let [user, password, host, port, database] = parts[..] else { panic!("not a URL of this kind: {url}") };
        let mut client = Command::new(find("mariadb").unwrap());
        client.args(["--no-defaults", "--protocol=tcp", "--batch", "--skip-column-names"]);
        client.args([format!("--user={user}"), format!("--password={password}"), format!("--host={host}")]);
        client.args([format!("--port={port}"), "--execute=SELECT database()".to_owned(), database.to_owned()]);
        client
    });
    assert!(answer.is_none_or(|answer| answer == "governance"));
}

#[test]
fn redis_the_cluster_and_the_sentinels_answer_at_their_urls() {
    let cli = |url: &str, words: &[&str]| {
        // The first of the cluster's servers will do.
        let address = url.split("//").nth(1).unwrap().split(['/', '?']).next().unwrap();
        let (host, port) = address.split_once(':').unwrap();
        let mut client = Command::new(find("redis-cli").unwrap());
        client.args(["-h", host, "-p", port, "-e"]).args(words);
        client
    };
    let answer = ask("GOVERNANCE_TEST_REDIS_URL", |url| cli(url, &["PING"]));
    assert!(answer.is_none_or(|answer| answer == "PONG"));
    let answer = ask("GOVERNANCE_TEST_REDIS_CLUSTER_URL", |url| cli(url, &["CLUSTER", "INFO"]));
    assert!(answer.is_none_or(|answer| answer.contains("cluster_state:ok")));
    let answer = ask("GOVERNANCE_TEST_REDIS_SENTINEL_URL", |url| cli(url, &["SENTINEL", "CKQUORUM", "governance"]));
    assert!(answer.is_none_or(|answer| answer.contains("OK 3 usable Sentinels")));
}
