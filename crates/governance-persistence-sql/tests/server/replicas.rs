//! Replicas for reads that may be a little late.

use crate::own::Own;
use crate::place::{Place, one_of_each};
use governance_persistence::{
    Backplane, Commit, Consistency, Error, Expected, ExperimentKey, Outcome, PageSize, Sequence,
};
use governance_persistence_conformance::{Snapshot, samples};
use governance_persistence_sql::{Migrate, SqlBackplane, SqlOptions};
use std::time::Duration;

const HANGS: Duration = Duration::from_secs(90);

fn key() -> ExperimentKey {
    ExperimentKey::new("checkout").unwrap()
}

async fn commit(backplane: &SqlBackplane) -> Sequence {
    let commit = Commit::builder(&key(), Expected::Any).record(samples::transition()).build().unwrap();
    backplane.commit(&commit).await.unwrap().sequence
}

/// A server that only reads is none to be connected to, as it says by itself.
fn assert_only_reads(error: &Error) {
    assert!(matches!(error, Error::Unavailable { outcome: Outcome::NotApplied, .. }), "{error:?}");
    assert!(error.to_string().contains("only reads"), "{error}");
}

async fn seen(backplane: &SqlBackplane, consistency: Consistency) -> Sequence {
    backplane.head(&key(), consistency).await.unwrap().sequence
}

/// Until it is so; nothing tells when a replica has followed.
async fn until(is_so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(HANGS, waiting).await.expect("it comes to be so");
}

