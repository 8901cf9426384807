//! The request that counts: the newest about a move, made since the experiment entered its state.

use crate::Result;
use crate::setup::Setup;
use governance_persistence::{
    ApprovalRecord, Backplane, Consistency, Decision, ExperimentKey, Head, HistoryQuery, LifecycleState, LookUp,
    RecordId, RecordKind, Recorded, Sequence, Timestamp,
};

/// The newest request for a move between these states, if it was made since the state at `head` was
/// set. What was asked for before that state is spent or stale.
pub(crate) async fn request(
    setup: &Setup,
    head: &Head,
    from: LifecycleState,
    to: LifecycleState,
) -> Result<Option<RecordId>> {
    let (since, recorded_at) = entered(setup, head).await?;
    let first = HistoryQuery::new(RecordKind::Approval).newest_first().recorded(recorded_at..);
    let mut query = Some(first.clone());
    while let Some(asked) = query {
        let page = setup.backplane.history(&head.key, &asked, Consistency::Strong).await?;
        for approval in page.items {
            if approval.place.sequence <= since {
                return Ok(None);
            }
            let approval = approval.typed::<ApprovalRecord>()?.record;
            if approval.decision == Decision::Pending && approval.from == Some(from) && approval.to == to {
                return Ok(Some(approval.transition_id));
            }
        }
        query = page.next.map(|cursor| first.clone().starting_at(cursor));
    }
    Ok(None)
}

/// When the experiment entered the state at `head`: the sequence, and the time by the backplane.
pub(crate) async fn entered(setup: &Setup, head: &Head) -> Result<(Sequence, Timestamp)> {
    let Some(etag) = head.etag() else {
        return Ok((Sequence::ZERO, Timestamp::MIN));
    };
    let entry = setup.entry(&head.key, etag.commit_id()).await?;
    Ok(entry.map_or((Sequence::ZERO, Timestamp::MIN), |entry| (entry.sequence, entry.recorded_at)))
}

/// All approvals of a transition: its requests and the decisions about them.
pub(crate) async fn approvals(
    setup: &Setup,
    key: &ExperimentKey,
    transition: RecordId,
) -> Result<Vec<Recorded<ApprovalRecord>>> {
    let found = setup.backplane.look_up(key, LookUp::Approvals(transition), Consistency::Strong).await?;
    Ok(found.into_iter().map(Recorded::typed).collect::<Result<_, _>>()?)
}
