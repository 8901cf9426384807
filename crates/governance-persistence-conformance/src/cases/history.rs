//! The records of one kind, page by page, in both directions.

use crate::act::{STRONG, apply, record, records};
use crate::{Opener, answer, samples};
use governance_persistence::{
    Backplane, Direction, Expected, ExperimentKey, HistoryQuery, Page, Record, RecordKind, Recorded, Timestamp,
};
use std::sync::Arc;

const KIND: RecordKind = RecordKind::Evaluation;

/// An experiment with 11 evaluations among other records: some commits hold one, some several,
/// some none.
struct Given {
    backplane: Arc<dyn Backplane>,
    key: ExperimentKey,
    evaluations: Vec<Record>,
}

impl Given {
    async fn new(opener: &dyn Opener) -> Self {
        let mut given = Self { backplane: opener.open().await, key: samples::key(), evaluations: Vec::new() };
        for count in [1, 3, 0, 1, 2, 0, 4] {
            given.append(count).await;
        }
        given
    }

    async fn append(&mut self, count: usize) {
        let mut all = vec![Record::from(samples::transition())];
        for n in 0..count {
            all.push(samples::evaluation(&format!("p{n}")).into());
            all.push(samples::request().into());
        }
        let commit = records(&self.key, Expected::Any, all);
        apply(&self.backplane, &commit).await;
        self.evaluations.extend(commit.records().iter().filter(|record| record.kind() == KIND).cloned());
    }

    async fn page(&self, query: &HistoryQuery) -> Page<Recorded<Record>> {
        let page = self.backplane.history(&self.key, query, STRONG).await;
        let page = page.unwrap_or_else(|error| panic!("{query:?}: {error}"));
        assert!(page.items.len() <= query.size().get(), "a page is not larger than asked for");
        assert!(page.next.is_none() || page.items.len() == query.size().get(), "only the last page may be smaller");
        page
    }

    /// All that the query finds, page by page.
    async fn paged(&self, mut query: HistoryQuery) -> Vec<Recorded<Record>> {
        let mut all: Vec<Recorded<Record>> = Vec::new();
        loop {
            let page = self.page(&query).await;
            all.extend(page.items);
            let in_order = match query.direction() {
                Direction::Ascending => all.is_sorted_by(|a, b| a.place < b.place),
                Direction::Descending => all.is_sorted_by(|a, b| a.place > b.place),
            };
            assert!(in_order, "records come once each, in the direction of {query:?}");
            match page.next {
                Some(next) => query = query.starting_at(next),
                None => return all,
            }
        }
    }

    async fn found(&self, query: HistoryQuery) -> Vec<Record> {
        self.paged(query).await.into_iter().map(|recorded| recorded.record).collect()
    }
}

/// Pages of every size hold every record of the kind once, oldest first or newest first.
pub async fn pages_of_every_size_hold_all_records(opener: &dyn Opener) {
    let given = Given::new(opener).await;
    let newest_first: Vec<_> = given.evaluations.iter().rev().cloned().collect();
    for size in [1, 2, 3, 5, 10, 11, 12, 100, 1_000] {
        let query = HistoryQuery::new(KIND).page_size(size).expect("the size is allowed");
        assert_eq!(given.found(query.clone()).await, given.evaluations, "by pages of {size}");
        assert_eq!(given.found(query.newest_first()).await, newest_first, "newest first, by pages of {size}");
    }
}

/// The last page has no next, also when it is full.
pub async fn the_last_page_has_no_next(opener: &dyn Opener) {
    let given = Given::new(opener).await;
    for (size, more) in [(10, true), (11, false), (12, false)] {
        let query = HistoryQuery::new(KIND).page_size(size).expect("the size is allowed");
        assert_eq!(given.page(&query).await.next.is_some(), more, "oldest first, {size} of 11");
        assert_eq!(given.page(&query.newest_first()).await.next.is_some(), more, "newest first, {size} of 11");
    }
}

/// History of which nothing was recorded is empty, in either direction and any range.
pub async fn empty_histories_are_empty(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    apply(&backplane, &record(&key, Expected::Any, samples::transition())).await;
    for (key, kind) in [(&key, RecordKind::Approval), (&samples::key(), RecordKind::Transition)] {
        let query = HistoryQuery::new(kind);
        for query in [query.clone(), query.clone().newest_first(), query.recorded(Timestamp::UNIX_EPOCH..)] {
            let page = backplane.history(key, &query, STRONG).await.expect("an empty history can be read");
            assert_eq!(page, Page { items: vec![], next: None });
        }
    }
}