/// Until eventual reads are served by a replica that stands still, which shows by its age.
async fn until_seen(backplane: &SqlBackplane, sequence: Sequence) {
    let looking = async {
        while seen(backplane, Consistency::Eventual).await != sequence {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(HANGS, looking).await.expect("the replica is never asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_replica_that_lags_when_read_then_strong_reads_do_not_see_it_and_eventual_ones_do() {
    let Some(own) = Own::start_followed() else { return };
    own.connect().await.close().await.unwrap();
    let mut replica = own.server.replica().unwrap();
    replica.catch_up(&own.server).unwrap();
    let backplane = SqlBackplane::connect(&own.options().read_replicas([replica.url()]).unwrap()).await.unwrap();
    let first = commit(&backplane).await;
    replica.catch_up(&own.server).unwrap();
    Own::hold_back(&replica);
    let second = commit(&backplane).await;

    for _ in 0..20 {
        assert_eq!(seen(&backplane, Consistency::Strong).await, second);
        assert_eq!(seen(&backplane, Consistency::Eventual).await, first);
    }
    // All statements of one read see the same server.
    let log = backplane.log(&key(), Sequence::ZERO, PageSize::MAX, Consistency::Eventual).await.unwrap();
    assert_eq!(log.len(), 1);

    // It goes away, and nobody notices but by what is fresh.
    replica.kill().unwrap();
    for _ in 0..20 {
        assert_eq!(seen(&backplane, Consistency::Eventual).await, second);
    }
    // It comes back, and is asked again.
    replica.restart().unwrap();
    replica.catch_up(&own.server).unwrap();
    Own::hold_back(&replica);
    let third = commit(&backplane).await;
    assert_eq!(seen(&backplane, Consistency::Strong).await, third);
    until_seen(&backplane, second).await;
    assert_eq!(seen(&backplane, Consistency::Strong).await, third);
    backplane.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_replica_that_is_away_or_behind_by_a_migration_then_connecting_and_reading_do_without_it() {
    let Some(own) = Own::start_followed() else { return };
    let replica = own.server.replica().unwrap();
    Own::hold_back(&replica);
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let away = own.server.url().replace(&format!(":{}/", own.server.port()), &format!(":{}/", nobody.port()));
    // The schema is not there yet, where replay stands still.
    let options = own.options().read_replicas([away, replica.url()]).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    let written = commit(&backplane).await;
    for _ in 0..20 {
        assert_eq!(seen(&backplane, Consistency::Eventual).await, written);
    }

    // Once it has the schema, it comes in.
    Own::let_go_on(&replica);
    replica.catch_up(&own.server).unwrap();
    Own::hold_back(&replica);
    commit(&backplane).await;
    until_seen(&backplane, written).await;
    backplane.close().await.unwrap();
}

#[tokio::test]
async fn given_a_replica_that_refuses_the_password_when_connecting_then_it_says_so() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let wrong = place.replica_url().replace("governance:governance@", "governance:hidden@");
    let options = place.options().read_replicas([wrong]).unwrap();
    let error = SqlBackplane::connect(&options).await.unwrap_err();
    assert!(matches!(error, governance_persistence::Error::Invalid(_)), "{error:?}");
    assert!(error.to_string().contains("readReplicas is refused by the server"), "{error}");
    assert!(!format!("{error:?} {error} {options:?}").contains("hidden"));

    for (url, replica) in [("sqlite:a.db", place.url()), (place.url().as_str(), "sqlite:a.db".to_owned())] {
        let Ok(options) = SqlOptions::new(url) else { continue };
        let error = options.read_replicas([replica]).unwrap_err().to_string();
        assert!(error.contains("readReplicas"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_replica_that_refuses_its_account_after_connecting_when_read_then_other_servers_answer() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let primary = place.connect().await;
    let sequence = commit(&primary).await;
    let url = place.reader().await;
    until(async || place.can_read(&url).await).await;
    let options = place.options().read_replicas([&url]).unwrap().max_lifetime(Duration::from_millis(200)).unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    until(async || {
        seen(&backplane, Consistency::Eventual).await;
        place.readers().await > 0
    })
    .await;

    place.lock_reader().await;
    until(async || !place.can_read(&url).await).await;
    // Its connections grow old, and no new one is made.
    until(async || {
        seen(&backplane, Consistency::Eventual).await;
        place.readers().await == 0
    })
    .await;
    for _ in 0..20 {
        assert_eq!(seen(&backplane, Consistency::Eventual).await, sequence);
    }
    backplane.close().await.unwrap();
    place.drop_reader().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_the_shared_replica_when_it_has_caught_up_then_eventual_reads_are_complete() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    let options = place.options().read_replicas([place.replica_url(), place.replica_url()]).unwrap();
    place.connect().await.close().await.unwrap();
    let backplane = SqlBackplane::connect(&options).await.unwrap();
    let sent = one_of_each(&key(), 1);
    backplane.commit(&sent).await.unwrap();
    let reading = async {
        loop {
            match backplane.entry(&key(), sent.id(), Consistency::Eventual).await.unwrap() {
                Some(entry) => return entry,
                None => tokio::task::yield_now().await,
            }
        }
    };
    let entry = tokio::time::timeout(HANGS, reading).await.expect("the replica follows");
    entry.verify().unwrap();
    assert_eq!(entry.records, sent.records());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_the_url_of_a_replica_when_connecting_as_if_it_were_the_primary_then_it_is_refused() {
    let Some(place) = Place::with_all_or_skip().await else { return };
    place.connect().await.close().await.unwrap();
    for migrate in [Migrate::Never, Migrate::OnConnect] {
        let options = SqlOptions::new(&place.replica_url()).unwrap().migrate(migrate);
        assert_only_reads(&SqlBackplane::connect(&options).await.unwrap_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_primary_that_was_demoted_when_a_commit_finds_out_then_strong_reads_are_refused_until_it_is_one_again()
{
    let Some(mut own) = Own::start_followed() else { return };
    let backplane = own.connect().await;
    let first = commit(&backplane).await;
    assert_eq!(seen(&backplane, Consistency::Strong).await, first);

    own.demote();
    let refused = async {
        loop {
            let error = backplane.commit(&one_of_each(&key(), 1)).await.unwrap_err();
            // The server may have cut the connection before.
            if error.to_string().contains("only reads") {
                return error;
            }
        }
    };
    assert_only_reads(&tokio::time::timeout(HANGS, refused).await.expect("it says so"));
    for _ in 0..20 {
        assert_only_reads(&backplane.head(&key(), Consistency::Strong).await.unwrap_err());
    }

    own.server.promote().unwrap();
    let second = commit(&backplane).await;
    assert_eq!(seen(&backplane, Consistency::Strong).await, second);
    assert_eq!(second, first.next());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_primary_that_died_when_its_replica_is_promoted_then_what_was_replicated_goes_on() {
    let Some(mut own) = Own::start_followed() else { return };
    let backplane = own.connect().await;
    let replica = own.server.replica().unwrap();
    for version in 1..=50 {
        backplane.commit(&one_of_each(&key(), version)).await.unwrap();
    }
    let before = Snapshot::of(&backplane, &key()).await;
    // Replication is not synchronous: what has arrived is what survives.
    replica.catch_up(&own.server).unwrap();
    let options = SqlOptions::new(&replica.url()).unwrap().migrate(Migrate::Never);
    assert_only_reads(&SqlBackplane::connect(&options).await.unwrap_err());
    own.server.kill().unwrap();
    backplane.commit(&one_of_each(&key(), 51)).await.unwrap_err();
    replica.promote().unwrap();

    let promoted = SqlBackplane::connect(&options).await.unwrap();
    assert_eq!(Snapshot::of(&promoted, &key()).await, before);
    // A commit that was acknowledged before is known here too, and history goes on where it was.
    let again = promoted.commit(&one_of_each(&key(), 51)).await.unwrap();
    assert_eq!(again.sequence.get(), 51);
    assert_eq!(Snapshot::of(&promoted, &key()).await.log.len(), 51);
}
