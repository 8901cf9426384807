//! Servers in the background: up, found again, down, whatever happened in between.

use crate::place::{Place, is_available, processes, send, wait_for_end};
use rustix::process::Signal;
use serde_json::Value;
use std::process::{Command, Stdio};

#[test]
fn given_servers_that_are_up_then_they_are_found_again_and_taken_down() {
    if !is_available() {
        return;
    }
    let place = Place::new();
    assert!(place.json(&["services", "status", "--json"]).is_empty());

    // All are up, and stay so without the program that started them. Those that came later joined the first.
    let first = place.json(&["services", "up", "--json", "--only", "postgres"]);
    let up = place.json(&["services", "up", "--json"]);
    let names: Vec<_> = up.iter().map(|server| server["name"].as_str().unwrap()).collect();
    assert_eq!(names[..4], ["postgres", "postgres-replica", "mariadb", "mariadb-replica"]);
    assert_eq!(names[4], "redis");
    assert_eq!(names[5..11], [1, 2, 3, 4, 5, 6].map(|node| format!("redis-cluster-{node}")));
    assert_eq!(names[11..], ["primary", "replica", "1", "2", "3"].map(|part| format!("redis-sentinel-{part}")));
    assert_eq!(up[..2], first);
    let authority = |server: &Value| server["variables"]["GOVERNANCE_TEST_CA"].clone();
    assert!(up.iter().all(|server| authority(server).is_string() && authority(server) == authority(&up[0])));
    let running = processes(&up);
    assert!(running.iter().all(|process| process.is_running()));
    assert_eq!(place.json(&["services", "status", "--json"]), up);

    // A second time changes nothing, and says so.
    let again = place.run(&["services", "up"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("already runs"));
    assert_eq!(place.json(&["services", "status", "--json"]), up);

    // The variables are as a shell reads them: the replica answers at its URL.
    let script =
        r#"eval "$1" && "$GOVERNANCE_TEST_POSTGRES_BIN/psql" -XAtqd "$GOVERNANCE_TEST_POSTGRES_REPLICA_URL" -c "$2""#;
    let exports = String::from_utf8(again.stdout).unwrap();
    let answer =
        Command::new("sh").args(["-c", script, "sh", &exports, "SELECT pg_is_in_recovery()"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), "t", "{answer:?}");

    place.run(&["services", "down"]);
    assert!(running.iter().all(|process| !process.is_running()));
    assert!(place.is_empty());
    place.run(&["services", "down"]);
}

#[test]
fn given_a_server_that_crashed_then_status_says_so_and_down_cleans_up() {
    if !is_available() {
        return;
    }
    let place = Place::new();
    let up = place.json(&["services", "up", "--json", "--only", "mariadb"]);
    let running = processes(&up);
    send(running[0].pid, Signal::KILL);
    wait_for_end(running[0]);

    assert_eq!(place.json(&["services", "status", "--json"])[0]["status"], "gone");
    assert!(!place.command(&["services", "up"]).output().unwrap().status.success());
    place.run(&["services", "down"]);
    assert!(place.is_empty());
}

#[test]
fn given_servers_in_the_foreground_when_asked_to_end_then_they_stop() {
    if !is_available() {
        return;
    }
    for signal in [Signal::TERM, Signal::INT] {
        let place = Place::new();
        let (mut foreground, servers) = place.foreground();
        assert!(servers.iter().all(|server| server.is_running()));

        assert!(foreground.end(signal));
        assert!(servers.iter().all(|server| !server.is_running()));
        assert!(place.is_empty());
    }
}

#[test]
fn given_a_run_that_was_killed_then_down_ends_its_servers() {
    if !is_available() {
        return;
    }
    let place = Place::new();
    let (mut foreground, servers) = place.foreground();
    assert!(!foreground.end(Signal::KILL));
    assert!(servers.iter().all(|server| server.is_running()));

    let down = place.run(&["services", "down"]);
    assert!(String::from_utf8_lossy(&down.stderr).contains("killed run"));
    assert!(servers.iter().all(|server| !server.is_running()));
    assert!(place.is_empty());
}

#[test]
fn given_a_run_that_was_killed_while_it_started_then_down_leaves_nothing() {
    if !is_available() {
        return;
    }
    // While it makes certificates, data, the copy of the data, and while a server comes up.
    let moments =
        ["certificates", "postgres/data", "replica/data", "mariadb/data", "mariadb/socket", "mariadb-replica/data"];
    for moment in moments {
        let place = Place::new();
        let mut child = place.command(&["services", "up"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while !place.holds(moment) {
            assert!(child.try_wait().unwrap().is_none(), "it ended without {moment}");
            std::thread::yield_now();
        }
        send(child.id(), Signal::KILL);
        child.wait().unwrap();

        place.run(&["services", "down"]);
        assert!(place.is_empty());
    }
}
