//! The JSON Schema of files, from the same tables that files are read by.

use crate::section::{GOVERNANCE, GovernanceKeys, WRAPPER};
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The JSON Schema (draft 7, which editors know best) of configuration files. Editors check and
/// complete files by it; [`Loader`](crate::Loader) checks what a schema cannot say, too.
pub fn json_schema() -> Value {
    let mut generator = SchemaSettings::draft07().into_generator();
    let governance = Value::from(generator.subschema_for::<GovernanceKeys>());
    let definitions = Value::Object(generator.take_definitions(true));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Experiment governance",
        "type": "object",
        "properties": {
            GOVERNANCE: governance,
            WRAPPER: { "type": "object", "properties": { GOVERNANCE: governance } },
        },
        "oneOf": [
            { "required": [GOVERNANCE] },
            { "required": [WRAPPER], "properties": { WRAPPER: { "required": [GOVERNANCE] } } },
        ],
        "definitions": definitions,
    })
}
