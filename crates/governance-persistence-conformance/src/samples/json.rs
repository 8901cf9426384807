//! JSON that is hard to keep: what an engine loses when it decodes a number or sorts by itself.

use governance_persistence::{Json, JsonObject};

/// A JSON object of values that engines like to change.
pub fn odd_object() -> JsonObject {
    odd_json().try_into().expect("the sample is an object")
}

/// The same as a value of any kind.
pub fn odd_json() -> Json {
    let nested = format!("{}\"deep\"{}", "[".repeat(29), "]".repeat(29));
    let text = format!(
        r#"{{
            "largest": 18446744073709551615, "smallest": -9223372036854775808, "beyond a double": 9007199254740993,
            "tiny": 1e-7, "minus zero": -0.0, "huge": 1e21, "hundred": 1e2, "tenth": 0.1, "third": 0.3333333333333333,
            "denormal": 5e-324, "greatest": 1.7976931348623157e308, "whole": 1.0,
            "€": "euro", "😀": "U+1F600 sorts before U+FB33 by UTF-16", "\ufb33": "dalet", "\u0080": "control",
            "ö": "NFC", "o\u0308": "NFD", "": "the empty name", "a.b": 1, "$set": 2, "A": 3, "a": 4,
            "quotes": "'\"\\/", "lines": "a\r\n\tb", "controls": "\u0001\u001f\u007f", "separators": "\u2028\u2029",
            "like": "%_*?[]{{}}", "null": null, "yes": true, "empty": [[], {{}}, ""], "nested": {nested}
        }}"#
    );
    Json::parse(&text).expect("the sample is JSON")
}

/// A JSON object with one text of this many bytes.
pub fn large_json(bytes: usize) -> Json {
    Json::from_value(&serde_json::json!({ "blob": "x".repeat(bytes) })).expect("the sample is JSON")
}
