//! No more errors than this.

use super::rule::{LIVE_ON, Rule, rule_methods, rule_setters};
use super::{Finding, Policy, Telemetry};
use crate::{Attempt, Error, Result};
use async_trait::async_trait;
use governance_persistence::{JsonObject, Source};
use serde_json::json;

/// No larger a share of failing requests than this. By default it guards the moves between `Running`
/// and `Ramping`, and those from `Paused` into one of them, because before there is nothing to measure;
/// it goes by [`Telemetry::ERROR_RATE`].
///
/// ```
/// use governance::ErrorRate;
///
/// let policy = ErrorRate::at_most(0.05)?;
/// assert!(ErrorRate::at_most(5.0).is_err()); // a share, not percent
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorRate {
    rule: Rule,
    max: f64,
}

rule_setters!(ErrorRate);

impl ErrorRate {
    /// At most this share of requests may fail.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] outside 0 to 1.
    pub fn at_most(max: f64) -> Result<Self> {
        if !(0.0..=1.0).contains(&max) {
            return Err(Error::invalid("maxErrorRate", format!("is {max}"), "a share from 0 to 1"));
        }
        Ok(Self { rule: Rule::new("errorRate", LIVE_ON), max })
    }

    /// The share of requests that may fail.
    pub fn get_max(&self) -> f64 {
        self.max
    }
}

#[async_trait]
impl Policy for ErrorRate {
    rule_methods!("errorRate");

    fn parameters(&self) -> JsonObject {
        self.rule.parameters(json!({ "maxErrorRate": self.max }))
    }

    async fn evaluate(&self, attempt: &Attempt<'_>) -> Result<Finding, Source> {
        let rate = attempt.telemetry().within(Telemetry::ERROR_RATE, 0.0..=1.0, "a share from 0 to 1")?;
        let max = self.max;
        Ok(if rate <= max {
            Finding::compliant(format!("an error rate of {rate}, of {max}"))
        } else {
            Finding::not_compliant(format!("an error rate of {rate}, where {max} is allowed"))
        })
    }
}
