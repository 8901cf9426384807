//! The model test finds what it is for: small bugs planted around the in-memory backplane, each
//! shrunk to a program of a few steps.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use async_trait::async_trait;
use governance_persistence::{
    Backplane, Commit, CommitBuilder, CommitId, ConflictCause, Consistency, Direction, Ephemeral, EphemeralId,
    EphemeralItem, EphemeralKind, Error, Expected, ExperimentKey, ExperimentsQuery, Head, HistoryQuery,
    InMemoryBackplane, Json, LogEntry, LookUp, Page, PageSize, Receipt, Record, Recorded, Replicated, Result, Sequence,
    TimeToLive, Timestamp,
};
use governance_persistence_conformance::Opener;
use governance_persistence_conformance::model::{Difference, Programs, find_difference};

/// What the backplane does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bug {
    None,
    DropsTheLastOfAPage,
    IgnoresAt,
    ForgetsThatItIsAReplay,
    LeaksTheDefaultTenant,
    OrdersTheNewestFirstWrongly,
    GivesAnotherInstantLater,
    LooksTheVersionAfterTheRecordIds,
    TakesEveryEntryAsApplied,
    KeepsRemovedEphemerals,
    StopsAtTheEdgeOfARange,
    Panics,
}

/// The in-memory backplane with a bug.
#[derive(Clone, Debug)]
struct Planted {
    inner: InMemoryBackplane,
    bug: Bug,
}

#[async_trait]
impl Backplane for Planted {
    async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        let again = |expected| {
            let again = Commit::builder(commit.key(), expected).id(commit.id()).records(commit.records().to_vec());
            commit.state().cloned().into_iter().fold(again, CommitBuilder::state).build().unwrap()
        };
        let commit = match (self.bug, commit.expected()) {
            (Bug::IgnoresAt, Expected::At(_)) => &again(Expected::Any),
            _ => commit,
        };
        let receipt = self.inner.commit(commit).await;
        let key = commit.key();
        match (self.bug, receipt) {
            (Bug::ForgetsThatItIsAReplay, Ok(receipt)) if receipt.replayed => {
                Ok(Receipt::applied(commit, receipt.sequence, receipt.recorded_at))
            }
            (Bug::GivesAnotherInstantLater, Ok(receipt)) if receipt.replayed => {
                Ok(Receipt::replayed(commit, receipt.sequence, Timestamp::now()))
            }
            (Bug::LooksTheVersionAfterTheRecordIds, Err(Error::Conflict(conflict)))
                if matches!(conflict.cause, ConflictCause::Version { .. }) =>
            {
                let used = commit.records().iter().map(|record| (record.kind(), record.id()));
                for (kind, id) in used {
                    let query = HistoryQuery::new(kind).page_size(1_000)?;
                    let page = self.inner.history(key, &query, Consistency::Strong).await?;
                    if let Some(first) = page.items.iter().find(|recorded| recorded.record.id() == id) {
                        let sequence = first.place.sequence;
                        return Err(Error::RecordIdReused { key: key.clone(), kind, id, sequence });
                    }
                }
                Err(Error::Conflict(conflict))
            }
            (_, receipt) => receipt,
        }
    }

    async fn replicate(&self, entry: &LogEntry) -> Result<Replicated> {
        match self.inner.replicate(entry).await? {
            Replicated::Diverged { .. } if self.bug == Bug::TakesEveryEntryAsApplied => Ok(Replicated::AlreadyApplied),
            replicated => Ok(replicated),
        }
    }

    async fn entry(&self, key: &ExperimentKey, id: CommitId, consistency: Consistency) -> Result<Option<LogEntry>> {
        self.inner.entry(key, id, consistency).await
    }

    async fn head(&self, key: &ExperimentKey, consistency: Consistency) -> Result<Head> {
        let head = self.inner.head(key, consistency).await?;
        assert!(self.bug != Bug::Panics || head.latest_version.is_none(), "planted");
        Ok(head)
    }

    async fn log(
        &self,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
        consistency: Consistency,
    ) -> Result<Vec<LogEntry>> {
        self.inner.log(key, after, limit, consistency).await
    }

    async fn history(
        &self,
        key: &ExperimentKey,
        query: &HistoryQuery,
        consistency: Consistency,
    ) -> Result<Page<Recorded<Record>>> {
        let mut page = self.inner.history(key, query, consistency).await?;
        match self.bug {
            Bug::DropsTheLastOfAPage if page.next.is_some() => _ = page.items.pop(),
            Bug::OrdersTheNewestFirstWrongly if query.direction() == Direction::Descending => {
                page.items.sort_by_key(|recorded| (u64::MAX - recorded.place.sequence.get(), recorded.place.ordinal));
            }
            Bug::StopsAtTheEdgeOfARange => {
                page.items.retain(|recorded| recorded.recorded_at < query.recorded_range().1);
            }
            _ => {}
        }
        Ok(page)
    }

    async fn look_up(
        &self,
        key: &ExperimentKey,
        look_up: LookUp<'_>,
        consistency: Consistency,
    ) -> Result<Vec<Recorded<Record>>> {
        let found = self.inner.look_up(key, look_up, consistency).await?;
        if self.bug == Bug::LeaksTheDefaultTenant && found.is_empty() {
            let default = ExperimentKey::from_parts(None, key.tenant(), key.name())?;
            return self.inner.look_up(&default, look_up, consistency).await;
        }
        Ok(found)
    }

    async fn experiments(&self, query: &ExperimentsQuery, consistency: Consistency) -> Result<Page<Head>> {
        self.inner.experiments(query, consistency).await
    }

    fn ephemeral(&self) -> &dyn Ephemeral {
        self
    }

    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }

    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
}

