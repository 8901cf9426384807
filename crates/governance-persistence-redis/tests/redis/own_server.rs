//! What only a server can do wrong: fill up, crash, forget its scripts.

use crate::own::{options, raw, server};
use crate::place::one_of_each;
use crate::raw::Answer;
use governance_persistence::{
    Backplane, Commit, Consistency, Error, Expected, ExperimentKey, Json, JsonObject, Outcome, Retrying,
    StateTransition,
};
use governance_persistence::{EphemeralId, EphemeralKind};
use governance_persistence::{LifecycleState, TimeToLive};
use governance_persistence_conformance::Snapshot;
use governance_persistence_redis::{RedisBackplane, RedisOptions};
use std::time::Duration;

fn large(key: &ExperimentKey) -> Commit {
    let metadata = JsonObject::try_from(Json::parse(&format!("{{\"x\":{:?}}}", "y".repeat(200_000))).unwrap()).unwrap();
    let transition = StateTransition::new(LifecycleState::Draft, LifecycleState::Archived, "alice");
    Commit::builder(key, Expected::Any).record(transition.with_metadata(metadata)).build().unwrap()
}

#[tokio::test]
async fn given_a_full_server_then_nothing_is_applied_and_the_same_commit_goes_through_when_there_is_room() {
    let Some(server) = server(&["--maxmemory", "8mb"]) else { return };
    let backplane = RedisBackplane::connect(&options(&server)).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    let mut applied = 0;
    let (refused, error) = loop {
        let commit = large(&key);
        match backplane.commit(&commit).await {
            Ok(_) => applied += 1,
            Err(error) => break (commit, error),
        }
        assert!(applied < 100, "it never fills up");
    };
    assert!(matches!(&error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
    assert!(error.to_string().contains("maxmemory"), "{error}");
    assert_eq!(Snapshot::of(&backplane, &key).await.log.len(), applied);

    assert_eq!(raw(&server).ask(&["CONFIG", "SET", "maxmemory", "0"]).unwrap(), Answer::Text("OK".to_owned()));
    assert!(!backplane.commit(&refused).await.unwrap().replayed);
    assert_eq!(Snapshot::of(&backplane, &key).await.log.len(), applied + 1);
}

#[tokio::test]
async fn given_a_server_that_forgot_its_scripts_then_they_are_sent_again() {
    let Some(server) = server(&[]) else { return };
    let backplane = RedisBackplane::connect(&options(&server)).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    for version in 1..=3 {
        assert_eq!(raw(&server).ask(&["SCRIPT", "FLUSH"]).unwrap(), Answer::Text("OK".to_owned()));
        backplane.commit(&one_of_each(&key, version)).await.unwrap();
    }
    assert_eq!(Snapshot::of(&backplane, &key).await.log.len(), 3);
}

/// Given a server that is killed while many write, when it is back, then the same handle goes on, and all that was
/// acknowledged is there once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_server_that_is_killed_while_many_write_then_nothing_acknowledged_is_lost() {
    let Some(mut server) = server(&["--appendfsync", "always"]) else { return };
    let options = options(&server).command_timeout(Duration::from_secs(2)).unwrap();
    let backplane = RedisBackplane::connect(&options).await.unwrap();
    let backplane = std::sync::Arc::new(Retrying::new(backplane).deadline(Duration::from_secs(60)));
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let backplane = backplane.clone();
            tokio::spawn(async move {
                let key = ExperimentKey::new(&format!("of writer {writer}")).unwrap();
                for version in 1..=150 {
                    backplane.commit(&one_of_each(&key, version)).await.unwrap();
                }
                key
            })
        })
        .collect();
    let (killed, server) = tokio::task::spawn_blocking(move || {
        let mut asked = raw(&server);
        // Not before the writers are at it.
        while asked.ask(&["ZCARD", "governance:experiments"]).unwrap() != Answer::Integer(8) {}
        server.kill().unwrap();
        server.restart().unwrap();
        (true, server)
    })
    .await
    .unwrap();
    for writer in writers {
        let key = writer.await.unwrap();
        let snapshot = Snapshot::of(&*backplane, &key).await;
        assert_eq!(snapshot.log.len(), 150, "{key}");
        snapshot.log.iter().for_each(|entry| entry.verify().unwrap());
    }
    assert!(killed && server.process().is_running());
}

