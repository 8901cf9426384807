//! Places in a JSON value.

use super::{INTERPOLATED, Setting};
use crate::interpolation::escape;
use crate::reading::{At, Reading};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A JSON Pointer, RFC 6901.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer(pub(crate) String);

const EXPECTED: &str = "a JSON Pointer such as `/traffic` or `/rollout/percent`";

/// Empty, or segments that each begin with a slash, in which a tilde is escaped.
fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(|behind| behind.starts_with(['0', '1']))
}

impl Setting for Pointer {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = reading.text(at, EXPECTED)?;
        if is_pointer(&text) {
            return Some(Self(text));
        }
        reading.fault(at, format!("{} is no JSON Pointer", at.shown()), EXPECTED);
        None
    }
}

impl Serialize for Pointer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&escape(&self.0))
    }
}

impl JsonSchema for Pointer {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Pointer".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = format!("^$|^/([^~]|~[01])*$|{INTERPOLATED}");
        json_schema!({ "type": "string", "pattern": pattern, "examples": ["/traffic"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_told_from_other_texts() {
        assert!(["", "/", "/traffic", "/a/0/b", "/a~1b/~0", "/a b/é"].iter().all(|text| is_pointer(text)));
        assert!(["traffic", "a/b", "/a~", "/~2", "#/a", " /a"].iter().all(|text| !is_pointer(text)));
    }
}
