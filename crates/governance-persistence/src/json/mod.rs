//! JSON values in canonical form, kept as text and decoded only when somebody asks.

mod canonical;
mod number;
mod parse;

use crate::{Error, Fault, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::sync::{Arc, LazyLock};
use std::{fmt, str::FromStr};

/// A JSON value, normalised to canonical text when it is built.
///
/// Canonical is RFC 8785 (no white space, sorted names, shortest numbers) except that integers
/// of 64 bits are written exactly, where the RFC would pass them through a double. Two values are
/// equal when their canonical texts are. Cloning is cheap.
///
/// ```
/// use governance_persistence::Json;
///
/// let json = Json::parse(r#"{ "share": 1.50, "id": 9007199254740993 }"#)?;
/// assert_eq!(json.as_str(), r#"{"id":9007199254740993,"share":1.5}"#);
/// # Ok::<(), governance_persistence::Error>(())
/// ```
#[derive(Clone)]
pub struct Json {
    text: Arc<RawValue>,
    /// Is the text known to be canonical?
    checked: bool,
}

impl Json {
    /// Reads JSON text.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is not JSON, nests deeper than 30, holds NUL, repeats a name in
    /// one object, or holds an integer beyond 64 bits, which no reader would keep exactly.
    pub fn parse(text: &str) -> Result<Self> {
        let expected = "JSON (RFC 8259)";
        let parse::Unique(value) = serde_json::from_str(text)
            .map_err(|error| Fault::new("json", format!("does not parse: {error}"), expected))?;
        if let Some(literal) = parse::rounded_integer(text) {
            let problem = format!("holds the integer {literal}, which does not fit 64 bits");
            let expected = "integers from -2^63 to 2^64 - 1; larger ones as a string";
            return Err(Fault::new("json", problem, expected).into());
        }
        Self::from_value(&value)
    }

    /// Normalises a value.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it nests deeper than 30 or holds NUL.
    pub fn from_value(value: &Value) -> Result<Self> {
        canonical::check(value).map_err(|fault| fault.within("json"))?;
        let mut text = String::new();
        canonical::write(&mut text, value);
        Ok(Self { checked: true, ..Self::from_canonical(text)? })
    }

    /// Normalises whatever serializes to JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it does not serialize, and as [`from_value`](Self::from_value).
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        let value = serde_json::to_value(value)
            .map_err(|error| Error::invalid("json", format!("does not serialize: {error}"), "a value that does"))?;
        Self::from_value(&value)
    }

    /// Takes text that [`as_str`](Self::as_str) gave, as a backplane stored it. Only its syntax is
    /// checked here, so that reading is fast; the rest is when the value goes into a commit, and
    /// when a log entry is verified.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is not JSON.
    pub fn from_canonical(text: String) -> Result<Self> {
        let wrong = |problem: String| Error::invalid("json", problem, "JSON");
        if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
            return Err(wrong("has white space at an end, so it is not canonical".to_owned()));
        }
        RawValue::from_string(text)
            .map(|raw| Self { text: raw.into(), checked: false })
            .map_err(|error| wrong(format!("does not parse: {error}")))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        self.text.get()
    }

    /// The value, decoded.
    pub fn to_value(&self) -> Value {
        serde_json::from_str(self.as_str()).unwrap_or(Value::Null) // its syntax was checked
    }

    /// Decodes into a type of yours.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the value has another shape.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.as_str()).map_err(|error| {
            let expected = format!("JSON of the shape of {}", std::any::type_name::<T>());
            Error::invalid("json", error.to_string(), expected)
        })
    }

    /// Is the text canonical, and within the limits?
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.checked {
            return Ok(());
        }
        let expected = "canonical JSON, as `Json::parse` makes it";
        match Self::parse(self.as_str()) {
            Ok(canonical) if canonical == *self => Ok(()),
            Ok(_) => Err(Fault::new("", "is not canonical", expected)),
            Err(error) => Err(Fault::new("", format!("is not valid: {error}"), expected)),
        }
    }

    fn is_object(&self) -> bool {
        self.as_str().starts_with('{')
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({self})")
    }
}

impl FromStr for Json {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl TryFrom<Value> for Json {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self> {
        Self::from_value(&value)
    }
}

impl Serialize for Json {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As text, because a decoded number may have lost digits already.
        let text = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(text.get()).map_err(serde::de::Error::custom)
    }
}

/// A JSON object: the metadata of a record or a state, the parameters of a policy.
///
/// ```
/// use governance_persistence::JsonObject;
/// use serde_json::json;
///
/// let metadata = JsonObject::try_from(json!({"ticket": "OPS-7"}))?;
/// assert_eq!(metadata.get("ticket"), Some(json!("OPS-7")));
/// assert!(JsonObject::try_from(json!([])).is_err());
/// # Ok::<(), governance_persistence::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Json")]
pub struct JsonObject(Json);

impl JsonObject {
    /// The object with no members.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The object as a value of any kind.
    pub fn as_json(&self) -> &Json {
        &self.0
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The member of this name. Decodes the whole object: for more than one, decode it once.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.0.to_value().get_mut(name).map(Value::take)
    }
}

impl Default for JsonObject {
    fn default() -> Self {
        static EMPTY: LazyLock<Json> = LazyLock::new(|| {
            let text = RawValue::from_string("{}".to_owned()).unwrap_or_default();
            Json { text: text.into(), checked: true }
        });
        Self(EMPTY.clone())
    }
}

impl TryFrom<Json> for JsonObject {
    type Error = Error;

    fn try_from(json: Json) -> Result<Self> {
        if json.is_object() {
            Ok(Self(json))
        } else {
            Err(Error::invalid("json", "is not an object", "a JSON object, {…}"))
        }
    }
}

impl TryFrom<Value> for JsonObject {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self> {
        Json::try_from(value)?.try_into()
    }
}

impl fmt::Display for JsonObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn depth_thirty_is_taken_and_thirty_one_is_not() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::parse(&nested(30)).is_ok());
        let error = Json::parse(&nested(31)).unwrap_err().to_string();
        assert!(error.contains("nests deeper than 30"), "{error}");
    }

    #[test]
    fn nothing_is_lost_in_silence() {
        for bad in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":[{"b":1,"b":1}]}"#,
            "[123456789012345678901234567890]",
            "-9223372036854775809",
            r#"{"a":"\u0000"}"#,
            r#"{"\u0000":1}"#,
            "1e400",
            "{",
            "",
        ] {
            assert!(Json::parse(bad).is_err(), "{bad}");
        }
        for good in [r#""123456789012345678901234567890\\""#, "1e20", "100000000000000000000"] {
            assert!(Json::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_fault_names_the_path() {
        let value = json!({"a": {"b": ["x", "nul\0"]}});
        let error = Json::from_value(&value).unwrap_err().to_string();
        assert!(error.contains("json.a.b[1] holds the NUL"), "{error}");
    }

    #[test]
    fn a_value_survives_other_json_around_it() {
        let json = Json::parse(r#"{"exact":18446744073709551615,"f":0.1}"#).unwrap();
        let around = serde_json::to_string(&[&json]).unwrap();
        assert_eq!(around, format!("[{json}]"));
        assert_eq!(serde_json::from_str::<Vec<Json>>(&around).unwrap(), [json]);
        assert!(serde_json::from_str::<Json>("[123456789012345678901234567890]").is_err());
    }
}
