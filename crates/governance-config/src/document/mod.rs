//! A parsed file: values, and where in the text each of them stands. YAML and JSON become the same.

mod json;
mod scalar;
mod yaml;
pub(crate) mod yaml_data;

pub(crate) use scalar::{Notation, Scalar};

use crate::Format;
use crate::diagnostics::{Faults, Span};
use crate::names;
use std::rc::Rc;

/// Most bytes of a file.
pub(crate) const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting.
const MAX_DEPTH: usize = 64;
/// Most values and keys, those that aliases repeat included.
const MAX_NODES: usize = 50_000;

/// A whole file.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) root: Node,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) tagged: bool,
    pub(crate) value: Value,
}

/// A value. Aliases share what they repeat.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Scalar(Scalar),
    List(Rc<[Node]>),
    Map(Rc<[Entry]>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// None when the key is no scalar, as YAML allows.
    pub(crate) key: Option<String>,
    pub(crate) key_span: Span,
    /// Is it YAML's merge key, a plain `<<`?
    pub(crate) merges: bool,
    pub(crate) node: Node,
}

impl Document {
    /// Parses a text, or says why it cannot be.
    pub(crate) fn parse(text: &str, format: Format, faults: &mut Faults) -> Option<Self> {
        if text.len() > MAX_BYTES {
            faults.add(Span::default(), "", "the text is larger than 1 MiB", "at most 1 MiB");
            return None;
        }
        let root = match format {
            Format::Yaml => yaml::parse(text, faults),
            Format::Json => json::parse(text, faults),
        }?;
        hide_connections(&root, faults);
        Some(Self { root })
    }
}

/// A connection string may hold a password in a spelling that nobody foresaw: none of it is shown
/// that could be one.
fn hide_connections(node: &Node, faults: &mut Faults) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter().for_each(|item| hide_connections(item, faults)),
        Value::Map(entries) => {
            for Entry { key, node, .. } in entries.iter() {
                match &node.value {
                    Value::Scalar(scalar) if key.as_deref().is_some_and(is_connection) => {
                        if !is_harmless(&scalar.text) {
                            faults.hide(node.span);
                        }
                    }
                    _ => hide_connections(node, faults),
                }
            }
        }
    }
}

/// Just a variable, or a file.
fn is_harmless(text: &str) -> bool {
    let variable = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    variable.is_some_and(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        || (text.starts_with("sqlite:") && !text.contains('@'))
}

/// `connectionString`, however it is misspelled.
fn is_connection(key: &str) -> bool {
    names::closest(key, ["connectionString"]).is_some()
}

fn too_deep(faults: &mut Faults, span: Span) {
    let expected = format!("at most {MAX_DEPTH} levels");
    faults.add(span, "", format!("nests deeper than {MAX_DEPTH} levels"), expected);
}

fn too_many(faults: &mut Faults, span: Span) {
    let expected = format!("at most {MAX_NODES}, those that aliases repeat included");
    faults.add(span, "", format!("holds more than {MAX_NODES} values"), expected);
}

fn empty(faults: &mut Faults) {
    faults.add(Span::default(), "", "the file is empty", "`governance:` with `persistence:` in it");
}
