//! Settings that are on or off.

use super::{INTERPOLATED, Setting};
use crate::reading::{At, Reading};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use std::borrow::Cow;

/// `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Switch(pub(crate) bool);

const EXPECTED: &str = "`true` or `false`";

impl Setting for Switch {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = reading.text(at, EXPECTED)?;
        match text.to_ascii_lowercase().as_str() {
            "true" => Some(Self(true)),
            "false" => Some(Self(false)),
            _ => {
                reading.fault(at, format!("{} is neither true nor false", at.shown()), EXPECTED);
                None
            }
        }
    }
}

impl JsonSchema for Switch {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Switch".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = format!("^([tT][rR][uU][eE]|[fF][aA][lL][sS][eE])$|{INTERPOLATED}");
        json_schema!({ "anyOf": [{ "type": "boolean" }, { "type": "string", "pattern": pattern }] })
    }
}
