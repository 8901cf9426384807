//! How long what waits for people is kept.

use crate::reading::{At, Reading};
use crate::setting::{Period, Setting};
use governance_persistence::TimeToLive;
use schemars::{JsonSchema, Schema, SchemaGenerator};
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

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Period::json_schema(generator)
    }
}
