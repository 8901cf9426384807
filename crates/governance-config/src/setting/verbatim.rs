//! Texts that are taken as they are.

use super::{Setting, text::WRITTEN};
use crate::interpolation::escape;
use crate::reading::{At, Reading};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::{borrow::Cow, fmt};

/// A text that may be empty and may have blanks around it. It may be a secret, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Verbatim(pub(crate) String);

impl Setting for Verbatim {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        reading.text(at, "a text").map(Self)
    }
}

impl Serialize for Verbatim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&escape(&self.0))
    }
}

impl fmt::Debug for Verbatim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verbatim(…)")
    }
}

impl JsonSchema for Verbatim {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Verbatim".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": WRITTEN })
    }
}
