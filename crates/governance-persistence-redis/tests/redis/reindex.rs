//! The listing of experiments, spoilt by hand and repaired, while nobody writes and while many do.

use crate::place::{Place, one_of_each};
use crate::raw::Answer;
use futures_util::TryStreamExt;
use futures_util::future::{join_all, try_join_all};
use governance_persistence::{Backplane, BackplaneExt, Consistency, Error, ExperimentKey, ExperimentsQuery, Filter};
use governance_persistence_conformance::Opener as _;
use governance_persistence_redis::{RedisBackplane, Reindex, Reindexed};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Makes a test of each kind of servers out of each of these.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod one_server {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(super::Place::on_one_server()).await; })*
        }
        mod cluster {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(super::Place::on_a_cluster()).await; })*
        }
    };
}

on_both!(
    given_a_listing_that_was_spoilt_when_reindexed_then_it_is_right_and_a_dry_run_changes_nothing,
    given_a_listing_that_is_gone_when_reindexed_then_every_experiment_is_listed_in_order,
    given_writers_of_new_experiments_when_reindexed_all_the_time_then_each_is_listed,
    given_keys_of_others_when_reindexed_then_they_stay_and_are_not_listed,
);

async fn listed(backplane: &RedisBackplane) -> Vec<ExperimentKey> {
    let heads = backplane.experiments_stream(ExperimentsQuery::new(Filter::Any), Consistency::Strong);
    heads.map_ok(|head| head.key).try_collect().await.unwrap()
}

async fn reindex(backplane: &RedisBackplane, how: Reindex) -> Reindexed {
    let mut last = Reindexed::default();
    let done = backplane.reindex(how, |progress| last = *progress).await.unwrap();
    assert_eq!(last, done, "what is told last is what is returned");
    done
}

/// So many experiments, in key order, of names that have all kinds of letters.
async fn experiments(backplane: &RedisBackplane, count: usize) -> Vec<ExperimentKey> {
    let scopes = [(None, None), (Some("a/b"), None), (None, Some("{x}:")), (Some("é"), Some("*"))];
    let key = |number: usize| {
        let (tenant, environment) = scopes[number % scopes.len()];
        ExperimentKey::from_parts(tenant, environment, &format!("100% {{e}} {number}")).unwrap()
    };
    let mut keys: Vec<ExperimentKey> = (0..count).map(key).collect();
    try_join_all(keys.iter().map(|key| async move { backplane.commit(&one_of_each(key, 1)).await })).await.unwrap();
    keys.sort();
    keys
}

fn member(key: &ExperimentKey) -> String {
    [key.tenant().unwrap_or(""), key.environment().unwrap_or(""), key.name()].join("\0")
}

async fn given_a_listing_that_was_spoilt_when_reindexed_then_it_is_right_and_a_dry_run_changes_nothing(place: Place) {
    if place.missing().is_some() {
        return;
    }
    let backplane = place.connect().await;
    let keys = experiments(&backplane, 40).await;
    let listing = format!("{}experiments", place.prefix());
    for key in &keys[..7] {
        assert_eq!(place.ask(&["ZREM", &listing, &member(key)]), Answer::Integer(1));
    }
    // Out of order, which hides others too; one that has no history; one that is none.
    place.ask(&["ZADD", &listing, "5", &member(&keys[10])]);
    place.ask(&["ZADD", &listing, "0", "\0\0never begun", "0", "rubbish"]);
    let spoilt = place.ask(&["ZRANGE", &listing, "0", "-1", "WITHSCORES"]);
    assert_ne!(listed(&backplane).await, keys);

    let found = reindex(&backplane, Reindex::DryRun).await;
    assert_eq!((found.added, found.removed, found.experiments), (8, 2, 40), "{found:?}");
    assert_eq!(place.ask(&["ZRANGE", &listing, "0", "-1", "WITHSCORES"]), spoilt);

    let done = reindex(&backplane, Reindex::Repair).await;
    assert_eq!((done.added, done.removed, done.experiments), (8, 2, 40), "{done:?}");
    assert!(done.scanned >= 40 && done.checked >= 40, "{done:?}");
    assert_eq!(listed(&backplane).await, keys);
    let again = reindex(&backplane, Reindex::Repair).await;
    assert_eq!((again.added, again.removed, again.experiments), (0, 0, 40), "{again:?}");
}

/// More than a server tells of at once.
async fn given_a_listing_that_is_gone_when_reindexed_then_every_experiment_is_listed_in_order(place: Place) {
    if place.missing().is_some() {
        return;
    }
    let backplane = place.connect().await;
    let keys = experiments(&backplane, 1_300).await;
    place.ask(&["DEL", &format!("{}experiments", place.prefix())]);
    assert_eq!(listed(&backplane).await, []);
    let done = reindex(&backplane, Reindex::Repair).await;
    assert_eq!((done.added, done.removed, done.experiments), (1_300, 0, 1_300));
    assert_eq!(listed(&backplane).await, keys);
}

