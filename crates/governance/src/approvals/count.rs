//! Counting what people decided about a request.

use super::Quorum;
use crate::GateObjection;
use governance_persistence::{
    ApprovalRecord, ConfigurationVersion, Decision, RecordId, Recorded, VersionNumber, VersionReference,
};
use std::collections::BTreeMap;

/// How a request stands at one gate.
#[derive(Debug)]
pub(crate) enum Count {
    /// Enough approved: these records, one an approver.
    Approved(Vec<RecordId>),
    /// Not approved, because of this.
    Not(GateObjection),
}

/// The configuration that a record is about.
pub(crate) fn about(record: &ApprovalRecord) -> Option<VersionReference> {
    Some(VersionReference { number: record.configuration_version?, hash: record.configuration_hash? })
}

/// Is the request about another configuration than `wanted`, or was any version written since?
pub(crate) fn voided(
    request: &Recorded<ApprovalRecord>,
    wanted: Option<VersionReference>,
    latest: Option<&Recorded<ConfigurationVersion>>,
) -> Option<GateObjection> {
    let newer = latest.filter(|latest| latest.place > request.place);
    let now: Option<VersionNumber> = match newer {
        Some(newer) => Some(newer.record.number),
        None if about(&request.record) == wanted => return None,
        None => wanted.map(|wanted| wanted.number),
    };
    Some(GateObjection::ConfigurationChanged { approved: request.record.configuration_version, now })
}

/// Counts the decisions about the request at `gate`; `records` are all approvals of its transition.
pub(crate) fn count(
    records: &[Recorded<ApprovalRecord>],
    gate: &str,
    quorum: Quorum,
    wanted: Option<VersionReference>,
    latest: Option<&Recorded<ConfigurationVersion>>,
) -> Count {
    let of_gate = || records.iter().filter(|record| record.record.gate.as_deref() == Some(gate));
    let Some(request) = of_gate().find(|record| record.record.decision == Decision::Pending) else {
        return Count::Not(GateObjection::NotRequested { needed: quorum.approvals() });
    };
    if let Some(void) = voided(request, wanted, latest) {
        return Count::Not(void);
    }
    let requester = request.record.requested_by.as_deref();
    let mut approvals = BTreeMap::new();
    for Recorded { record, .. } in of_gate().filter(|decision| decision.place > request.place) {
        let Some(approver) = record.approver.as_deref() else {
            continue;
        };
        match record.decision {
            Decision::Rejected => {
                let (approver, reason) = (approver.to_owned(), record.reason.clone());
                return Count::Not(GateObjection::RejectedBy { approver, reason });
            }
            Decision::Approved if about(record) == about(&request.record) && quorum.counts(approver, requester) => {
                approvals.entry(approver).or_insert(record.id);
            }
            Decision::Approved | Decision::Pending => {}
        }
    }
    if approvals.len() >= quorum.approvals() as usize {
        return Count::Approved(approvals.into_values().collect());
    }
    let asked = Quorum::of_request(&request.record.metadata);
    if quorum.is_stricter_than(asked) {
        // The request closes when its own quorum is met, however many are missing here.
        return Count::Not(GateObjection::QuorumRaised { asked, now: quorum });
    }
    Count::Not(GateObjection::Waiting {
        transition_id: request.record.transition_id,
        approved_by: approvals.into_keys().map(str::to_owned).collect(),
        needed: quorum.approvals(),
    })
}
