//! What was measured of an experiment.

use crate::Result;
use governance_persistence::JsonObject;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// What was measured of an experiment, for policies to judge by. It is recorded with each evaluation.
///
/// ```
/// use governance::Telemetry;
///
/// let telemetry = Telemetry::none().traffic_percentage(12.5).error_rate(0.002).with("p99Millis", 180);
/// assert_eq!(telemetry.number("errorRate"), Some(0.002));
/// assert_eq!(telemetry.number("latency"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Telemetry(Map<String, Value>);

impl Telemetry {
    /// The share of traffic, in percent, that the experiment gets or is to get.
    pub const TRAFFIC_PERCENTAGE: &'static str = "trafficPercentage";
    /// The share of requests that fail, from 0 to 1.
    pub const ERROR_RATE: &'static str = "errorRate";

    /// Nothing was measured.
    pub fn none() -> Self {
        Self::default()
    }

    /// The same with the share of traffic, in percent.
    #[must_use]
    pub fn traffic_percentage(self, percent: f64) -> Self {
        self.with(Self::TRAFFIC_PERCENTAGE, percent)
    }

    /// The same with the share of requests that fail, from 0 to 1.
    #[must_use]
    pub fn error_rate(self, rate: f64) -> Self {
        self.with(Self::ERROR_RATE, rate)
    }

    /// The same with another value. What is no number, NaN say, counts as not measured.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The number of this name.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64()
    }

    /// The number of this name, or why there is none that means anything.
    pub(super) fn within(&self, name: &str, range: RangeInclusive<f64>, expected: &str) -> Result<f64, String> {
        let number = self.number(name).ok_or_else(|| format!("the telemetry has no {name}"))?;
        if range.contains(&number) {
            return Ok(number);
        }
        Err(format!("{name} is {number}, expected {expected}"))
    }

    /// As it stands in the metadata of an evaluation.
    pub(crate) fn metadata(&self) -> Result<JsonObject> {
        if self.0.is_empty() {
            return Ok(JsonObject::empty());
        }
        Ok(JsonObject::try_from(serde_json::json!({ "telemetry": self.0 }))?)
    }
}

impl From<JsonObject> for Telemetry {
    fn from(measured: JsonObject) -> Self {
        match measured.as_json().to_value() {
            Value::Object(members) => Self(members),
            _ => Self::none(), // an object is one
        }
    }
}
