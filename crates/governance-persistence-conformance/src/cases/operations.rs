//! The fourteen operations on one record or state at a time.

use crate::act::{Draft, PendingApproval};
use crate::{Opener, Snapshot, answer, samples};
use governance_persistence::{
    BackplaneExt, CommitId, Expected, ExperimentKey, LifecycleState, RecordId, RecordKind, Recorded, StateChange,
};
use std::fmt::Debug;

fn plain<T: Clone>(recorded: &[Recorded<T>]) -> Vec<T> {
    recorded.iter().map(|one| one.record.clone()).collect()
}

/// A state is saved and read; what was saved says what the next save must expect.
pub async fn a_state_is_saved_and_read(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    assert_eq!(backplane.get_experiment_state(&key).await.expect("a state can be asked for"), None);

    let draft = StateChange::to(Draft).by("alice");
    let saved = backplane.save_experiment_state(&key, draft.clone(), Expected::Absent).await;
    let etag = answer::applied(saved).etag.expect("a state was saved");
    let state = backplane.get_experiment_state(&key).await.expect("the state can be read").expect("it was saved");
    assert_eq!((state.etag, state.to_change()), (etag, draft.clone()));

    let pending = StateChange::to(PendingApproval).by("bob");
    answer::applied(backplane.save_experiment_state(&key, pending.clone(), Expected::Match(etag)).await);
    answer::unmet(backplane.save_experiment_state(&key, draft, Expected::Match(etag)).await, Expected::Match(etag));
    let state = backplane.get_experiment_state(&key).await.expect("the state can be read").expect("it was saved");
    assert_eq!(state.to_change(), pending);
}

/// Transitions are appended and listed; appending one again is a replay.
pub async fn transitions_are_appended_and_listed(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let all = [samples::transition(), samples::transition().with_reason("again"), samples::transition()];
    for one in &all {
        let receipt = answer::applied(backplane.append_state_transition(&key, one.clone()).await);
        assert_eq!(receipt.commit_id, CommitId::of_record(RecordKind::Transition, one.id));
        answer::replayed(backplane.append_state_transition(&key, one.clone()).await);
    }
    let listed = backplane.get_state_transition_history(&key).await.expect("the history can be read");
    assert_eq!(plain(&listed), all);
    assert_eq!(backplane.get_experiment_state(&key).await.expect("a state can be asked for"), None);
    Snapshot::of(&backplane, &key).await;
}

/// Approvals are appended, listed, and found by their transition; appending one again is a replay.
pub async fn approvals_are_appended_and_listed(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let request = samples::request();
    let all = [request.clone(), samples::request(), samples::approval(request.transition_id)];
    for one in &all {
        answer::applied(backplane.append_approval_record(&key, one.clone()).await);
        answer::replayed(backplane.append_approval_record(&key, one.clone()).await);
    }
    let listed = backplane.get_approval_records(&key).await.expect("the history can be read");
    assert_eq!(plain(&listed), all);
    let found = backplane.get_approval_records_by_transition(&key, request.transition_id).await;
    assert_eq!(plain(&found.expect("a look-up answers")), [all[0].clone(), all[2].clone()]);
}

/// Versions are appended, found and listed; appending one again is a replay, a taken number a
/// conflict.
pub async fn versions_are_appended_found_and_listed(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let all = [1, 2, 3].map(samples::version);
    for one in &all {
        answer::applied(backplane.append_configuration_version(&key, one.clone()).await);
        answer::replayed(backplane.append_configuration_version(&key, one.clone()).await);
        let latest = backplane.get_latest_configuration_version(&key).await.expect("a look-up answers");
        assert_eq!(latest.map(|recorded| recorded.record).as_ref(), Some(one));
    }
    let taken = backplane.append_configuration_version(&key, samples::version(3)).await;
    answer::wrong_version(taken, samples::number(3), samples::number(3));
    let listed = backplane.get_all_configuration_versions(&key).await.expect("the history can be read");
    assert_eq!(plain(&listed), all);
    let second = backplane.get_configuration_version(&key, samples::number(2)).await.expect("a look-up answers");
    assert_eq!(second.as_ref(), listed.get(1));
}

/// Evaluations are appended, listed, and the latest of each policy is found; appending one again
/// is a replay and does not make it the latest.
pub async fn evaluations_are_appended_and_listed(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let all = ["p", "q", "p"].map(samples::evaluation);
    for one in &all {
        answer::applied(backplane.append_policy_evaluation(&key, one.clone()).await);
    }
    answer::replayed(backplane.append_policy_evaluation(&key, all[0].clone()).await);
    let listed = backplane.get_policy_evaluations(&key).await.expect("the history can be read");
    assert_eq!(plain(&listed), all);
    for (policy, latest) in [("p", Some(&all[2])), ("q", Some(&all[1])), ("r", None)] {
        let found = backplane.get_latest_policy_evaluation(&key, policy).await.expect("a look-up answers");
        assert_eq!(found.map(|recorded| recorded.record).as_ref(), latest, "the latest of {policy}");
    }
}

/// A record whose id comes back with other content is refused: it is not the same record.
pub async fn another_record_under_a_used_id_is_refused(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let id = RecordId::new();
    answer::applied(backplane.append_state_transition(&key, samples::transition().with_id(id)).await);
    let other = samples::transition().with_id(id).with_reason("something else");
    let error = answer::error(backplane.append_state_transition(&key, other).await);
    let refused = matches!(error, governance_persistence::Error::CommitIdReused { .. });
    assert!(refused, "the id of the derived commit was used, but: {error}");
}

/// All that can be listed or looked up is empty where nothing was recorded.
pub async fn everything_is_empty_at_first(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    fn empty<T: Debug>(key: &ExperimentKey, found: governance_persistence::Result<Vec<T>>) {
        assert!(found.expect("it can be asked for").is_empty(), "nothing was recorded of {key}");
    }
    empty(&key, backplane.get_state_transition_history(&key).await);
    empty(&key, backplane.get_approval_records(&key).await);
    empty(&key, backplane.get_approval_records_by_transition(&key, RecordId::new()).await);
    empty(&key, backplane.get_all_configuration_versions(&key).await);
    empty(&key, backplane.get_policy_evaluations(&key).await);
    let version = backplane.get_configuration_version(&key, samples::number(1)).await;
    assert_eq!(version.expect("a look-up answers"), None);
    assert_eq!(backplane.get_latest_configuration_version(&key).await.expect("a look-up answers"), None);
    assert_eq!(backplane.get_latest_policy_evaluation(&key, "p").await.expect("a look-up answers"), None);
}

/// A history longer than a page is listed as a whole.
pub async fn long_histories_are_listed_as_a_whole(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let all: Vec<_> = (0..250).map(|n| samples::transition().with_reason(format!("number {n}"))).collect();
    for some in all.chunks(90) {
        crate::act::apply(&backplane, &crate::act::records(&key, Expected::Any, some.to_vec())).await;
    }
    let listed = backplane.get_state_transition_history(&key).await.expect("the history can be read");
    assert_eq!(plain(&listed), all);
    assert!(listed.iter().all(|recorded| recorded.record.from == LifecycleState::Draft));
}