/// Given a server that stands still for longer than an answer is waited for, then every call ends by itself. Sent
/// again when it goes on, each commit resolves, and is there once.
#[tokio::test]
async fn given_a_server_that_stands_still_then_calls_end_and_the_same_commits_resolve_later() {
    let Some(server) = server(&[]) else { return };
    let options = options(&server).command_timeout(Duration::from_millis(200)).unwrap();
    let backplane = RedisBackplane::connect(&options).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    backplane.commit(&one_of_each(&key, 1)).await.unwrap();

    server.pause().unwrap();
    let commits: Vec<Commit> = (0..8).map(|_| large(&key)).collect();
    let answers = futures_util::future::join_all(commits.iter().map(|commit| backplane.commit(commit))).await;
    for answer in answers {
        let error = answer.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    }
    let error = backplane.head(&key, Consistency::Strong).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error}");
    server.resume().unwrap();

    let backplane = Retrying::new(backplane).deadline(Duration::from_secs(60));
    for commit in &commits {
        backplane.commit(commit).await.unwrap();
    }
    let snapshot = Snapshot::of(&backplane, &key).await;
    assert_eq!(snapshot.log.len(), 9);
}

/// Given a server that is down, then a commit was not applied, as soon as that is known; one that is sent while it comes back
/// waits for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_server_that_is_down_then_a_commit_is_not_applied_and_one_that_waits_for_it_is() {
    let Some(mut server) = server(&[]) else { return };
    let impatient = options(&server).command_timeout(Duration::from_millis(300)).unwrap();
    let impatient = RedisBackplane::connect(&impatient).await.unwrap();
    let patient = options(&server).command_timeout(Duration::from_secs(60)).unwrap();
    let patient = RedisBackplane::connect(&patient).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    impatient.commit(&one_of_each(&key, 1)).await.unwrap();

    server.kill().unwrap();
    // What comes right behind the loss may be on its way before it is noticed.
    let mut outcomes = Vec::new();
    for _ in 0..6 {
        let error = impatient.commit(&one_of_each(&key, 2)).await.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
        outcomes.push(error.outcome());
    }
    assert_eq!(outcomes[3..], [Outcome::NotApplied; 3], "{outcomes:?}");
    let commit = one_of_each(&key, 2);
    let (receipt, _server) = tokio::join!(patient.commit(&commit), async {
        tokio::task::spawn_blocking(move || {
            server.restart().unwrap();
            server
        })
        .await
        .unwrap()
    });
    assert_eq!(receipt.unwrap().sequence.get(), 2);
}

/// Given a server that also listens at a socket, then it is written to over that, in the database that the URL names.
#[tokio::test]
async fn given_a_unix_socket_then_it_is_connected_to_with_and_without_a_database() {
    // The server is in the folder of its data.
    let Some(server) = server(&["--unixsocket", "redis.sock"]) else { return };
    let url = format!("unix://{}", server.data().join("redis.sock").display());
    let key = ExperimentKey::new("checkout").unwrap();
    for (url, database) in [(url.clone(), "0"), (format!("{url}?db=3"), "3")] {
        let backplane = RedisBackplane::connect(&RedisOptions::new(&url).unwrap()).await.unwrap();
        assert_eq!(backplane.commit(&one_of_each(&key, 1)).await.unwrap().sequence.get(), 1, "{url}");
        assert_eq!(Snapshot::of(&backplane, &key).await.log.len(), 1);
        let head = ["HGET", "governance:{//checkout}:head", "sequence"];
        let mut raw = raw(&server);
        assert_eq!(raw.ask(&["SELECT", database]).unwrap(), Answer::Text("OK".to_owned()));
        assert_eq!(raw.ask(&head).unwrap(), Answer::Text("1".to_owned()), "{url}");
    }
}

/// The server itself ends the life of an ephemeral: it is gone from its keys, without anybody asking for it.
#[tokio::test]
async fn given_an_ephemeral_then_its_keys_have_the_time_to_live_of_the_server() {
    let Some(server) = server(&[]) else { return };
    let backplane = RedisBackplane::connect(&options(&server)).await.unwrap();
    let key = ExperimentKey::new("checkout").unwrap();
    let (kind, id) = (EphemeralKind::new("a:b").unwrap(), EphemeralId::new("{x}").unwrap());
    let hour = TimeToLive::new(Duration::from_secs(3_600)).unwrap();
    backplane.ephemeral().put(&key, &kind, &id, &Json::parse("[1]").unwrap(), hour).await.unwrap();
    let mut raw = raw(&server);
    for name in ["ephemeral:a%3Ab:%7Bx%7D", "ephemerals:a%3Ab"] {
        let left = raw.ask(&["PTTL", &format!("governance:{{//checkout}}:{name}")]).unwrap();
        assert!(matches!(left, Answer::Integer(1..=3_600_000)), "{name}: {left:?}");
    }
}
