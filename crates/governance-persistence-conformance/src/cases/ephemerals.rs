//! Small values that expire, beside the history.

use crate::act::{Draft, apply, state};
use crate::{Opener, Snapshot, answer, samples};
use governance_persistence::{
    Backplane, EphemeralId, EphemeralItem, EphemeralKind, Expected, ExperimentKey, Json, TimeToLive, Timestamp, limits,
};
use std::time::{Duration, Instant};

fn kind(label: &str) -> EphemeralKind {
    EphemeralKind::new(label).expect("the label is valid")
}

fn id(label: &str) -> EphemeralId {
    EphemeralId::new(label).expect("the label is valid")
}

fn value(text: &str) -> Json {
    Json::from_value(&serde_json::json!({ "text": text })).expect("it is JSON")
}

fn hour() -> TimeToLive {
    TimeToLive::new(Duration::from_secs(3_600)).expect("it is allowed")
}

fn millis(millis: u64) -> TimeToLive {
    TimeToLive::new(Duration::from_millis(millis)).expect("it is allowed")
}

async fn put(backplane: &dyn Backplane, key: &ExperimentKey, at: (&str, &str), json: &Json, ttl: TimeToLive) {
    let (kind, id) = (kind(at.0), id(at.1));
    backplane.ephemeral().put(key, &kind, &id, json, ttl).await.expect("the value is put");
}

async fn get(backplane: &dyn Backplane, key: &ExperimentKey, at: (&str, &str)) -> Option<Json> {
    let found = backplane.ephemeral().get(key, &kind(at.0), &id(at.1)).await.expect("a value can be asked for")?;
    assert_eq!(found.id, id(at.1));
    Some(found.value)
}

async fn list(backplane: &dyn Backplane, key: &ExperimentKey, of: &str) -> Vec<EphemeralItem> {
    backplane.ephemeral().list(key, &kind(of)).await.expect("values are listed")
}

async fn remove(backplane: &dyn Backplane, key: &ExperimentKey, at: (&str, &str)) -> bool {
    backplane.ephemeral().remove(key, &kind(at.0), &id(at.1)).await.expect("the value is removed")
}

/// A value that was put is found through every handle, until it is removed.
pub async fn a_value_is_there_until_it_is_removed(opener: &dyn Opener) {
    let (backplane, other, key) = (opener.open().await, opener.open().await, samples::key());
    assert_eq!(get(&backplane, &key, ("k", "a")).await, None);
    assert!(!remove(&backplane, &key, ("k", "a")).await, "nothing was there to remove");

    put(&backplane, &key, ("k", "a"), &samples::odd_json(), hour()).await;
    assert_eq!(get(&other, &key, ("k", "a")).await, Some(samples::odd_json()));

    assert!(remove(&other, &key, ("k", "a")).await, "a value was there");
    assert_eq!(get(&backplane, &key, ("k", "a")).await, None);
    assert_eq!(list(&backplane, &key, "k").await, []);
    assert!(!remove(&backplane, &key, ("k", "a")).await, "it was removed already");
}

/// A value that is put again replaces the one before, and its time starts anew.
pub async fn a_value_put_again_replaces_the_one_before(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    put(&backplane, &key, ("k", "a"), &value("first"), millis(1)).await;
    put(&backplane, &key, ("k", "a"), &value("second"), hour()).await;
    put(&backplane, &key, ("k", "b"), &value("marker"), millis(1)).await;

    gone(&backplane, &key, ("k", "b")).await;

    assert_eq!(get(&backplane, &key, ("k", "a")).await, Some(value("second")));
    assert_eq!(list(&backplane, &key, "k").await.len(), 1);
}

/// Values of a kind are listed in the order of their ids, by bytes; those of other kinds are not.
pub async fn values_are_listed_in_the_order_of_their_ids(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let mut ids =
        ["b", "a", "A", "10", "9", "ä", "a\u{308}", "😀", "\u{fb33}", "a b", "a/b", "a:b", "%", "_", "*", "'"];
    for id in ids {
        put(&backplane, &key, ("k", id), &value(id), hour()).await;
    }
    put(&backplane, &key, ("K", "other"), &value("other"), hour()).await;
    ids.sort_unstable();

    let listed = list(&backplane, &key, "k").await;

    assert_eq!(listed.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ids);
    assert!(listed.iter().all(|item| item.value == value(item.id.as_str())));
}

/// Ids are plain text, also those that mean something to a protocol: as many as its messages have parts, each expiring
/// after the one before.
pub async fn ids_may_be_words_of_a_protocol(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let lists: [&[&str]; 5] = [
        &["message", "n", "o"],
        &["smessage", "n", "o"],
        &["pmessage", "n", "o", "p"],
        &["subscribe", "x", "y"],
        &["psubscribe", "x", "y", "z"],
    ];
    for ids in lists {
        for (place, id) in (1..).zip(ids) {
            put(&backplane, &key, (ids[0], id), &value(id), millis(place * 600_000)).await;
        }
        let listed = list(&backplane, &key, ids[0]).await;
        let mut sorted = ids.to_vec();
        sorted.sort_unstable();
        assert_eq!(listed.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), sorted);
        assert_eq!(get(&backplane, &key, (ids[0], ids[1])).await, Some(value(ids[1])));
    }
}

