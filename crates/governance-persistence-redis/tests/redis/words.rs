//! Names that mean something to the protocol, which a client may take for what they say.

use crate::place::{Place, one_of_each};
use futures_util::future::join_all;
use governance_persistence::{
    Backplane, EphemeralId, EphemeralKind, ExperimentKey, ExperimentsQuery, Filter, Json, TimeToLive,
};
use governance_persistence_redis::{RedisBackplane, Reindex};
use std::time::Duration;

/// As many of each as such a message has parts.
const LISTS: &[&[&str]] = &[
    &["message", "n", "o"],
    &["smessage", "n", "o"],
    &["pmessage", "n", "o", "p"],
    &["subscribe", "x", "y"],
    &["psubscribe", "x", "y", "z"],
    &["unsubscribe", "x", "y"],
    &["pubsub", "subscribe", "x"],
];

async fn put(backplane: &RedisBackplane, key: &ExperimentKey, kind: &EphemeralKind, ids: &[&str]) {
    // Each expires after the one before, which is the order in which the server has them.
    for (hours, id) in (1..).zip(ids) {
        let time_to_live = TimeToLive::new(Duration::from_secs(3_600 * hours)).unwrap();
        let id = EphemeralId::new(id).unwrap();
        backplane.ephemeral().put(key, kind, &id, &Json::parse("1").unwrap(), time_to_live).await.unwrap();
    }
}

/// Given ephemerals that are called like parts of the protocol, when they are listed while others commit on the same
/// connection, then each commit gets its own receipt.
#[tokio::test]
async fn given_ids_that_are_words_of_the_protocol_when_listed_then_every_answer_goes_where_it_belongs() {
    let Some(place) = Place::or_skip() else { return };
    let options = place.options().connections(1).unwrap().command_timeout(Duration::from_secs(2)).unwrap();
    let backplane = RedisBackplane::connect(&options).await.unwrap();
    for (number, ids) in LISTS.iter().enumerate() {
        let (key, kind) = (ExperimentKey::new("ephemerals").unwrap(), EphemeralKind::new(ids[0]).unwrap());
        put(&backplane, &key, &kind, ids).await;
        let keys: Vec<_> = (0..4).map(|at| ExperimentKey::new(&format!("{number}-{at}")).unwrap()).collect();
        // One has more commits than the next, so that receipts differ.
        for (behind, key) in keys.iter().enumerate() {
            for version in 1..=behind as u64 {
                backplane.commit(&one_of_each(key, version)).await.unwrap();
            }
        }
        let commits: Vec<_> = (1..).zip(&keys).map(|(version, key)| one_of_each(key, version)).collect();
        let (listed, receipts) = tokio::join!(
            backplane.ephemeral().list(&key, &kind),
            join_all(commits.iter().map(|commit| backplane.commit(commit))),
        );
        for (sequence, receipt) in (1..).zip(receipts) {
            let receipt = receipt.unwrap();
            assert_eq!((receipt.sequence.get(), receipt.replayed), (sequence, false), "{ids:?}");
        }
        let mut sorted = ids.to_vec();
        sorted.sort_unstable();
        let listed = listed.unwrap();
        assert_eq!(listed.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), sorted);
    }
}

/// Given a listing that a foreign hand has put such words in, then it is read and repaired as any other.
#[tokio::test]
async fn given_words_of_the_protocol_in_the_listing_when_it_is_read_and_repaired_then_they_are_no_experiments() {
    for words in LISTS.iter().copied() {
        let Some(place) = Place::or_skip() else { return };
        let options = place.options().connections(1).unwrap().command_timeout(Duration::from_secs(2)).unwrap();
        let backplane = RedisBackplane::connect(&options).await.unwrap();
        let listing = format!("{}experiments", place.prefix());
        // A scan tells each with its score, so that two of them are four.
        for words in [words, &words[..2]] {
            for word in words {
                place.ask(&["ZADD", &listing, "0", word]);
            }
            let query = ExperimentsQuery::new(Filter::Any);
            let found = backplane.experiments(&query, governance_persistence::Consistency::Strong).await.unwrap();
            assert_eq!(found.items, [], "{words:?}");
            let done = backplane.reindex(Reindex::Repair, |_| {}).await.unwrap();
            assert_eq!((done.removed, done.experiments), (words.len() as u64, 0), "{words:?}");
        }
    }
}
