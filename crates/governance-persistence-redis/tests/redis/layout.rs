//! What stands in the server: the keys and types that docs/redis.md names, and lists that grow by chunks.

use crate::place::{Place, one_of_each};
use crate::raw::{Answer, Raw, keys};
use governance_persistence::{
    Backplane, BackplaneExt, Commit, Consistency, Expected, ExperimentKey, HistoryQuery, PageSize, PolicyEvaluation,
    RecordKind, Sequence, Severity,
};
use governance_persistence_conformance::Snapshot;

const STRONG: Consistency = Consistency::Strong;

fn kind_of(raw: &mut Raw, key: &str) -> String {
    raw.ask(&["TYPE", key]).unwrap().text()
}

#[tokio::test]
async fn given_one_record_of_each_kind_then_the_keys_and_types_are_the_documented_ones() {
    let Some(place) = Place::or_skip() else { return };
    let backplane = place.connect().await;
    let key = ExperimentKey::from_parts(Some("a/b"), None, "{check}:*").unwrap();
    backplane.commit(&one_of_each(&key, 7)).await.unwrap();

    let mut raw = place.raw();
    let stem = format!("{}{{a%2Fb//%7Bcheck%7D%3A%2A}}:", place.prefix());
    let expected = [
        ("approvals:0", "list"),
        ("by-transition", "hash"),
        ("commit-ids", "hash"),
        ("commits:0", "list"),
        ("evaluations:0", "list"),
        ("head", "hash"),
        ("latest-evaluations", "hash"),
        ("latest-policies", "hash"),
        ("policies:0", "list"),
        ("record-ids", "hash"),
        ("state", "string"),
        ("transitions:0", "list"),
        ("versions", "hash"),
    ];
    let mut names: Vec<String> = expected.iter().map(|(name, _)| format!("{stem}{name}")).collect();
    names.insert(0, format!("{}experiments", place.prefix()));
    assert_eq!(keys(&mut raw, &format!("{}*", place.prefix())), names);
    for (name, kind) in expected {
        assert_eq!(kind_of(&mut raw, &format!("{stem}{name}")), kind, "{name}");
    }
    assert_eq!(kind_of(&mut raw, &names[0]), "zset");
    assert_eq!(raw.ask(&["HGET", &format!("{stem}head"), "version"]).unwrap(), Answer::Text("7".to_owned()));
}

#[tokio::test]
async fn given_commits_that_are_refused_then_no_key_is_there() {
    let Some(place) = Place::or_skip() else { return };
    let backplane = place.connect().await;
    let key = ExperimentKey::new("checkout").unwrap();
    let expected = Expected::At(Sequence::new(3).unwrap());
    let commit = Commit::builder(&key, expected).record(PolicyEvaluation::new("p", true, Severity::Info));
    assert!(backplane.commit(&commit.build().unwrap()).await.unwrap_err().is_conflict());
    assert_eq!(keys(&mut place.raw(), &format!("{}*", place.prefix())), [""; 0]);
}

/// Given three commits of a thousand records each, then the lists have gone on in other chunks, and everything reads
/// as if they had not: through this handle, and through one that never saw them grow.
#[tokio::test]
async fn given_more_records_than_a_chunk_has_then_all_is_read_and_written_across_chunks() {
    let Some(place) = Place::or_skip() else { return };
    let (backplane, key) = (place.connect().await, ExperimentKey::new("checkout").unwrap());
    for _ in 0..3 {
        let records = (0..1_000).map(|n| PolicyEvaluation::new(format!("p{}", n % 7), n % 2 == 0, Severity::Info));
        let commit = Commit::builder(&key, Expected::Any).records(records).build().unwrap();
        backplane.commit(&commit).await.unwrap();
    }
    let mut raw = place.raw();
    let length = |raw: &mut Raw, chunk: u32| {
        raw.ask(&["LLEN", &format!("{}{{//checkout}}:evaluations:{chunk}", place.prefix())]).unwrap()
    };
    assert_eq!([0, 1, 2].map(|chunk| length(&mut raw, chunk)), [1_024, 1_024, 952].map(Answer::Integer));

    let other = place.connect().await;
    other.commit(&one_of_each(&key, 1)).await.unwrap();
    let log = other.log(&key, Sequence::ZERO, PageSize::MAX, STRONG).await.unwrap();
    assert_eq!(log.iter().map(|entry| entry.records.len()).collect::<Vec<_>>()[..3], [1_000; 3]);
    log.iter().for_each(|entry| entry.verify().unwrap());
    let evaluations: Vec<_> = log.iter().flat_map(|entry| entry.recorded().collect::<Vec<_>>()).collect();
    let evaluations: Vec<_> =
        evaluations.into_iter().filter(|one| one.record.kind() == RecordKind::Evaluation).collect();
    for size in [700, 1_000] {
        let query = HistoryQuery::new(RecordKind::Evaluation).page_size(size).unwrap();
        let mut read = Vec::new();
        let mut next = Some(query.clone());
        while let Some(query) = next {
            let page = other.history(&key, &query, STRONG).await.unwrap();
            read.extend(page.items);
            next = page.next.map(|cursor| query.starting_at(cursor));
        }
        assert_eq!(read, evaluations);
    }
}

/// Given more commits than a chunk has, then the log goes on in the next one, whoever writes.
#[tokio::test]
async fn given_more_commits_than_a_chunk_has_then_the_log_has_no_gap() {
    let Some(place) = Place::or_skip() else { return };
    let (one, other, key) = (place.connect().await, place.connect().await, ExperimentKey::new("checkout").unwrap());
    for n in 0..1_030_u32 {
        let writer = if n % 2 == 0 { &one } else { &other };
        let evaluation = PolicyEvaluation::new("p", true, Severity::Info);
        writer.append_policy_evaluation(&key, evaluation).await.unwrap();
    }
    let third = place.connect().await;
    let snapshot = Snapshot::of(&third, &key).await;
    assert_eq!((snapshot.log.len(), snapshot.records.len()), (1_030, 1_030));
    let from = snapshot.log[1_020].recorded_at;
    let query = HistoryQuery::new(RecordKind::Evaluation).recorded(from..);
    let late = third.history(&key, &query, STRONG).await.unwrap();
    assert!(late.items.len() >= 10 && late.items.iter().all(|one| one.recorded_at >= from));
}