/// While others append, the pages that follow oldest first hold each record once, the new ones
/// too; newest first they hold those that were there at the start.
pub async fn cursors_go_on_while_others_append(opener: &dyn Opener) {
    let mut given = Given::new(opener).await;
    let before = given.evaluations.clone();
    let mut oldest = HistoryQuery::new(KIND).page_size(2).expect("the size is allowed");
    let mut newest = oldest.clone().newest_first();
    let (mut ascending, mut descending) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let (up, down) = (given.page(&oldest).await, given.page(&newest).await);
        ascending.extend(up.items);
        descending.extend(down.items);
        oldest = oldest.starting_at(up.next.expect("there is more"));
        newest = newest.starting_at(down.next.expect("there is more"));
        given.append(1).await;
    }
    ascending.extend(given.paged(oldest).await);
    descending.extend(given.paged(newest).await);

    let plain = |recorded: Vec<Recorded<Record>>| recorded.into_iter().map(|one| one.record).collect::<Vec<_>>();
    assert_eq!(plain(ascending), given.evaluations);
    assert_eq!(plain(descending), before.into_iter().rev().collect::<Vec<_>>());
}

/// A range of recorded-at, each end included or excluded, holds just the records of that time.
pub async fn a_range_of_time_holds_what_was_recorded_then(opener: &dyn Opener) {
    let mut given = Given::new(opener).await;
    given.append(1).await;
    let all = given.paged(HistoryQuery::new(KIND)).await;
    let times: Vec<_> = all.iter().map(|recorded| recorded.recorded_at).collect();
    let (first, middle, last) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    let query = || HistoryQuery::new(KIND).page_size(2).expect("the size is allowed");

    for (query, wanted) in [
        (query().recorded(..), (|_, _, _, _| true) as fn(Timestamp, Timestamp, Timestamp, Timestamp) -> bool),
        (query().recorded(first..=last), |_, _, _, _| true),
        (query().recorded(middle..), |at, _, middle, _| at >= middle),
        (query().recorded(..middle), |at, _, middle, _| at < middle),
        (query().recorded(..=middle), |at, _, middle, _| at <= middle),
        (query().recorded(middle..=middle), |at, _, middle, _| at == middle),
        (query().recorded(middle..middle), |_, _, _, _| false),
        (query().recorded(first..last), |at, _, _, last| at < last),
        (query().recorded(last..first), |at, first, _, last| at >= last && at < first),
        (query().recorded(..Timestamp::UNIX_EPOCH), |_, _, _, _| false),
        (query().recorded(Timestamp::MAX..), |_, _, _, _| false),
    ] {
        let mut inside: Vec<_> =
            all.iter().filter(|one| wanted(one.recorded_at, first, middle, last)).cloned().collect();
        assert_eq!(given.paged(query.clone()).await, inside, "{query:?}");
        inside.reverse();
        assert_eq!(given.paged(query.clone().newest_first()).await, inside, "newest first, {query:?}");
    }
}

/// The cursor of one query is refused by every other: another kind, direction, range or key.
pub async fn a_cursor_belongs_to_its_query(opener: &dyn Opener) {
    let given = Given::new(opener).await;
    let query = HistoryQuery::new(KIND).page_size(2).expect("the size is allowed");
    let cursor = given.page(&query).await.next.expect("there is more");

    for other in [
        HistoryQuery::new(RecordKind::Transition),
        query.clone().newest_first(),
        query.clone().recorded(Timestamp::UNIX_EPOCH..),
    ] {
        answer::invalid(given.backplane.history(&given.key, &other.starting_at(cursor.clone()), STRONG).await);
    }
    let others = [samples::key(), given.key.in_environment("staging").expect("it is valid")];
    for key in others {
        answer::invalid(given.backplane.history(&key, &query.clone().starting_at(cursor.clone()), STRONG).await);
    }
    let again = cursor.to_string().parse().expect("a cursor reads back");
    let other_size = query.page_size(100).expect("the size is allowed").starting_at(again);
    assert_eq!(given.found(other_size).await, given.evaluations[2..], "a page may have another size");
}

/// Many commits of the same microsecond or not: order is by place, never by the writers' clocks.
pub async fn order_is_by_place_and_not_by_timestamp(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let mut instants = samples::odd_instants();
    instants.sort();
    instants.reverse();
    let mut written = Vec::new();
    for at in instants {
        let evaluation = Record::from(samples::evaluation("p").at(at));
        apply(&backplane, &record(&key, Expected::Any, evaluation.clone())).await;
        written.push(evaluation);
    }
    let given = Given { backplane, key, evaluations: written };
    assert_eq!(given.found(HistoryQuery::new(KIND)).await, given.evaluations);
}
