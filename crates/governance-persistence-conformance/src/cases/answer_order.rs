//! When a commit breaks several rules at once, the answers come in one order.

use crate::act::{Draft, Running, apply, records, state};
use crate::{Opener, Snapshot, answer, samples};
use governance_persistence::{
    Backplane, Commit, CommitId, ETag, Error, Expected, ExperimentKey, LifecycleState, Record, RecordKind, Sequence,
    StateChange,
};
use std::sync::Arc;

/// An experiment with a state, versions up to 5, and one known transition.
struct Given {
    backplane: Arc<dyn Backplane>,
    key: ExperimentKey,
    first: Commit,
    used: Record,
}

impl Given {
    async fn new(opener: &dyn Opener) -> Self {
        let (backplane, key) = (opener.open().await, samples::key());
        let used = Record::from(samples::transition());
        let first = records(&key, Expected::Any, [used.clone(), samples::version(5).into()]);
        apply(&backplane, &first).await;
        apply(&backplane, &state(&key, Expected::Absent, Draft)).await;
        Self { backplane, key, first, used }
    }

    fn commit(&self, id: CommitId, expected: Expected, records: Vec<Record>) -> Commit {
        let commit = Commit::builder(&self.key, expected).id(id).records(records);
        commit.state(StateChange::to(Running)).build().expect("the commit is valid")
    }

    /// Expectations that do not hold.
    fn unmet() -> [Expected; 4] {
        let at = |sequence| Expected::At(Sequence::new(sequence).expect("it is small"));
        [Expected::Absent, Expected::Match(ETag::from(CommitId::new())), at(0), at(1)]
    }

    async fn answer(&self, commit: &Commit) -> Error {
        let before = Snapshot::of(&self.backplane, &self.key).await;
        let error = answer::error(self.backplane.commit(commit).await);
        assert_eq!(Snapshot::of(&self.backplane, &self.key).await, before, "a refused commit changes nothing");
        if let Some(conflict) = error.as_conflict() {
            assert_eq!(conflict.head, before.head, "the conflict carries the head that is there now");
        }
        error
    }
}

/// A replay comes first: the expectation fails, the version is taken and the record ids are used,
/// by the commit itself.
pub async fn a_replay_wins_over_everything(opener: &dyn Opener) {
    let given = Given::new(opener).await;
    for expected in Given::unmet() {
        let again = Commit::builder(&given.key, expected).id(given.first.id()).records(given.first.records().to_vec());
        let again = again.build().expect("the commit is valid");
        let receipt = answer::replayed(given.backplane.commit(&again).await);
        assert_eq!(receipt.sequence.get(), 1);
    }
}

/// A reused commit id wins over an unmet expectation, a taken version and a used record id.
pub async fn a_reused_commit_id_wins_over_the_expectation(opener: &dyn Opener) {
    let given = Given::new(opener).await;
    for expected in Given::unmet() {
        let faulty = vec![samples::version(9).into(), given.used.clone()];
        let error = given.answer(&given.commit(given.first.id(), expected, faulty)).await;
        assert!(matches!(error, Error::CommitIdReused { .. }), "the commit id was reused, but: {error}");
    }
}

/// An unmet expectation wins over a taken version and a used record id.
pub async fn an_unmet_expectation_wins_over_the_version(opener: &dyn Opener) {
    let given = Given::new(opener).await;
    for expected in Given::unmet() {
        for version in [5, 9] {
            let faulty = vec![samples::version(version).into(), given.used.clone()];
            let error = given.answer(&given.commit(CommitId::new(), expected, faulty)).await;
            answer::unmet::<()>(Err(error), expected);
        }
    }
}

/// A version that does not follow wins over a used record id, wherever the two stand.
pub async fn a_wrong_version_wins_over_a_used_record_id(opener: &dyn Opener) {
    let given = Given::new(opener).await;
    for version in [1, 4, 5, 7] {
        let wrong = Record::from(samples::version(version));
        for faulty in [vec![wrong.clone(), given.used.clone()], vec![given.used.clone(), wrong.clone()]] {
            let error = given.answer(&given.commit(CommitId::new(), Expected::Any, faulty)).await;
            answer::wrong_version::<()>(Err(error), samples::number(version), samples::number(5));
        }
    }
}

/// A used record id is the last answer: expectation and version are right.
pub async fn a_used_record_id_comes_last(opener: &dyn Opener) {
    let given = Given::new(opener).await;
    let right = vec![samples::version(6).into(), samples::request().into(), given.used.clone()];
    let at = Expected::At(Sequence::new(2).expect("it is small"));
    let error = given.answer(&given.commit(CommitId::new(), at, right)).await;
    match error {
        Error::RecordIdReused { key, kind, id, sequence } => {
            assert_eq!((key, kind, id), (given.key.clone(), RecordKind::Transition, given.used.id()));
            assert_eq!(sequence.get(), 1);
        }
        error => panic!("the record id was used before, but the answer was: {error}"),
    }
}

/// A commit that would be refused for a version or a record id leaves no state either: the
/// lifecycle state it brought is not seen in the listing.
pub async fn a_refused_commit_leaves_no_state(opener: &dyn Opener) {
    let given = Given::new(opener).await;
    given.answer(&given.commit(CommitId::new(), Expected::Any, vec![given.used.clone()])).await;
    given.answer(&given.commit(CommitId::new(), Expected::Any, vec![samples::version(9).into()])).await;

    let listed = super::experiments::of_tenant_of(&given.backplane, &given.key).await;
    let states: Vec<_> = listed.iter().map(|head| head.state.as_ref().map(|state| state.lifecycle_state)).collect();
    assert_eq!(states, [Some(LifecycleState::Draft)]);
}
