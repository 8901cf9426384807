//! The commits that the cases make over and over.

use governance_persistence::{
    Backplane, Commit, Consistency, Expected, ExperimentKey, Head, LifecycleState, Receipt, Record, StateChange,
};

pub(crate) use LifecycleState::{Draft, PendingApproval, Running};

pub(crate) const STRONG: Consistency = Consistency::Strong;

/// A commit that saves this state.
pub(crate) fn state(key: &ExperimentKey, expected: Expected, state: LifecycleState) -> Commit {
    let commit = Commit::builder(key, expected).state(StateChange::to(state).by("alice"));
    commit.build().expect("the commit is valid")
}

/// A commit of one record.
pub(crate) fn record(key: &ExperimentKey, expected: Expected, record: impl Into<Record>) -> Commit {
    records(key, expected, [record])
}

/// A commit of these records.
pub(crate) fn records<R: Into<Record>>(
    key: &ExperimentKey,
    expected: Expected,
    records: impl IntoIterator<Item = R>,
) -> Commit {
    Commit::builder(key, expected).records(records).build().expect("the commit is valid")
}

/// Applies the commit.
pub(crate) async fn apply(backplane: &dyn Backplane, commit: &Commit) -> Receipt {
    crate::answer::applied(backplane.commit(commit).await)
}

/// Where the experiment stands.
pub(crate) async fn head(backplane: &dyn Backplane, key: &ExperimentKey) -> Head {
    backplane.head(key, STRONG).await.unwrap_or_else(|error| panic!("the head of {key}: {error}"))
}
