//! `governance evaluate`: evaluates policies about an experiment as it is, and records what they find.

use crate::args::EvaluateArgs;
use crate::backplane::known;
use crate::failure::Failure;
use crate::output::{Output, Written, with_reason};
use governance::{EvaluationRequest, Governance};
use governance_persistence::{ExperimentKey, PolicyEvaluation, Severity};

pub(super) async fn run(
    governance: &Governance,
    key: &ExperimentKey,
    args: &EvaluateArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut request = EvaluationRequest::by(args.actor.read()?).telemetry(args.telemetry.read()?);
    if let Some(policy) = &args.policy {
        request = request.only(policy);
    }
    if let Some(id) = args.commit_id {
        request = request.commit_id(id);
    }
    known(governance.backplane(), key).await?;
    let evaluation = governance.policies().evaluate(key, &request).await?;
    let critical: Vec<_> = evaluation.evaluations.iter().filter(|found| is_critical(found)).collect();
    let count = u64::try_from(evaluation.evaluations.len()).unwrap_or(u64::MAX);
    let policies = if count == 1 { "1 policy was".to_owned() } else { format!("{count} policies were") };
    let mut sentence = format!("{policies} evaluated for {key}.");
    for found in &evaluation.evaluations {
        sentence.push_str("\n  ");
        sentence.push_str(&with_reason(&found.clone().into()));
    }
    let written = Written::new(governance, key, evaluation.receipt).with("compliant", critical.is_empty())?;
    written.show(out, sentence).await?;
    if critical.is_empty() {
        return Ok(());
    }
    let policies = critical.iter().map(|found| found.policy.clone()).collect();
    Err(Failure::NotCompliant { key: key.clone(), policies })
}

fn is_critical(found: &PolicyEvaluation) -> bool {
    !found.compliant && found.severity == Severity::Critical
}
