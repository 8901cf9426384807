//! No more traffic than this.

use super::rule::{INTO_LIVE, Rule, rule_methods, rule_setters};
use super::{Finding, Policy, Telemetry};
use crate::{Attempt, Error, Result};
use async_trait::async_trait;
use governance_persistence::{JsonObject, LifecycleState, Source, Timestamp};
use serde_json::json;
use std::ops::RangeInclusive;
use std::time::Duration;

const PERCENT: RangeInclusive<f64> = 0.0..=100.0;

/// No more traffic than this, or not before the experiment has been stable for a while. By default it
/// guards the moves to `Running` and `Ramping`, and goes by
/// [`Telemetry::TRAFFIC_PERCENTAGE`].
///
/// ```
/// use governance::TrafficLimit;
/// use std::time::Duration;
///
/// // Ten percent, until it has run, or ramped, for half an hour.
/// let policy = TrafficLimit::percent(10.0)?.min_stable_time(Duration::from_secs(30 * 60));
/// // By what the configuration says, whatever the caller does.
/// let strict = TrafficLimit::percent(10.0)?.configured_at("/traffic");
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficLimit {
    rule: Rule,
    max: f64,
    min_stable_time: Option<Duration>,
    pointer: Option<String>,
}

rule_setters!(TrafficLimit);

impl TrafficLimit {
    /// At most this share of traffic, in percent.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] outside 0 to 100.
    pub fn percent(max: f64) -> Result<Self> {
        if !PERCENT.contains(&max) {
            return Err(Error::invalid("maxTrafficPercentage", format!("is {max}"), "0 to 100 percent"));
        }
        Ok(Self { rule: Rule::new("trafficLimit", INTO_LIVE), max, min_stable_time: None, pointer: None })
    }

    /// The same, lifted once the experiment has been in `Running` or `Ramping` for this long without
    /// a change of its state, by the clock of the backplane that recorded the change.
    #[must_use]
    pub fn min_stable_time(mut self, time: Duration) -> Self {
        self.min_stable_time = Some(time);
        self
    }

    /// The same by the number that stands at this JSON Pointer in the configuration that the move
    /// would have in effect, in place of telemetry.
    #[must_use]
    pub fn configured_at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// The share of traffic, in percent, that it allows.
    pub fn get_percent(&self) -> f64 {
        self.max
    }

    /// How long an experiment has to be stable to be free of it; none: never.
    pub fn get_min_stable_time(&self) -> Option<Duration> {
        self.min_stable_time
    }

    /// Where in the configuration the share stands; none: in the telemetry.
    pub fn get_configured_at(&self) -> Option<&str> {
        self.pointer.as_deref()
    }

    fn traffic(&self, attempt: &Attempt<'_>) -> Result<f64, Source> {
        let Some(pointer) = &self.pointer else {
            return Ok(attempt.telemetry().within(Telemetry::TRAFFIC_PERCENTAGE, PERCENT, "0 to 100 percent")?);
        };
        let version = attempt.configuration().ok_or("there is no configuration")?;
        let traffic = version.configuration.to_value().pointer(pointer).and_then(serde_json::Value::as_f64);
        let traffic = traffic.ok_or_else(|| format!("the configuration has no number at {pointer}"))?;
        if PERCENT.contains(&traffic) {
            return Ok(traffic);
        }
        Err(format!("the configuration has {traffic} at {pointer}, expected 0 to 100 percent").into())
    }

    /// Is the experiment live, and has been as it is for long enough?
    async fn is_stable(&self, attempt: &Attempt<'_>) -> Result<bool, Source> {
        let live = matches!(attempt.from(), LifecycleState::Running | LifecycleState::Ramping);
        let (Some(time), true) = (self.min_stable_time, live) else {
            return Ok(false);
        };
        let since: Option<Timestamp> = attempt.in_state_since().await?;
        Ok(since.is_some_and(|since| since.saturating_add(time) <= attempt.now()))
    }
}

#[async_trait]
impl Policy for TrafficLimit {
    rule_methods!("trafficLimit");

    fn parameters(&self) -> JsonObject {
        self.rule.parameters(json!({
            "maxTrafficPercentage": self.max,
            "minStableTimeSeconds": self.min_stable_time.map(|time| time.as_secs_f64()),
            "configuredAt": self.pointer,
        }))
    }

    async fn evaluate(&self, attempt: &Attempt<'_>) -> Result<Finding, Source> {
        let (traffic, max) = (self.traffic(attempt)?, self.max);
        if traffic <= max {
            return Ok(Finding::compliant(format!("{traffic} % of traffic, of {max} %")));
        }
        if self.is_stable(attempt).await? {
            return Ok(Finding::compliant(format!("{traffic} % of traffic, stable for long enough")));
        }
        let until = match self.min_stable_time {
            Some(time) => format!(" until it has been stable for {} s", time.as_secs()),
            None => String::new(),
        };
        Ok(Finding::not_compliant(format!("{traffic} % of traffic, where {max} % are allowed{until}")))
    }
}
