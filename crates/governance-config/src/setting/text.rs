//! Texts on one line.

use super::{INTERPOLATED, Setting};
use crate::interpolation::escape;
use crate::reading::{At, Reading};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::{borrow::Cow, fmt};

/// A text that is not empty, with neither control characters nor white space around it. It may be
/// a secret, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

impl Setting for Text {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = reading.text(at, "a text")?;
        let problem = if text.is_empty() {
            "is empty"
        } else if text.trim() != text {
            "begins or ends with white space"
        } else if text.contains(char::is_control) {
            "holds a control character"
        } else {
            return Some(Self(text));
        };
        let which = if at.is_interpolated() { format!("{} {problem}", at.shown()) } else { problem.to_owned() };
        reading.fault(at, which, "a text on one line");
        None
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&escape(&self.0))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(…)")
    }
}

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": WRITTEN, "pattern": format!("{ONE_LINE}|{INTERPOLATED}") })
    }
}

/// The regular expression, for the schema, of a text on one line, with no white space around it.
pub(crate) const ONE_LINE: &str = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$";

/// The JSON types that a text may be written as: without quotes it is what it looks like, and read as the text that it is.
pub(crate) const WRITTEN: [&str; 3] = ["string", "number", "boolean"];