/// Values of another experiment, kind or id are others, whatever the parts are made of.
pub async fn values_do_not_run_into_each_other(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::scope(Some("production"), &samples::unique("name")));
    let keys = [
        key.clone(),
        key.in_environment("staging").expect("it is valid"),
        key.in_tenant(&samples::unique("tenant")).expect("it is valid"),
        ExperimentKey::from_parts(None, key.environment(), key.name()).expect("it is valid"),
        ExperimentKey::from_parts(key.tenant(), None, key.name()).expect("it is valid"),
        ExperimentKey::from_parts(key.tenant(), key.environment(), "a").expect("it is valid"),
    ];
    let places =
        [("a", "a"), ("a", "A"), ("A", "a"), ("a", "a:a"), ("a:a", "a"), ("a/a", "a"), ("a", "a/a"), ("%", "*")];
    let text = |key: &ExperimentKey, (kind, id): (&str, &str)| value(&format!("{key} {kind} {id}"));
    for key in &keys {
        for place in places {
            put(&backplane, key, place, &text(key, place), hour()).await;
        }
    }
    for key in &keys {
        for place in places {
            assert_eq!(get(&backplane, key, place).await, Some(text(key, place)));
        }
    }
    assert!(remove(&backplane, &keys[0], ("a", "a")).await);
    assert_eq!(list(&backplane, &keys[0], "a").await.len(), 3);
    assert_eq!(list(&backplane, &keys[1], "a").await.len(), 4);
}

/// A value expires by the store's clock: it is neither found nor listed nor removed any more,
/// while others stay.
pub async fn a_value_expires(opener: &dyn Opener) {
    let (backplane, other, key) = (opener.open().await, opener.open().await, samples::key());
    put(&backplane, &key, ("k", "short"), &value("short"), millis(30)).await;
    put(&backplane, &key, ("k", "long"), &value("long"), TimeToLive::MAX).await;

    gone(&other, &key, ("k", "short")).await;

    let listed = list(&backplane, &key, "k").await;
    assert_eq!(listed.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["long"]);
    assert!(!remove(&backplane, &key, ("k", "short")).await, "what expired is not there to be removed");
    put(&backplane, &key, ("k", "short"), &value("again"), hour()).await;
    assert_eq!(get(&other, &key, ("k", "short")).await, Some(value("again")));
}

/// Found and listed tell the same about a value, and when it expires lies in the future.
pub async fn a_value_tells_when_it_expires(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    put(&backplane, &key, ("k", "hour"), &value("v"), hour()).await;
    put(&backplane, &key, ("k", "year"), &value("v"), TimeToLive::MAX).await;
    let found = backplane.ephemeral().get(&key, &kind("k"), &id("hour")).await.expect("it can be asked for");
    let listed = list(&backplane, &key, "k").await;
    assert_eq!(found.as_ref(), listed.first());
    assert!(listed[0].expires_at > Timestamp::UNIX_EPOCH);
    assert!(listed[0].expires_at < listed[1].expires_at, "an hour is over before a year");
}

/// A value of 1 MiB is taken; a larger one is refused, and what was there stays.
pub async fn a_value_too_large_is_refused(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let overhead = samples::large_json(0).as_str().len();
    let largest = samples::large_json(limits::MAX_COMMIT_BYTES - overhead);
    put(&backplane, &key, ("k", "a"), &largest, hour()).await;

    let larger = samples::large_json(limits::MAX_COMMIT_BYTES - overhead + 1);
    answer::invalid(backplane.ephemeral().put(&key, &kind("k"), &id("a"), &larger, hour()).await);

    assert_eq!(get(&backplane, &key, ("k", "a")).await, Some(largest));
}

/// Ephemerals leave no trace in the experiment: no head, no log, no listing.
pub async fn ephemerals_are_not_history(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    put(&backplane, &key, ("k", "a"), &value("v"), hour()).await;
    assert!(!Snapshot::of(&backplane, &key).await.head.exists());
    assert_eq!(super::experiments::of_tenant_of(&backplane, &key).await, []);

    apply(&backplane, &state(&key, Expected::Absent, Draft)).await;
    let before = Snapshot::of(&backplane, &key).await;
    put(&backplane, &key, ("k", "a"), &value("w"), hour()).await;
    remove(&backplane, &key, ("k", "a")).await;
    assert_eq!(Snapshot::of(&backplane, &key).await, before);
}

/// Waits until the value has expired. How soon is the store's affair; that it does is not.
async fn gone(backplane: &dyn Backplane, key: &ExperimentKey, at: (&str, &str)) {
    let bound = Instant::now() + Duration::from_secs(60);
    while get(backplane, key, at).await.is_some() {
        assert!(Instant::now() < bound, "a value of a few milliseconds is there after a minute");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
