//! What may go wrong in the middle of a script that was checked when connecting: nothing is written, and when it is over
//! the same commit goes through.

use crate::own::{options, options_as, raw, server, tells_rights};
use crate::place::one_of_each;
use crate::raw::{Answer, Raw, everything};
use governance_persistence::{
    Backplane, Commit, EphemeralId, EphemeralKind, Error, Expected, ExperimentKey, Json, Outcome, PolicyEvaluation,
    Severity, TimeToLive,
};
use governance_persistence_redis::RedisBackplane;
use std::time::Duration;

const PREFIX: &str = "governance:";

fn rights(admin: &mut Raw, more: &[&str]) {
    let all = ["ACL", "SETUSER", "bob", "reset", "on", ">pass", "~*", "&*", "+@all"];
    assert_eq!(admin.ask(&[&all, more].concat()).unwrap(), Answer::Text("OK".to_owned()));
}

/// Given each right that a commit needs, taken after connecting, then the commit is refused, nothing of it is there, and it
/// goes through when the right is back. Redis tells what would be refused from 7.0 on.
#[tokio::test]
async fn given_a_right_that_is_taken_after_connecting_then_nothing_is_written() {
    let Some(server) = server(&[]).filter(tells_rights) else { return };
    let mut admin = raw(&server);
    rights(&mut admin, &[]);
    let backplane = RedisBackplane::connect(&options_as(&server, "bob", "pass")).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    let commands = "evalsha time hmget hget hlen llen strlen set rpush hset";
    for (version, command) in (2..).zip(commands.split_whitespace()) {
        let before = everything(&mut admin, PREFIX);
        rights(&mut admin, &[&format!("-{command}")]);
        let commit = one_of_each(&key, version);
        let error = backplane.commit(&commit).await.unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "without {command}: {error}");
        assert!(everything(&mut admin, PREFIX) == before, "without {command}: something was written");

        rights(&mut admin, &[]);
        assert!(!backplane.commit(&commit).await.unwrap().replayed, "without {command}");
    }
    // Nor does an experiment begin that cannot be listed.
    let before = everything(&mut admin, PREFIX);
    rights(&mut admin, &["-zadd"]);
    let error = backplane.commit(&one_of_each(&ExperimentKey::new("new").unwrap(), 1)).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    assert!(everything(&mut admin, PREFIX) == before);
}

/// The same of ephemerals.
#[tokio::test]
async fn given_a_right_to_ephemerals_that_is_taken_after_connecting_then_nothing_is_written() {
    let Some(server) = server(&[]).filter(tells_rights) else { return };
    let mut admin = raw(&server);
    rights(&mut admin, &[]);
    let backplane = RedisBackplane::connect(&options_as(&server, "bob", "pass")).await.unwrap();
    let (key, kind) = (ExperimentKey::new("checkout").unwrap(), EphemeralKind::new("draft").unwrap());
    let [first, second] = ["1", "2"].map(|id| EphemeralId::new(id).unwrap());
    let (value, hour) = (Json::parse("1").unwrap(), TimeToLive::new(Duration::from_secs(3_600)).unwrap());
    backplane.ephemeral().put(&key, &kind, &first, &value, hour).await.unwrap();
    let before = everything(&mut admin, PREFIX);
    for command in ["strlen", "zcard", "time", "set", "zremrangebyscore", "zadd", "zrange", "pexpireat"] {
        rights(&mut admin, &[&format!("-{command}")]);
        let error = backplane.ephemeral().put(&key, &kind, &second, &value, hour).await.unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "without {command}: {error}");
        assert!(everything(&mut admin, PREFIX) == before, "without {command}: something was written");
    }
    for command in ["strlen", "zcard", "zrem", "del"] {
        rights(&mut admin, &[&format!("-{command}")]);
        let error = backplane.ephemeral().remove(&key, &kind, &first).await.unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "without {command}: {error}");
        assert!(everything(&mut admin, PREFIX) == before, "without {command}: something was removed");
    }
}

/// Given all keys of an experiment but one, then a user who may use no more than these is refused before anything is written.
#[tokio::test]
async fn given_a_key_that_is_closed_after_connecting_then_nothing_is_written() {
    let Some(server) = server(&[]) else { return };
    let mut admin = raw(&server);
    rights(&mut admin, &[]);
    let backplane = RedisBackplane::connect(&options_as(&server, "bob", "pass")).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    let before = everything(&mut admin, PREFIX);
    let names = "head state commit-ids record-ids versions by-transition latest-evaluations latest-policies \
                 commits:0 transitions:0 approvals:0 evaluations:0 policies:0";
    for closed in names.split_whitespace() {
        let open: Vec<String> =
            names.split_whitespace().filter(|name| *name != closed).map(|name| format!("~*:{name}")).collect();
        let open: Vec<&str> = std::iter::once("resetkeys").chain(open.iter().map(String::as_str)).collect();
        rights(&mut admin, &open);
        let error = backplane.commit(&one_of_each(&key, 2)).await.unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "without {closed}: {error}");
        assert!(everything(&mut admin, PREFIX) == before, "without {closed}: something was written");
    }
}

/// Given a server that comes back without a command, when nothing checks it again, then nothing is written.
#[tokio::test]
async fn given_a_server_that_comes_back_without_a_command_then_nothing_is_written() {
    for renamed in ["HSET", "RPUSH"] {
        let Some(first) = server(&[]).filter(tells_rights) else { return };
        let Some(second) = server(&["--rename-command", renamed, "ELSEWHERE"]) else { return };
        let port = first.port().to_string();
        let backplane = RedisBackplane::connect(&options(&first)).await.unwrap();
        let key = ExperimentKey::new("checkout").unwrap();
        backplane.commit(&one_of_each(&key, 1)).await.unwrap();
        drop(first);
        // It takes the place of the first, at the same port.
        let Ok(_) = raw(&second).ask(&["CONFIG", "SET", "port", &port]) else { panic!("the port was taken") };
        let commit = Commit::builder(&key, Expected::Any).record(PolicyEvaluation::new("p", true, Severity::Info));
        let commit = commit.build().unwrap();
        let error = loop {
            match backplane.commit(&commit).await {
                // It is still on its way to the other.
                Err(Error::Unavailable { .. }) => {}
                outcome => break outcome.unwrap_err(),
            }
        };
        assert!(matches!(error, Error::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains(renamed), "{error}");
        let mut moved = Raw::connect(&format!("127.0.0.1:{port}")).unwrap();
        // But for the listing, which names what may be about to begin.
        assert_eq!(everything(&mut moved, "governance:{"), []);
    }
}

#[tokio::test]
async fn given_a_full_server_then_no_key_is_changed() {
    let Some(server) = server(&[]) else { return };
    let backplane = RedisBackplane::connect(&options(&server)).await.unwrap();
    let (key, new) = (ExperimentKey::new("checkout").unwrap(), ExperimentKey::new("new").unwrap());
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();
    let mut admin = raw(&server);
    let before = everything(&mut admin, PREFIX);
    admin.ask(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    // With a state, and without: another command is the first that writes.
    let evaluation = PolicyEvaluation::new("p", true, Severity::Info);
    let without_state = Commit::builder(&key, Expected::Any).record(evaluation).build().unwrap();
    for commit in [one_of_each(&key, 2), without_state, one_of_each(&new, 1)] {
        let error = backplane.commit(&commit).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
        assert!(everything(&mut admin, PREFIX) == before);
    }
}
