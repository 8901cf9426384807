//! `governance policies`: the policies that are defined for an experiment, and what each found last; or one of
//! them is switched off.

use crate::args::PoliciesArgs;
use crate::backplane::known;
use crate::failure::Failure;
use crate::output::{List, Output, Written};
use futures_util::TryStreamExt;
use governance::{DisableRequest, Governance};
use governance_persistence::{
    BackplaneExt, Consistency, ExperimentKey, HistoryQuery, PolicyDefinition, PolicyEvaluation, RecordKind, Recorded,
};
use serde::Serialize;
use std::collections::BTreeMap;

const HEADERS: &[&str] = &["POLICY", "KIND", "VERSION", "PARAMETERS", "FOUND LAST", "AT", "WHY"];
const EMPTY: &str =
    "No policies are defined here; those of the configuration file are from when they are evaluated first.";

/// A policy by its latest definition.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Defined {
    definition: Recorded<PolicyDefinition>,
    latest_evaluation: Option<Recorded<PolicyEvaluation>>,
}

pub(super) async fn run(
    governance: &Governance,
    key: &ExperimentKey,
    args: &PoliciesArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    known(governance.backplane(), key).await?;
    match &args.disable {
        Some(policy) => disable(governance, key, policy, args, out).await,
        None => list(governance, key, out).await,
    }
}

async fn disable(
    governance: &Governance,
    key: &ExperimentKey,
    policy: &str,
    args: &PoliciesArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut request = DisableRequest::of(policy, args.actor.read()?);
    if let Some(reason) = &args.reason {
        request = request.reason(reason);
    }
    if let Some(id) = args.commit_id {
        request = request.commit_id(id);
    }
    let disabled = governance.policies().disable(key, &request).await?;
    let sentence = format!("{key} heeds policy {policy} no more: version {} says so.", disabled.definition.version);
    Written::new(governance, key, disabled.receipt).show(out, sentence).await
}

async fn list(governance: &Governance, key: &ExperimentKey, out: &mut Output) -> Result<(), Failure> {
    let backplane = governance.backplane();
    let query = HistoryQuery::new(RecordKind::Definition);
    let mut definitions = backplane.history_stream(key, query, Consistency::Strong);
    let mut latest = BTreeMap::new();
    while let Some(found) = definitions.try_next().await? {
        let found = found.typed::<PolicyDefinition>()?;
        latest.insert(found.record.name.clone(), found);
    }
    let mut list = List::new(HEADERS, EMPTY);
    for (name, definition) in latest {
        let latest_evaluation = governance.policies().latest(key, &name).await?;
        list.push(out, &Defined { definition, latest_evaluation }, row)?;
    }
    Ok(list.finish(out)?)
}

fn row(defined: &Defined) -> Vec<String> {
    let definition = &defined.definition.record;
    let switch = if definition.enabled { "" } else { ", switched off" };
    let (found, at, why) = match &defined.latest_evaluation {
        None => ("nothing yet".to_owned(), String::new(), String::new()),
        Some(Recorded { record, recorded_at, .. }) => {
            let found = if record.compliant { "complies".to_owned() } else { format!("violated, {}", record.severity) };
            (found, recorded_at.to_string(), record.reason.clone().unwrap_or_default())
        }
    };
    vec![
        definition.name.clone(),
        definition.kind.clone(),
        format!("{}{switch}", definition.version),
        definition.parameters.as_str().to_owned(),
        found,
        at,
        why,
    ]
}
