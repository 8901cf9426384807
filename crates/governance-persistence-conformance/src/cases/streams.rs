//! Streams hold one page at a time, and give everything in order.

use crate::act::{Draft, STRONG, apply, record, records, state};
use crate::{Opener, Snapshot, answer, samples};
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use governance_persistence::{
    BackplaneExt, Expected, ExperimentKey, ExperimentsQuery, Filter, HistoryQuery, PageSize, RecordKind, Result,
    Sequence,
};

/// The history of a kind, in both directions, from pages smaller and larger than it.
pub async fn a_history_streams_in_both_directions(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    for n in 0..5 {
        let evaluations = (0..=n).map(|_| samples::evaluation("p"));
        apply(&backplane, &records(&key, Expected::Any, evaluations)).await;
    }
    let mut all = Snapshot::of(&backplane, &key).await.records;
    let queries = [1, 2, 15, 1_000]
        .map(|size| HistoryQuery::new(RecordKind::Evaluation).page_size(size).expect("the size is allowed"));
    for query in queries.clone() {
        assert_eq!(to_its_end(backplane.history_stream(&key, query, STRONG)).await, all);
    }
    all.reverse();
    for query in queries {
        assert_eq!(to_its_end(backplane.history_stream(&key, query.newest_first(), STRONG)).await, all);
    }
}

/// The log from any sequence on, and only as far as somebody asks.
pub async fn a_log_streams_from_any_sequence(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    for n in 1..=7 {
        apply(&backplane, &records(&key, Expected::Any, samples::one_of_each(n))).await;
    }
    let log = Snapshot::of(&backplane, &key).await.log;
    for after in 0..=7 {
        for size in [1, 3, 100] {
            let (after, size) =
                (Sequence::new(after).expect("it is small"), PageSize::new(size).expect("it is allowed"));
            let streamed = to_its_end(backplane.log_stream(&key, after, size, STRONG)).await;
            assert_eq!(streamed, log[usize::try_from(after.get()).expect("it is small")..]);
        }
    }
    let size = PageSize::new(2).expect("it is allowed");
    let first: Vec<_> =
        backplane.log_stream(&key, Sequence::ZERO, size, STRONG).take(3).try_collect().await.expect("it streams");
    assert_eq!(first, log[..3]);
}

/// The experiments of a query, from pages of any size.
pub async fn experiments_stream_in_key_order(opener: &dyn Opener) {
    let (backplane, tenant) = (opener.open().await, samples::unique("tenant"));
    for n in 0..9 {
        let key = ExperimentKey::from_parts(Some(&tenant), None, &format!("x{n}")).expect("the key is valid");
        apply(&backplane, &state(&key, Expected::Absent, Draft)).await;
    }
    for size in [1, 4, 9, 100] {
        let query = ExperimentsQuery::new(Filter::exactly(Some(&tenant)).expect("it is valid"));
        let query = query.page_size(size).expect("the size is allowed");
        let heads = to_its_end(backplane.experiments_stream(query, STRONG)).await;
        let names: Vec<_> = heads.iter().map(|head| head.key.name()).collect();
        assert_eq!(names, ["x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8"]);
    }
}

/// A stream ends with the error that a page ends with.
pub async fn an_error_ends_a_stream(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    apply(&backplane, &record(&key, Expected::Any, samples::transition())).await;
    let foreign = ExperimentsQuery::new(Filter::Any).cursor(&key);
    let query = HistoryQuery::new(RecordKind::Transition).starting_at(foreign);
    let answers: Vec<_> = backplane.history_stream(&key, query, STRONG).collect().await;
    assert_eq!(answers.len(), 1);
    answers.into_iter().for_each(answer::invalid);
}

/// Everything that the stream gives. One that never ends is cut off, for the case to fail.
async fn to_its_end<T>(stream: BoxStream<'_, Result<T>>) -> Vec<T> {
    stream.take(1_000).try_collect().await.expect("the stream goes on to its end")
}
