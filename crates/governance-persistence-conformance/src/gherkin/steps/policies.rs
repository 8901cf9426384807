//! Steps about policy evaluations.

use super::rows;
use crate::gherkin::world::Governance;
use cucumber::gherkin::Step;
use cucumber::{then, when};
use governance_persistence::{BackplaneExt, PolicyEvaluation, Severity};
use std::collections::HashMap;

fn evaluation(row: &HashMap<&str, &str>) -> PolicyEvaluation {
    let compliant = row["compliant"].parse().expect("the cell holds true or false");
    let severity = row["severity"].parse().expect("the cell holds a severity");
    let evaluation = PolicyEvaluation::new(row["policy"], compliant, severity);
    match row.get("timestamp") {
        Some(at) => evaluation.at(at.parse().expect("the cell holds an instant")),
        None => evaluation,
    }
}

#[when("these evaluations are appended:")]
async fn are_appended(world: &mut Governance, #[step] step: &Step) {
    for row in rows(step) {
        let appended = world.here().append_policy_evaluation(world.key(), evaluation(&row)).await;
        appended.expect("the evaluation is appended");
    }
}

#[when(expr = "the policy {string} finds it not compliant")]
async fn finds_it_not_compliant(world: &mut Governance, policy: String) {
    let evaluation = PolicyEvaluation::new(policy, false, Severity::Critical).with_reason("errors doubled");
    world.here().append_policy_evaluation(world.key(), evaluation).await.expect("the evaluation is appended");
}

#[then("its evaluations are, in this order:")]
async fn evaluations_are(world: &mut Governance, #[step] step: &Step) {
    let shape = |one: &PolicyEvaluation| (one.policy.clone(), one.compliant, one.severity);
    let history = world.here().get_policy_evaluations(world.key()).await.expect("the history can be read");
    let found: Vec<_> = history.iter().map(|recorded| shape(&recorded.record)).collect();
    let wanted: Vec<_> = rows(step).iter().map(|row| shape(&evaluation(row))).collect();
    assert_eq!(found, wanted);
}

#[then("it has no policy evaluations")]
async fn no_evaluations(world: &mut Governance) {
    let history = world.here().get_policy_evaluations(world.key()).await;
    assert_eq!(history.expect("the history can be read"), []);
}

#[then(regex = r#"^the latest evaluation of "([^"]+)" is (\w+), (not compliant|compliant)$"#)]
async fn latest_is(world: &mut Governance, policy: String, severity: Severity, judgement: String) {
    let latest = world.here().get_latest_policy_evaluation(world.key(), &policy).await.expect("a look-up answers");
    let latest = latest.expect("the policy was evaluated").record;
    assert_eq!((latest.policy, latest.severity), (policy, severity));
    assert_eq!(latest.compliant, judgement == "compliant");
}

#[then(expr = "{string} was never evaluated")]
async fn never_evaluated(world: &mut Governance, policy: String) {
    let latest = world.here().get_latest_policy_evaluation(world.key(), &policy).await;
    assert_eq!(latest.expect("a look-up answers"), None);
}