async fn given_writers_of_new_experiments_when_reindexed_all_the_time_then_each_is_listed(place: Place) {
    if place.missing().is_some() {
        return;
    }
    const WRITERS: usize = 4;
    let (backplane, at_work) = (Arc::new(place.connect().await), Arc::new(AtomicUsize::new(WRITERS)));
    let write = |writer: usize| {
        let (place, at_work) = (place.options(), at_work.clone());
        tokio::spawn(async move {
            // Each with connections of its own, as other processes have.
            let backplane = RedisBackplane::connect(&place).await.unwrap();
            for number in 0..300 {
                let key = ExperimentKey::new(&format!("{writer}-{number:03}")).unwrap();
                backplane.commit(&one_of_each(&key, 1)).await.unwrap();
            }
            at_work.fetch_sub(1, Ordering::SeqCst);
        })
    };
    let writers: Vec<_> = (0..WRITERS).map(write).collect();
    let mut runs = 0;
    while at_work.load(Ordering::SeqCst) > 0 && writers.iter().all(|one| !one.is_finished() || runs > 0) {
        reindex(&backplane, Reindex::Repair).await;
        runs += 1;
    }
    join_all(writers).await.into_iter().for_each(|writer| writer.unwrap());
    assert!(runs > 1, "it ran while they wrote");
    let expected = (0..WRITERS).flat_map(|writer| (0..300).map(move |number| format!("{writer}-{number:03}")));
    let names: Vec<String> = listed(&backplane).await.iter().map(|key| key.name().to_owned()).collect();
    assert_eq!(names, expected.collect::<Vec<_>>());
}

async fn given_keys_of_others_when_reindexed_then_they_stay_and_are_not_listed(place: Place) {
    if place.missing().is_some() {
        return;
    }
    let backplane = place.connect().await;
    let keys = experiments(&backplane, 3).await;
    // All but the first match the pattern of heads, or nearly.
    let others = ["note", "{one}:head", "{a/b}:head", "{///}:head", "{//%zz}:head", "{//x}:ephemeral:y:head"];
    let others: Vec<String> = others.iter().map(|name| format!("{}{name}", place.prefix())).collect();
    for other in &others {
        assert_eq!(place.ask(&["SET", other, "kept"]), Answer::Text("OK".to_owned()));
    }
    let done = reindex(&backplane, Reindex::Repair).await;
    assert_eq!((done.scanned, done.added, done.removed), (3, 0, 0));
    assert_eq!(listed(&backplane).await, keys);
    for other in &others {
        assert_eq!(place.ask(&["GET", other]), Answer::Text("kept".to_owned()));
    }
}

/// A listing of another type cannot be repaired; what to do is told.
#[tokio::test]
async fn given_a_listing_of_the_wrong_type_when_reindexed_then_it_is_named_and_stays() {
    let Some(place) = Place::or_skip() else { return };
    let backplane = place.connect().await;
    experiments(&backplane, 1).await;
    let listing = format!("{}experiments", place.prefix());
    place.ask(&["DEL", &listing]);
    place.ask(&["SET", &listing, "text"]);
    let error = backplane.reindex(Reindex::Repair, |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::Backend { .. }) && error.to_string().contains(&listing), "{error}");
    assert_eq!(place.ask(&["GET", &listing]), Answer::Text("text".to_owned()));
}

/// Given what looks like an experiment that never began, when its first commit comes while the listing is repaired,
/// then it is listed, though its writer never came to list it again.
#[tokio::test]
async fn given_a_first_commit_in_the_middle_of_a_reindex_then_the_experiment_is_listed() {
    let Some(place) = Place::or_skip() else { return };
    let backplane = place.connect().await;
    let (listing, head) = (format!("{}experiments", place.prefix()), format!("{}{{//late}}:head", place.prefix()));
    place.ask(&["ZADD", &listing, "0", "\0\0late"]);
    let mut raw = place.raw();
    let mut was_removed = false;
    let progress = |told: &Reindexed| {
        if told.removed == 1 && !was_removed {
            was_removed = true;
            raw.ask(&["HSET", &head, "sequence", "1", "recorded-at", "1"]).unwrap();
        }
    };
    let done = backplane.reindex(Reindex::Repair, progress).await.unwrap();
    assert!(was_removed);
    assert_eq!((done.removed, done.experiments), (0, 1));
    assert_eq!(place.ask(&["ZSCORE", &listing, "\0\0late"]), Answer::Text("0".to_owned()));
}

/// Given a writer that has listed its experiment, when it is taken out before the first commit, as it looks as if
/// it had none, then the writer lists it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_an_experiment_that_is_taken_out_before_its_first_commit_then_it_is_listed_all_the_same() {
    const TAKE_OUT: &str = "return redis.call('EXISTS', KEYS[2]) == 0 and redis.call('ZREM', KEYS[1], ARGV[1])";
    let Some(place) = Place::or_skip() else { return };
    let (backplane, listing) = (Arc::new(place.connect().await), format!("{}experiments", place.prefix()));
    let mut hits = 0;
    for number in 0..2_000 {
        let key = ExperimentKey::new(&format!("n{number}")).unwrap();
        let (writer, commit) = (backplane.clone(), one_of_each(&key, 1));
        let writing = tokio::spawn(async move { writer.commit(&commit).await.unwrap() });
        let head = format!("{}{{//n{number}}}:head", place.prefix());
        let (mut raw, name, listing) = (place.raw(), member(&key), listing.clone());
        let hit = tokio::task::spawn_blocking(move || {
            // Until it was listed and taken out, or the commit is there.
            loop {
                if raw.ask(&["EVAL", TAKE_OUT, "2", &listing, &head, &name]).unwrap() == Answer::Integer(1) {
                    return 1;
                }
                if raw.ask(&["EXISTS", &head]).unwrap() == Answer::Integer(1) {
                    return 0;
                }
            }
        });
        hits += hit.await.unwrap();
        writing.await.unwrap();
        let found = listed(&backplane).await;
        assert!(found.contains(&key), "{key} is not listed");
        if hits == 3 {
            return;
        }
    }
    panic!("it was never taken out in time");
}
