//! The one place that knows serde_yaml, which is no longer developed: what plain YAML scalars
//! mean, and writing YAML.

use serde::Serialize;
use serde_json::Value;

/// The null, boolean or number that a plain scalar stands for; none when it is a string, or a
/// number that JSON does not have.
pub(crate) fn read_plain(text: &str) -> Option<Value> {
    if text.is_empty() {
        return Some(Value::Null);
    }
    // Nothing longer can be a number that is kept exactly, so it need not be looked at.
    const MAX: usize = 400;
    if text.len() > MAX {
        return None;
    }
    match serde_yaml::from_str(text).ok()? {
        serde_yaml::Value::Null => Some(Value::Null),
        serde_yaml::Value::Bool(flag) => Some(flag.into()),
        number @ serde_yaml::Value::Number(_) => serde_json::to_value(number).ok().filter(Value::is_number),
        _ => None,
    }
}

/// The value as a YAML document; none when it has a shape that YAML cannot take.
pub(crate) fn write<T: Serialize>(value: &T) -> Option<String> {
    serde_yaml::to_string(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn plain_scalars_are_of_the_core_schema() {
        for (text, value) in [
            ("", Some(json!(null))),
            ("~", Some(json!(null))),
            ("null", Some(json!(null))),
            ("true", Some(json!(true))),
            ("12", Some(json!(12))),
            ("0x1F", Some(json!(31))),
            ("18446744073709551615", Some(json!(u64::MAX))),
            ("-1.5e3", Some(json!(-1500.0))),
            ("yes", None),
            ("12:30:00", None),
            ("2024-01-01", None),
            (".nan", None),
            ("a: b", None),
            ("# a", Some(json!(null))),
        ] {
            assert_eq!(read_plain(text), value, "{text}");
        }
    }
}
