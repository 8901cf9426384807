//! Canonical JSON: RFC 8785, with integers written exactly.

use super::number;
use crate::limits::MAX_JSON_DEPTH;
use crate::{Fault, Result};
use serde_json::{Map, Value};

/// Appends `value` in canonical form: no white space, properties sorted by UTF-16 code units,
/// the shortest escapes.
pub(super) fn write(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => number::write(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => write_object(out, members),
    }
}

fn write_object(out: &mut String, members: &Map<String, Value>) {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push('{');
    for (index, (name, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(out, name);
        out.push(':');
        write(out, value);
    }
    out.push('}');
}

/// serde_json escapes just what RFC 8785 section 3.2.2.2 does, in the same spelling.
fn write_string(out: &mut String, text: &str) {
    out.push_str(&Value::from(text).to_string());
}

/// Refuses what some engine could not keep: nesting over 30 and NUL.
pub(super) fn check(value: &Value) -> Result<(), Fault> {
    check_at(value, 0)
}

fn check_at(value: &Value, depth: usize) -> Result<(), Fault> {
    if depth == MAX_JSON_DEPTH && matches!(value, Value::Array(_) | Value::Object(_)) {
        let expected = format!("arrays and objects at most {MAX_JSON_DEPTH} deep");
        return Err(Fault::new("", format!("nests deeper than {MAX_JSON_DEPTH}"), expected));
    }
    match value {
        Value::String(text) => check_text(text),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
            check_at(item, depth + 1).map_err(|fault| fault.within(&format!("[{index}]")))
        }),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            check_text(name)?;
            check_at(value, depth + 1).map_err(|fault| fault.within(name))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), Fault> {
    if text.contains('\0') {
        return Err(Fault::new("", "holds the NUL character", "text without U+0000"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Json;

    fn canonical(text: &str) -> String {
        Json::parse(text).unwrap().as_str().to_owned()
    }

    /// RFC 8785, section 3.2.2, the sample with its expected result.
    #[test]
    fn rfc_8785_section_3_2_2() {
        let input = r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        let expected = "{\"literals\":[null,true,false],\
            \"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
            \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(canonical(input), expected);
    }

    /// RFC 8785, section 3.2.3, the sample of property sorting.
    #[test]
    fn rfc_8785_section_3_2_3() {
        let input = r#"{
            "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
            "\u00f6": "Latin Small Letter O With Diaeresis"
        }"#;
        let sorted = ["Carriage Return", "One", "Control", "Latin Small", "Euro Sign", "Emoji", "Hebrew"];
        let text = canonical(input);
        let places: Vec<_> = sorted.iter().map(|value| text.find(value).unwrap()).collect();
        assert!(places.is_sorted(), "{text}");
    }

    #[test]
    fn canonical_text_is_its_own_canonical_text() {
        for text in ["1.2345678901234567e19", "1e20", "1e21", "-0.0", "18446744073709551615", "-1.5E-7"] {
            let once = canonical(text);
            assert_eq!(canonical(&once), once);
        }
    }
}
