//! Schemas of mappings whose other keys depend on their `type`.

use schemars::Schema;
use serde_json::{Map, Value, json};

/// What holds for a mapping whose `type` is of this pattern.
pub(super) fn when(pattern: &str, then: &Value) -> Value {
    let is_type = json!({ "required": ["type"], "properties": { "type": { "type": "string", "pattern": pattern } } });
    json!({ "if": is_type, "then": then })
}

/// One mapping with the keys of several, and these `options`, if it has any.
pub(super) fn merged(tables: &[&Schema], options: Option<Value>) -> Value {
    let part = |table: &Schema, name| table.get(name).cloned().unwrap_or_default();
    let mut properties = Map::new();
    let mut required = Vec::new();
    for table in tables {
        if let Value::Object(keys) = part(table, "properties") {
            properties.extend(keys);
        }
        if let Value::Array(keys) = part(table, "required") {
            required.extend(keys);
        }
    }
    if let Some(options) = options {
        properties.insert("options".to_owned(), options);
    }
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}
