//! A closed handle answers nothing any more; others on the same place go on.

use crate::act::{Draft, STRONG, apply, head, record, records, state};
use crate::answer::closed;
use crate::{Opener, Snapshot, samples};
use governance_persistence::{
    Backplane, BackplaneExt, EphemeralId, EphemeralKind, Expected, ExperimentsQuery, Filter, HistoryQuery, LogEntry,
    LookUp, PageSize, RecordKind, Sequence, TimeToLive,
};
use std::time::Duration;

/// The engine answers a ping, through every handle.
pub async fn a_ping_is_answered(opener: &dyn Opener) {
    for _ in 0..2 {
        opener.open().await.ping().await.expect("the engine answers");
    }
}

/// Once a handle is closed, every method is unavailable, and nothing was applied.
pub async fn a_closed_handle_answers_nothing(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let first = records(&key, Expected::Any, samples::one_of_each(1));
    let receipt = apply(&backplane, &first).await;
    backplane.close().await.expect("the handle is closed");

    closed("commit", backplane.commit(&state(&key, Expected::Any, Draft)).await);
    closed("a replay", backplane.commit(&first).await);
    let entry = LogEntry::of(&state(&key, Expected::Any, Draft), receipt.sequence.next(), receipt.recorded_at);
    closed("replicate", backplane.replicate(&entry).await);
    closed("entry", backplane.entry(&key, first.id(), STRONG).await);
    closed("head", backplane.head(&key, STRONG).await);
    closed("log", backplane.log(&key, Sequence::ZERO, PageSize::default(), STRONG).await);
    for kind in RecordKind::ALL {
        closed("history", backplane.history(&key, &HistoryQuery::new(kind), STRONG).await);
    }
    for look_up in [
        LookUp::LatestVersion,
        LookUp::Version(samples::number(1)),
        LookUp::LatestDefinition(samples::policy()),
        LookUp::LatestEvaluation(samples::policy()),
        LookUp::Approvals(first.records()[2].id()),
    ] {
        closed("look_up", backplane.look_up(&key, look_up, STRONG).await);
    }
    closed("experiments", backplane.experiments(&ExperimentsQuery::new(Filter::None), STRONG).await);
    closed("ping", backplane.ping().await);
    closed("get_experiment_state", backplane.get_experiment_state(&key).await);

    let other = opener.open().await;
    let snapshot = Snapshot::of(&other, &key).await;
    assert_eq!(snapshot.head.sequence, receipt.sequence, "a closed handle applied nothing");
}

/// The ephemerals of a closed handle are closed too.
pub async fn ephemerals_of_a_closed_handle_answer_nothing(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    backplane.close().await.expect("the handle is closed");
    let kind = EphemeralKind::new("k").expect("it is valid");
    let id = EphemeralId::new("a").expect("it is valid");
    let hour = TimeToLive::new(Duration::from_secs(3_600)).expect("it is allowed");
    let ephemeral = backplane.ephemeral();
    closed("put", ephemeral.put(&key, &kind, &id, &samples::configuration(), hour).await);
    closed("get", ephemeral.get(&key, &kind, &id).await);
    closed("list", ephemeral.list(&key, &kind).await);
    closed("remove", ephemeral.remove(&key, &kind, &id).await);
}

/// Closing one handle closes no other, and what was acknowledged before is there.
pub async fn other_handles_go_on(opener: &dyn Opener) {
    let (backplane, other, key) = (opener.open().await, opener.open().await, samples::key());
    let first = state(&key, Expected::Absent, Draft);
    apply(&backplane, &first).await;
    backplane.close().await.expect("the handle is closed");

    for handle in [other, opener.open().await] {
        handle.ping().await.expect("the engine answers");
        assert_eq!(head(&handle, &key).await.etag(), first.etag());
        apply(&handle, &record(&key, Expected::Any, samples::transition())).await;
    }
}

/// A handle that is closed again, by several at once, is closed.
pub async fn closing_twice_is_fine(opener: &dyn Opener) {
    let backplane = opener.open().await;
    let (one, other) = tokio::join!(backplane.close(), backplane.close());
    one.and(other).expect("the handle is closed");
    backplane.close().await.expect("the handle stays closed");
}

/// Closing waits for what was begun: a commit that runs meanwhile is applied, or was not begun and
/// is not there. Afterwards the other handle finds whole commits only.
pub async fn closing_waits_for_what_was_begun(opener: &dyn Opener) {
    let (other, key) = (opener.open().await, samples::key());
    let mut acknowledged = 0;
    for _ in 0..8 {
        let backplane = opener.open().await;
        let commit = records(&key, Expected::Any, [samples::transition(), samples::transition()]);
        let (answer, closing) = tokio::join!(backplane.commit(&commit), backplane.close());
        closing.expect("the handle is closed");
        match answer {
            Ok(_) => acknowledged += 1,
            refused => {
                closed("commit", refused);
                let entry = other.entry(&key, commit.id(), STRONG).await.expect("the entry can be asked for");
                assert_eq!(entry, None, "what was not applied is not there");
            }
        }
    }
    assert_eq!(Snapshot::of(&other, &key).await.log.len(), acknowledged);
}
