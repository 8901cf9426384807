//! Metrics: what is counted.

use crate::backplanes::in_memory;
use crate::stopping::{Call, Stopping};
use crate::world::{configured, key, moved, on, traffic_of};
use governance::{Error, NewVersion, Operation, RollbackRequest, TransitionRequest, metric};
use governance_persistence::{BackplaneExt, CommitId, Expected, LifecycleState, StateChange};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Counts, and counts what histograms are given.
#[derive(Clone, Debug, Default)]
struct Counted(Arc<Mutex<BTreeMap<String, u64>>>);

#[derive(Debug)]
struct One(Counted, String);

impl CounterFn for One {
    fn increment(&self, value: u64) {
        *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += value;
    }

    fn absolute(&self, value: u64) {
        self.0.0.lock().unwrap().insert(self.1.clone(), value);
    }
}

impl HistogramFn for One {
    fn record(&self, seconds: f64) {
        assert!(seconds >= 0.0);
        self.increment(1);
    }
}

impl Counted {
    fn one(&self, key: &Key) -> Arc<One> {
        let operation = key.labels().map(metrics::Label::value).collect::<Vec<_>>().join(",");
        Arc::new(One(self.clone(), format!("{} {operation}", key.name())))
    }

    fn of(&self, metric: &str, operation: Operation) -> u64 {
        self.0.lock().unwrap().get(&format!("{metric} {operation}")).copied().unwrap_or_default()
    }
}

impl Recorder for Counted {
    fn describe_counter(&self, _key: KeyName, _unit: Option<Unit>, _description: SharedString) {}

    fn describe_gauge(&self, _key: KeyName, _unit: Option<Unit>, _description: SharedString) {}

    fn describe_histogram(&self, _key: KeyName, _unit: Option<Unit>, _description: SharedString) {}

    fn register_counter(&self, key: &Key, _metadata: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.one(key))
    }

    fn register_gauge(&self, _key: &Key, _metadata: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _metadata: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.one(key))
    }
}

#[tokio::test]
async fn commits_conflicts_replays_and_retries_are_counted() {
    // Given a recorder; all happens on this one thread
    let (backplane, counted) = (in_memory(), Counted::default());
    let _guard = metrics::set_default_local_recorder(&counted);
    let governance = on(&backplane).build().unwrap();
    // When a move is made, and asked for again
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice").commit_id(CommitId::new());
    for _ in 0..2 {
        governance.lifecycle().transition(&key(), &submit).await.unwrap();
    }
    // Then there is one commit, and one replay
    let of = |metric| counted.of(metric, Operation::Transition);
    assert_eq!((of(metric::COMMITS), of(metric::REPLAYS)), (1, 1));
    assert_eq!((of(metric::COMMIT_SECONDS), of(metric::REQUEST_SECONDS)), (2, 1));
    // When a record comes in between, and then a state
    let stopping = Stopping::new(&backplane);
    let slow = governance::Governance::builder().persistence(Arc::clone(&stopping)).build().unwrap();
    for (to, is_lost) in [(LifecycleState::Approved, false), (LifecycleState::Archived, true)] {
        let mut stop = stopping.at(Call::Commit);
        let meanwhile = async {
            stop.reached().await;
            if is_lost {
                let running = StateChange::to(LifecycleState::Running);
                backplane.save_experiment_state(&key(), running, Expected::Any).await.unwrap();
            } else {
                configured(&backplane, 10).await;
            }
            stop.go_on();
        };
        let (answer, ()) = tokio::join!(moved(&slow, to), meanwhile);
        assert_eq!(matches!(answer, Err(Error::Conflict(_))), is_lost);
    }
    // Then both are conflicts, and the first one was judged once more
    assert_eq!((of(metric::CONFLICTS), of(metric::RETRIES)), (2, 1));
    assert_eq!((of(metric::COMMITS), of(metric::COMMIT_SECONDS)), (2, 5));
}

#[tokio::test]
async fn what_is_gone_at_the_first_look_is_counted_as_a_conflict() {
    // Given a recorder, and an experiment that has a state and a version
    let (backplane, counted) = (in_memory(), Counted::default());
    let _guard = metrics::set_default_local_recorder(&counted);
    let governance = on(&backplane).build().unwrap();
    let submitted = moved(&governance, LifecycleState::PendingApproval).await.unwrap();
    let (first, second) = (configured(&backplane, 5).await, configured(&backplane, 10).await);
    let gone = submitted.state.etag;
    moved(&governance, LifecycleState::Draft).await.unwrap();
    // When a move and rollbacks name the state that is gone, and an edit the version
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice");
    for request in [submit.clone().if_match(gone), submit.if_absent()] {
        assert!(governance.lifecycle().transition(&key(), &request).await.unwrap_err().is_conflict());
    }
    let back = RollbackRequest::to(first, "alice").if_match(gone);
    assert!(governance.versions().rollback(&key(), &back).await.unwrap_err().is_conflict());
    let edit = |number| NewVersion::of(traffic_of(20), "alice").based_on(number);
    assert!(governance.versions().create(&key(), &edit(first)).await.unwrap_err().is_conflict());
    // Then each is counted, and what lost against nothing is not
    governance.versions().create(&key(), &edit(second)).await.unwrap();
    assert!(!moved(&governance, LifecycleState::Running).await.unwrap_err().is_conflict());
    let conflicts = |operation| counted.of(metric::CONFLICTS, operation);
    let found = [Operation::Transition, Operation::Rollback, Operation::Version].map(conflicts);
    assert_eq!(found, [2, 1, 1]);
}
