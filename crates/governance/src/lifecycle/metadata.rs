//! The member `governance` of a record's metadata: the managers' own words beside the caller's.

use crate::{Error, Result};
use governance_persistence::JsonObject;
use serde_json::Value;

/// The member of a record's metadata that is ours.
pub(crate) const OURS: &str = "governance";

/// Refuses metadata that has our member.
pub(crate) fn check_metadata(metadata: &JsonObject) -> Result<()> {
    if metadata.get(OURS).is_none() {
        return Ok(());
    }
    Err(Error::invalid("metadata", format!("has the member {OURS:?}"), "other names; this one is the managers'"))
}

/// The metadata with our member, if there is something to say.
pub(crate) fn with_ours(metadata: &JsonObject, ours: Option<Value>) -> Result<JsonObject> {
    let Some(ours) = ours else {
        return Ok(metadata.clone());
    };
    let mut value = metadata.as_json().to_value();
    if let Value::Object(members) = &mut value {
        members.insert(OURS.to_owned(), ours);
    }
    Ok(JsonObject::try_from(value)?)
}

/// The caller's part of the metadata.
pub(crate) fn without_ours(metadata: &JsonObject) -> JsonObject {
    let mut value = metadata.as_json().to_value();
    if let Value::Object(members) = &mut value {
        members.remove(OURS);
    }
    // What is left of an object within the limits is one.
    JsonObject::try_from(value).unwrap_or_default()
}
