//! How long what waits for people is kept.

use crate::reading::{At, Reading};
use crate::setting::{INTERPOLATED, Period, Setting};
use governance_persistence::TimeToLive;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A time to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime(pub(crate) TimeToLive);

impl Setting for Lifetime {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let Period(period) = Period::read(at, reading)?;
        let lifetime = TimeToLive::new(period).ok();
        if lifetime.is_none() {
            reading.fault(at, format!("{} is out of range", at.shown()), "more than zero and at most 366 days");
        }
        lifetime.map(Self)
    }
}

impl Serialize for Lifetime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Period(self.0.get()).serialize(serializer)
    }
}

impl JsonSchema for Lifetime {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Lifetime".into()
    }

    /// More than zero, and in days no more than there may be. In other units that would take a pattern that nobody
    /// can read: the loader tells.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let days = "^0*([1-9]|[1-9][0-9]|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])d$";
        let counted = "^0*[1-9][0-9]*(h|m|s|ms|us|ns)$";
        let clock = "^(?=.*[1-9])[0-9]{2,}:[0-5][0-9]:[0-5][0-9]$";
        json_schema!({
            "type": "string",
            "pattern": format!("{days}|{counted}|{clock}|{INTERPOLATED}"),
            "examples": ["7d", "12h", "00:30:00"],
        })
    }
}
