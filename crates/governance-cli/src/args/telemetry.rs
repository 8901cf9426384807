//! What was measured, for policies to judge by.

use crate::failure::Failure;
use crate::input;
use clap::Args;
use governance::Telemetry;
use governance_persistence::JsonObject;
use std::path::PathBuf;

/// What was measured.
#[derive(Debug, Args)]
pub(crate) struct TelemetryArgs {
    /// The traffic that the experiment gets or is to get, in percent of all: 12.5
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    traffic: Option<f64>,
    /// The share of requests that fail, from 0 to 1: 0.05 is five in a hundred
    #[arg(long, value_name = "SHARE", value_parser = share)]
    error_rate: Option<f64>,
    /// All that was measured, as a file of JSON or - for standard input:
    /// {"trafficPercentage": 12.5, "errorRate": 0.05, "p99Millis": 180}; --traffic and --error-rate
    /// go before what it says
    #[arg(long, value_name = "FILE")]
    telemetry: Option<PathBuf>,
}

impl TelemetryArgs {
    /// What the file says, and what is said beside it.
    pub(crate) fn read(&self) -> Result<Telemetry, Failure> {
        let mut telemetry = match &self.telemetry {
            Some(file) => Telemetry::from(JsonObject::try_from(input::json(file)?)?),
            None => Telemetry::none(),
        };
        if let Some(percent) = self.traffic {
            telemetry = telemetry.traffic_percentage(percent);
        }
        if let Some(share) = self.error_rate {
            telemetry = telemetry.error_rate(share);
        }
        Ok(telemetry)
    }
}

fn percent(text: &str) -> Result<f64, String> {
    within(text, 100.0, "percent, from 0 to 100")
}

fn share(text: &str) -> Result<f64, String> {
    within(text, 1.0, "a share from 0 to 1: 0.05 is five in a hundred")
}

fn within(text: &str, max: f64, expected: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (0.0..=max).contains(&number) => Ok(number),
        _ => Err(format!("expected {expected}")),
    }
}
