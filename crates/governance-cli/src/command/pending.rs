//! `governance pending`: what people were asked and have not decided.

use crate::args::PendingArgs;
use crate::backplane::known;
use crate::output::{List, Output, about};
use crate::{failure::Failure, scope::Scope};
use futures_util::TryStreamExt;
use governance::{Governance, PendingApproval};
use governance_persistence::{BackplaneExt, Consistency, ExperimentKey};
use serde_json::{Value, json};

const HEADERS: &[&str] = &["EXPERIMENT", "MOVE", "GATE", "ABOUT", "APPROVED", "ASKED BY", "UNTIL", "TRANSITION"];
const EMPTY: &str = "Nothing waits for a decision.";

pub(super) async fn run(
    governance: &Governance,
    scope: &Scope,
    args: &PendingArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut list = List::new(HEADERS, EMPTY);
    match &args.name {
        Some(name) => {
            let key = scope.key(name)?;
            known(governance.backplane(), &key).await?;
            of_experiment(governance, &key, &mut list, out).await?;
        }
        None => {
            let query = scope.experiments(args.all_tenants, args.all_environments)?;
            let mut heads = governance.backplane().experiments_stream(query, Consistency::Strong);
            while let Some(head) = heads.try_next().await? {
                of_experiment(governance, &head.key, &mut list, out).await?;
            }
        }
    }
    Ok(list.finish(out)?)
}

async fn of_experiment(
    governance: &Governance,
    key: &ExperimentKey,
    list: &mut List,
    out: &mut Output,
) -> Result<(), Failure> {
    for waiting in governance.approvals().pending(key).await? {
        list.push(out, &as_json(key, &waiting), |_| row(key, &waiting))?;
    }
    Ok(())
}

fn row(key: &ExperimentKey, waiting: &PendingApproval) -> Vec<String> {
    let PendingApproval { approved_by, quorum, .. } = waiting;
    let by = if approved_by.is_empty() { String::new() } else { format!(", by {}", approved_by.join(", ")) };
    vec![
        key.to_string(),
        format!("{} → {}", waiting.from, waiting.to),
        waiting.gate.clone(),
        about(waiting.configuration),
        format!("{} of {}{by}", approved_by.len(), quorum.approvals()),
        waiting.requested_by.clone().unwrap_or_default(),
        waiting.expires_at.to_string(),
        waiting.transition_id.to_string(),
    ]
}

fn as_json(key: &ExperimentKey, waiting: &PendingApproval) -> Value {
    json!({
        "key": key,
        "transitionId": waiting.transition_id,
        "gate": waiting.gate,
        "from": waiting.from,
        "to": waiting.to,
        "requestedBy": waiting.requested_by,
        "reason": waiting.reason,
        "configuration": waiting.configuration.map(|about| json!({"number": about.number, "hash": about.hash})),
        "approvedBy": waiting.approved_by,
        "quorum": waiting.quorum,
        "expiresAt": waiting.expires_at,
    })
}
