//! What is at a limit of the contract is taken; what is over it never reaches the engine.

use crate::act::{Draft, STRONG, apply, records};
use crate::{Opener, Snapshot, answer, samples};
use governance_persistence::{
    Backplane, Commit, ConfigurationDraft, Cursor, Expected, ExperimentKey, ExperimentsQuery, HistoryQuery, LogEntry,
    LookUp, PageSize, Record, RecordId, StateChange, limits,
};

const WIDE: &str = "😀"; // four bytes of UTF-8, two units of UTF-16

/// The longest names, of the widest characters, are taken everywhere.
pub async fn the_longest_names_are_taken(opener: &dyn Opener) {
    let backplane = opener.open().await;
    let unique = samples::unique("t");
    let scope = unique.clone() + &WIDE.repeat(limits::MAX_SCOPE_CHARS - unique.chars().count());
    let key = ExperimentKey::from_parts(Some(&scope), Some(&scope), &WIDE.repeat(limits::MAX_NAME_CHARS));
    let key = key.expect("the names are just short enough");
    let label = WIDE.repeat(limits::MAX_LABEL_CHARS);
    let prose = WIDE.repeat(limits::MAX_PROSE_CHARS);
    let approval = samples::approval(RecordId::new()).with_requester(&label).with_gate(&label).with_reason(&prose);
    let draft = ConfigurationDraft::new(samples::configuration(), &label).with_description(&prose);
    let mut transition = samples::transition().with_reason(&prose);
    transition.actor.clone_from(&label);
    let commit = Commit::builder(&key, Expected::Absent)
        .state(StateChange::to(Draft).by(&label))
        .record(transition)
        .record(approval)
        .record(draft.numbered(samples::number(1)))
        .record(samples::definition(&label))
        .record(samples::evaluation(&label).with_reason(&prose))
        .build()
        .expect("the commit is at its limits");

    let receipt = apply(&backplane, &commit).await;

    let snapshot = Snapshot::of(&backplane, &key).await;
    assert_eq!(snapshot.log, [LogEntry::of(&commit, receipt.sequence, receipt.recorded_at)]);
    let listed = super::experiments::of_tenant_of(&backplane, &key).await;
    assert_eq!(listed, [snapshot.head]);
}

/// A commit of 1,000 records of all kinds is applied as a whole, and read page by page.
pub async fn a_commit_of_a_thousand_records_is_taken(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let all: Vec<Record> = (1..=200).flat_map(samples::one_of_each).collect();
    assert_eq!(all.len(), limits::MAX_RECORDS);
    let commit = records(&key, Expected::Any, all);

    apply(&backplane, &commit).await;

    let snapshot = Snapshot::of(&backplane, &key).await;
    assert_eq!(snapshot.log[0].records, commit.records());
    assert_eq!(snapshot.head.latest_version, Some(samples::number(200)));
    answer::replayed(backplane.commit(&commit).await);
}

/// A commit of nearly 1 MiB is taken, in one record or in many.
pub async fn a_commit_of_nearly_a_mebibyte_is_taken(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let version = |n, bytes| {
        let draft = ConfigurationDraft::new(samples::large_json(bytes), "carol");
        Record::from(draft.numbered(samples::number(n)))
    };
    let one = records(&key, Expected::Any, [version(1, limits::MAX_COMMIT_BYTES - 1_024)]);
    let many = records(&key, Expected::Any, (2..102).map(|n| version(n, limits::MAX_COMMIT_BYTES / 100 - 600)));
    for commit in [one, many] {
        let receipt = apply(&backplane, &commit).await;
        let entry = backplane.entry(&key, commit.id(), STRONG).await.expect("the entry can be read");
        assert_eq!(entry, Some(LogEntry::of(&commit, receipt.sequence, receipt.recorded_at)));
    }
    Snapshot::of(&backplane, &key).await;
}

/// The smallest and the largest page are served.
pub async fn the_page_sizes_at_the_limits_are_served(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    apply(&backplane, &records(&key, Expected::Any, (0..1_000).map(|_| samples::evaluation("p")))).await;
    apply(&backplane, &records(&key, Expected::Any, [samples::evaluation("p")])).await;
    let kind = LookUp::LatestEvaluation("p").kind();

    for (size, served, more) in [(1, 1, true), (1_000, 1_000, true)] {
        let query = HistoryQuery::new(kind).page_size(size).expect("the size is allowed");
        let page = backplane.history(&key, &query, STRONG).await.expect("a page is served");
        assert_eq!((page.items.len(), page.next.is_some()), (served, more));
        let size = PageSize::new(size).expect("the size is allowed");
        let log = backplane.log(&key, governance_persistence::Sequence::ZERO, size, STRONG).await;
        assert_eq!(log.expect("the log is served").len(), size.get().min(2));
    }
}

/// A cursor that is none, or belongs to another query, is refused as invalid.
pub async fn a_foreign_cursor_is_refused(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    apply(&backplane, &records(&key, Expected::Any, samples::one_of_each(1))).await;
    let experiments = ExperimentsQuery::new(governance_persistence::Filter::Any);
    let foreign: Cursor = experiments.cursor(&key);
    let made_up: Cursor = "AAAAAAAAAAAAAAAA".parse().expect("it has the form of a cursor");

    for cursor in [foreign.clone(), made_up.clone()] {
        for kind in governance_persistence::RecordKind::ALL {
            let query = HistoryQuery::new(kind).starting_at(cursor.clone());
            answer::invalid(backplane.history(&key, &query, STRONG).await);
            answer::invalid(backplane.history(&samples::key(), &query, STRONG).await);
        }
    }
    let history = HistoryQuery::new(governance_persistence::RecordKind::Version);
    let place = governance_persistence::Place::new(governance_persistence::Sequence::ZERO, 0);
    for cursor in [history.cursor(&key, place), made_up] {
        answer::invalid(backplane.experiments(&experiments.clone().starting_at(cursor), STRONG).await);
    }
    assert!(backplane.experiments(&experiments.starting_at(foreign), STRONG).await.is_ok());
}
