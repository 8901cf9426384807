//! Not beside these experiments.

use super::rule::{INTO_LIVE, Rule, rule_methods, rule_setters};
use super::{Finding, Policy};
use crate::Attempt;
use async_trait::async_trait;
use governance_persistence::{ExperimentKey, JsonObject, Source};
use serde_json::json;
use std::collections::BTreeSet;

/// Not while these experiments are shown to people in the same tenant and environment. It asks the
/// backplane which ones run or ramp, and nobody else. By default it guards the moves to `Running` and
/// `Ramping`.
///
/// It works both ways: an experiment of the list may not be live beside any other, either, because
/// that other one may not be live beside it.
///
/// Two experiments that start in the same moment may both not see the other one: what the backplane
/// does at once, it does for one experiment. The next move of either finds out.
///
/// ```
/// use governance::ConflictPrevention;
///
/// let policy = ConflictPrevention::with(["checkout-redesign", "new-basket"]);
/// let alone = ConflictPrevention::with_any();
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictPrevention {
    rule: Rule,
    /// `None`: all.
    others: Option<BTreeSet<String>>,
}

rule_setters!(ConflictPrevention);

impl ConflictPrevention {
    /// Not beside the experiments of these names, and none of these beside any other.
    pub fn with<N: Into<String>>(experiments: impl IntoIterator<Item = N>) -> Self {
        let others = Some(experiments.into_iter().map(Into::into).collect());
        Self { rule: Rule::new("conflictPrevention", INTO_LIVE), others }
    }

    /// Not beside any experiment.
    pub fn with_any() -> Self {
        Self { rule: Rule::new("conflictPrevention", INTO_LIVE), others: None }
    }

    /// The experiments that it is about; none: all.
    pub fn get_experiments(&self) -> Option<impl Iterator<Item = &str>> {
        self.others.as_ref().map(|others| others.iter().map(String::as_str))
    }

    async fn running(&self, attempt: &Attempt<'_>) -> Result<Vec<ExperimentKey>, Source> {
        let key = attempt.key();
        let Some(others) = self.others.as_ref().filter(|others| !others.contains(key.name())) else {
            return Ok(attempt.live_beside().await?);
        };
        let mut running = Vec::new();
        for name in others {
            let other = ExperimentKey::from_parts(key.tenant(), key.environment(), name)?;
            if attempt.is_live(&other).await? {
                running.push(other);
            }
        }
        Ok(running)
    }
}

#[async_trait]
impl Policy for ConflictPrevention {
    rule_methods!("conflictPrevention");

    fn parameters(&self) -> JsonObject {
        self.rule.parameters(json!({ "conflictingExperiments": self.others }))
    }

    async fn evaluate(&self, attempt: &Attempt<'_>) -> Result<Finding, Source> {
        let running = self.running(attempt).await?;
        if running.is_empty() {
            return Ok(Finding::compliant("no conflicting experiment is live"));
        }
        let names: Vec<_> = running.iter().map(ExperimentKey::name).collect();
        Ok(Finding::not_compliant(format!("live in the same scope: {}", names.join(", "))))
    }
}
