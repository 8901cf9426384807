//! What changed between two configurations, place by place.

use governance_persistence::Json;
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// What changed between two configurations: each change at its deepest place, in an order in which
/// they can be made one after the other.
///
/// ```
/// use governance::persistence::Json;
/// use governance::{Change, Diff};
/// use serde_json::json;
///
/// let before = Json::parse(r#"{"traffic": 10, "audience": {"beta/eu": true}, "hosts": ["a", "b"]}"#)?;
/// let after = Json::parse(r#"{"traffic": 50, "audience": {}, "hosts": ["a", "b", "c"]}"#)?;
/// let diff = Diff::between(&before, &after);
/// assert_eq!(diff.to_string(), "Removed /audience/beta~1eu: true\nAdded /hosts/2: \"c\"\nModified /traffic: 10 -> 50");
/// assert_eq!(
///     serde_json::to_value(diff.to_patch())?,
///     json!([
///         {"op": "remove", "path": "/audience/beta~1eu"},
///         {"op": "add", "path": "/hosts/2", "value": "c"},
///         {"op": "replace", "path": "/traffic", "value": 50},
///     ])
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Members of objects are told apart by name, items of lists by index: an item put in front of
/// others changes them all.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Diff(Vec<Change>);

/// One change. In JSON: `{"change":"Modified","pointer":"/traffic","before":10,"after":50}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change")]
#[non_exhaustive]
pub enum Change {
    /// Something came in.
    Added {
        /// Where it is now: a JSON Pointer (RFC 6901).
        pointer: String,
        /// What it is.
        after: Value,
    },
    /// Something became something else.
    Modified {
        /// Where: a JSON Pointer (RFC 6901).
        pointer: String,
        /// What was there.
        before: Value,
        /// What is there now.
        after: Value,
    },
    /// Something went away.
    Removed {
        /// Where it was: a JSON Pointer (RFC 6901).
        pointer: String,
        /// What it was.
        before: Value,
    },
}

impl Change {
    /// Where: a JSON Pointer (RFC 6901).
    pub fn pointer(&self) -> &str {
        match self {
            Self::Added { pointer, .. } | Self::Modified { pointer, .. } | Self::Removed { pointer, .. } => pointer,
        }
    }
}

/// One operation of a JSON Patch (RFC 6902); a list of them serializes as one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
#[non_exhaustive]
pub enum PatchOperation {
    /// Puts a value where there was none.
    Add {
        /// Where.
        path: String,
        /// The value.
        value: Value,
    },
    /// Removes a value.
    Remove {
        /// Where.
        path: String,
    },
    /// Puts another value in place of one.
    Replace {
        /// Where.
        path: String,
        /// The value.
        value: Value,
    },
}

impl Diff {
    /// What has to change in `before` for it to be `after`.
    pub fn between(before: &Json, after: &Json) -> Self {
        let mut changes = Vec::new();
        compare(&mut changes, "", before.to_value(), after.to_value());
        Self(changes)
    }

    /// The changes.
    pub fn changes(&self) -> &[Change] {
        &self.0
    }

    /// Is there no change?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The JSON Patch (RFC 6902) that makes the changes.
    pub fn to_patch(&self) -> Vec<PatchOperation> {
        let operation = |change: &Change| match change.clone() {
            Change::Added { pointer, after } => PatchOperation::Add { path: pointer, value: after },
            Change::Modified { pointer, after, .. } => PatchOperation::Replace { path: pointer, value: after },
            Change::Removed { pointer, .. } => PatchOperation::Remove { path: pointer },
        };
        self.0.iter().map(operation).collect()
    }
}

fn compare(changes: &mut Vec<Change>, pointer: &str, before: Value, after: Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(mut after)) => {
            // In the order of names: what stays and what goes first, then what comes.
            for (name, before) in before {
                let pointer = step(pointer, &name);
                match after.remove(&name) {
                    Some(after) => compare(changes, &pointer, before, after),
                    None => changes.push(Change::Removed { pointer, before }),
                }
            }
            for (name, after) in after {
                changes.push(Change::Added { pointer: step(pointer, &name), after });
            }
        }
        (Value::Array(mut before), Value::Array(mut after)) => {
            let both = before.len().min(after.len());
            let (gone, come) = (before.split_off(both), after.split_off(both));
            for (index, (before, after)) in before.into_iter().zip(after).enumerate() {
                compare(changes, &format!("{pointer}/{index}"), before, after);
            }
            // From the end, so that each index still is what it was.
            for (index, before) in gone.into_iter().enumerate().rev() {
                changes.push(Change::Removed { pointer: format!("{pointer}/{}", both + index), before });
            }
            for (index, after) in come.into_iter().enumerate() {
                changes.push(Change::Added { pointer: format!("{pointer}/{}", both + index), after });
            }
        }
        (before, after) if before == after => {}
        (before, after) => changes.push(Change::Modified { pointer: pointer.to_owned(), before, after }),
    }
}

/// The pointer to a member: RFC 6901 writes `~` as `~0`, and `/` as `~1`.
fn step(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, change) in self.0.iter().enumerate() {
            let between = if index == 0 { "" } else { "\n" };
            write!(f, "{between}{change}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added { pointer, after } => write!(f, "Added {pointer}: {after}"),
            Self::Modified { pointer, before, after } => write!(f, "Modified {pointer}: {before} -> {after}"),
            Self::Removed { pointer, before } => write!(f, "Removed {pointer}: {before}"),
        }
    }
}