#[async_trait]
impl Ephemeral for Planted {
    async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        self.inner.put(key, kind, id, value, time_to_live).await
    }

    async fn get(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<Option<EphemeralItem>> {
        self.inner.get(key, kind, id).await
    }

    async fn list(&self, key: &ExperimentKey, kind: &EphemeralKind) -> Result<Vec<EphemeralItem>> {
        self.inner.list(key, kind).await
    }

    async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        if self.bug == Bug::KeepsRemovedEphemerals {
            return Ok(self.inner.get(key, kind, id).await?.is_some());
        }
        self.inner.remove(key, kind, id).await
    }
}

/// The programs are the same each time.
const PROGRAMS: Programs = Programs { seed: 1, count: 500 };

fn look_for(bug: Bug) -> Option<Difference> {
    let planted = Planted { inner: InMemoryBackplane::new(), bug };
    let opener = move || std::future::ready(planted.clone());
    let mut difference = None;
    governance_persistence_conformance::run(std::future::ready(opener), async |opener: &dyn Opener| {
        difference = find_difference(opener, PROGRAMS).await;
    });
    difference
}

/// Looks for the bug; it must show, in a program of at most so many steps.
fn find(bug: Bug, steps: usize) -> Difference {
    let difference = look_for(bug).unwrap_or_else(|| panic!("{bug:?} was not found"));
    println!("{bug:?}: {difference}\n");
    assert!(difference.program.len() <= steps, "{bug:?} was not shrunk to {steps} steps: {difference}");
    difference
}

#[test]
fn given_no_bug_then_there_is_no_difference() {
    assert!(look_for(Bug::None).is_none());
}

#[test]
fn given_a_page_without_its_last_record_then_it_is_found() {
    find(Bug::DropsTheLastOfAPage, 3);
}

#[test]
fn given_an_expectation_that_is_ignored_then_it_is_found() {
    find(Bug::IgnoresAt, 2);
}

#[test]
fn given_a_replay_that_is_not_called_one_then_it_is_found() {
    find(Bug::ForgetsThatItIsAReplay, 2);
}

#[test]
fn given_a_leak_between_tenants_then_it_is_found() {
    find(Bug::LeaksTheDefaultTenant, 2);
}

#[test]
fn given_a_wrong_order_within_a_commit_then_it_is_found() {
    find(Bug::OrdersTheNewestFirstWrongly, 1);
}

#[test]
fn given_an_instant_that_changes_then_it_is_found() {
    find(Bug::GivesAnotherInstantLater, 2);
}

#[test]
fn given_a_wrong_order_of_answers_then_it_is_found() {
    find(Bug::LooksTheVersionAfterTheRecordIds, 3);
}

#[test]
fn given_another_history_that_is_taken_for_ours_then_it_is_found() {
    find(Bug::TakesEveryEntryAsApplied, 2);
}

#[test]
fn given_an_ephemeral_that_stays_then_it_is_found() {
    find(Bug::KeepsRemovedEphemerals, 3);
}

#[test]
fn given_a_range_without_its_edge_then_it_is_found() {
    find(Bug::StopsAtTheEdgeOfARange, 3);
}

#[test]
fn given_a_backplane_that_panics_then_its_seed_is_told() {
    let difference = find(Bug::Panics, 1);
    assert!(difference.to_string().contains(&format!("GOVERNANCE_MODEL_SEED={}", difference.seed)));
}

#[test]
fn given_a_seed_then_the_same_program_fails_again() {
    let first = find(Bug::IgnoresAt, 2);
    let planted = Planted { inner: InMemoryBackplane::new(), bug: Bug::IgnoresAt };
    let opener = move || std::future::ready(planted.clone());
    governance_persistence_conformance::run(std::future::ready(opener), async |opener: &dyn Opener| {
        let again = find_difference(opener, Programs { seed: first.seed, count: 1 }).await.unwrap();
        assert_eq!(again.program, first.program);
    });
}
