//! The options of a custom type: any JSON object. No key says of which type a value is to be, so
//! that each is what its notation says; strings have their variables filled in.

use super::persistence::OptionKeys;
use crate::document::{self, Entry, Notation, Scalar};
use crate::interpolation::escape;
use crate::reading::{At, Keys, Reading, Source};
use governance::Error;
use governance_persistence::{JsonObject, limits::MAX_JSON_DEPTH};
use serde_json::{Map, Value};

/// The options of a section of a custom type, under `options` and flat beside `type`.
pub(super) fn of_section(mut flat: Keys<'_>, reading: &mut Reading<'_>) -> Option<JsonObject> {
    let nested = flat.find("options", reading).and_then(|options| Keys::of(&options, reading));
    read(&OptionKeys { flat, nested }, reading)
}

/// The options of both places; none when something is faulty.
pub(super) fn read(keys: &OptionKeys<'_>, reading: &mut Reading<'_>) -> Option<JsonObject> {
    let mut object = Map::new();
    let nested = keys.nested.as_ref().into_iter().flat_map(|nested| nested.unknown().map(|entry| (nested.at(), entry)));
    let flat = keys.flat.unknown().map(|entry| (keys.flat.at(), entry));
    let mut complete = true;
    for (at, entry) in nested.chain(flat) {
        complete &= member(&mut object, &at.path, entry, 1, reading);
    }
    if !complete {
        return None;
    }
    match JsonObject::try_from(Value::Object(object)) {
        Ok(options) => Some(options),
        Err(_) => {
            reading.fault(keys.flat.at(), "holds options that cannot be kept as JSON", "a JSON object");
            None
        }
    }
}

/// What the factory of a custom type made, for its name to be known. What it refuses is a fault here, where the file
/// has a line for it. Where variables take part that is left to the building: what it says may hold what they hold.
pub(super) fn made<T>(made: governance::Result<T>, at: &At<'_>, reading: &mut Reading<'_>) -> Option<T> {
    let error = match made {
        Ok(made) => return Some(made),
        Err(error) => error,
    };
    match error {
        _ if at.holds_variables() => {}
        Error::Invalid(invalid) => {
            for fault in invalid.faults() {
                let problem = format!("is refused by its type: {} {}", fault.field, fault.problem);
                reading.fault(at, problem, fault.expected.clone());
            }
        }
        error => reading.fault(at, format!("is refused by its type: {error}"), "options that the type takes"),
    }
    None
}

/// The object as it is written, such that it is read as it is.
pub(super) fn written(options: &JsonObject) -> Value {
    escaped(options.as_json().to_value())
}

fn escaped(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(escape(&text)),
        Value::Array(items) => items.into_iter().map(escaped).collect(),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, escaped(value))).collect(),
        other => other,
    }
}

/// Adds an entry to an object; false when it is faulty.
fn member(object: &mut Map<String, Value>, path: &str, entry: &Entry, depth: usize, reading: &mut Reading<'_>) -> bool {
    let Some(key) = &entry.key else {
        let at = At::entry(path, "?", entry);
        reading.key_fault(&at, "the key is no text", "a name as the key");
        return false;
    };
    let at = At::entry(path, key, entry);
    if entry.merges {
        reading.merge_fault(&at);
        return false;
    }
    if key.contains('\0') {
        reading.key_fault(&at, "the key holds the NUL character", "a name without it");
        return false;
    }
    if object.contains_key(key) {
        reading.key_fault(&at, format!("the key `{key}` stands twice"), "each key once");
        return false;
    }
    let Some(value) = value(&at, depth, reading) else { return false };
    object.insert(key.clone(), value);
    true
}

fn value(at: &At<'_>, depth: usize, reading: &mut Reading<'_>) -> Option<Value> {
    if !reading.untagged(at) {
        return None;
    }
    if depth >= MAX_JSON_DEPTH && !matches!(at.node.value, document::Value::Scalar(_)) {
        reading.fault(at, "nests too deep", format!("at most {MAX_JSON_DEPTH} levels of options"));
        return None;
    }
    match &at.node.value {
        document::Value::Scalar(scalar) => of_scalar(at, scalar, reading),
        document::Value::List(nodes) => {
            let items = nodes.iter().enumerate();
            let items: Vec<_> =
                items.map(|(i, node)| value(&At::item(&at.path, i, node), depth + 1, reading)).collect();
            items.into_iter().collect::<Option<Vec<_>>>().map(Value::Array)
        }
        document::Value::Map(entries) => {
            let mut object = Map::new();
            let mut complete = true;
            for entry in entries.iter() {
                complete &= member(&mut object, &at.path, entry, depth + 1, reading);
            }
            complete.then_some(Value::Object(object))
        }
    }
}

fn of_scalar(at: &At<'_>, scalar: &Scalar, reading: &mut Reading<'_>) -> Option<Value> {
    let problem = match scalar.value() {
        Value::String(text) if scalar.notation == Notation::YamlPlain && is_not_finite(&text) => {
            "is a number that JSON does not have"
        }
        Value::String(text) if scalar.notation == Notation::YamlPlain && is_integer(&text) => {
            if has_leading_zero(&text) { LEADING_ZERO } else { TOO_LARGE }
        }
        Value::String(_) => {
            let text = reading.text(at, "a text")?;
            if !text.contains('\0') {
                return Some(Value::String(text));
            }
            "holds the NUL character"
        }
        Value::Number(number) if number.is_f64() && is_integer(&scalar.text) => TOO_LARGE,
        value => return Some(value),
    };
    reading.fault(at, format!("{} {problem}", at.shown()), "a JSON value; a string if it stands in quotes");
    None
}

const LEADING_ZERO: &str = "begins with a zero, as a text may and a number may not";
const TOO_LARGE: &str = "is an integer that 64 bits do not hold";

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_leading_zero(integer: &str) -> bool {
    integer.trim_start_matches(['+', '-']).starts_with('0')
}

fn is_not_finite(text: &str) -> bool {
    matches!(text.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str(), ".inf" | ".nan")
}
