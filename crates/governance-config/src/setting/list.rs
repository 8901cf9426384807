//! Lists of one kind of setting.

use super::Setting;
use crate::reading::{At, Reading, kind};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use std::borrow::Cow;

/// As many as there are. Of a faulty item each fault is said, and then there is no list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T: Setting> Setting for List<T> {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if !reading.untagged(at) {
            return None;
        }
        let Some(items) = at.items() else {
            let problem = if at.is_null() { "has no value".to_owned() } else { format!("is {}", kind(at.node)) };
            reading.fault(at, problem, "a list, which may be empty: `[]`");
            return None;
        };
        let read: Vec<_> = items.iter().map(|item| T::read(item, reading)).collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }
}

impl<T: JsonSchema> JsonSchema for List<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("ListOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": generator.subschema_for::<T>() })
    }
}
