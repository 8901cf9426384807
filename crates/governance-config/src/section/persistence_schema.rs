//! The schema of `persistence:`, put together from those of its tables.

use super::cases::{merged, when};
use super::engine_option;
use super::persistence::{PersistenceKeys, PersistenceSection};
#[cfg(feature = "redis")]
use super::redis::{RedisKeys, RedisOptionKeys};
use super::sql::{SqlKeys, SqlOptionKeys};
use super::type_name::not_built;
use crate::names;
use crate::setting::{NotBuilt, Reason};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;
use std::borrow::Cow;

impl JsonSchema for PersistenceSection {
    fn schema_name() -> Cow<'static, str> {
        "Persistence".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let common = PersistenceKeys::json_schema(generator);
        let no_options = json!({ "type": "object", "additionalProperties": false });
        let in_memory = merged(&[&common], Some(no_options));
        let sql_options = generator.subschema_for::<SqlOptionKeys>();
        let mut sql = merged(
            &[&common, &SqlKeys::json_schema(generator), &SqlOptionKeys::json_schema(generator)],
            Some(sql_options.into()),
        );
        if let Some(sql) = sql.as_object_mut() {
            sql.insert("allOf".to_owned(), engine_option::schema());
        }
        let later: Vec<_> = not_built().iter().map(|name| names::pattern(name)).collect();
        let mut properties = common.get("properties").cloned().unwrap_or_default();
        if let Some(properties) = properties.as_object_mut() {
            properties.insert("options".to_owned(), json!({ "type": "object" }));
        }
        let cases = [
            when(&names::pattern("inMemory"), &in_memory),
            when(&names::pattern("sql"), &sql),
            #[cfg(feature = "redis")]
            when(&names::pattern("redis"), &redis(&common, generator)),
            when(&later.join("|"), &json!({ "not": {}, "description": NotBuilt::PROBLEM })),
        ];
        json_schema!({
            "description": "Where governance state is kept.",
            "type": "object",
            "required": ["type"],
            "properties": properties,
            "allOf": cases,
        })
    }
}

#[cfg(feature = "redis")]
fn redis(common: &Schema, generator: &mut SchemaGenerator) -> serde_json::Value {
    let options = generator.subschema_for::<RedisOptionKeys>();
    let flat = RedisOptionKeys::json_schema(generator);
    merged(&[common, &RedisKeys::json_schema(generator), &flat], Some(options.into()))
}
