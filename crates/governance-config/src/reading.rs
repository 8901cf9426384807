//! Walking over a document: values with their paths, and the keys of a mapping. Every fault is
//! collected, and the walk goes on.

use crate::diagnostics::{Faults, Span, shown};
use crate::document::{Entry, Node, Value, is_hidden};
use crate::interpolation::interpolate;
use crate::setting::Setting;
use crate::{Registry, names};

/// What a walk has with it.
pub(crate) struct Reading<'a> {
    variables: &'a dyn Fn(&str) -> Option<String>,
    pub(crate) registry: &'a Registry,
    faults: &'a mut Faults,
}

/// A value, the path of the key it belongs to, and that key's place.
#[derive(Clone, Debug)]
pub(crate) struct At<'n> {
    pub(crate) node: &'n Node,
    pub(crate) path: String,
    key_span: Span,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(
        variables: &'a dyn Fn(&str) -> Option<String>,
        registry: &'a Registry,
        faults: &'a mut Faults,
    ) -> Self {
        Self { variables, registry, faults }
    }

    /// A fault of this value.
    pub(crate) fn fault(&mut self, at: &At<'_>, problem: impl Into<String>, expected: impl Into<String>) {
        self.faults.add(at.node.span, &*at.path, problem, expected);
    }

    /// A fault of the key, not of its value.
    pub(crate) fn key_fault(&mut self, at: &At<'_>, problem: impl Into<String>, expected: impl Into<String>) {
        self.faults.add(at.key_span, &*at.path, problem, expected);
    }

    /// A fault of a YAML merge key, which JSON does not have.
    pub(crate) fn merge_fault(&mut self, at: &At<'_>) {
        self.key_fault(at, "merge keys are not supported", "the keys written out");
    }

    /// The text of a scalar that may not be left out, with its variables filled in.
    pub(crate) fn text(&mut self, at: &At<'_>, expected: &str) -> Option<String> {
        if !self.untagged(at) {
            return None;
        }
        let Value::Scalar(scalar) = &at.node.value else {
            self.fault(at, format!("is {}", kind(at.node)), expected);
            return None;
        };
        if scalar.is_null() {
            self.fault(at, "has no value", expected);
            return None;
        }
        match interpolate(&scalar.text, self.variables) {
            Ok(text) => Some(text),
            Err(faults) => {
                for (problem, expected) in faults {
                    self.fault(at, problem, expected);
                }
                None
            }
        }
    }

    /// Refuses a YAML tag, which JSON could not have.
    pub(crate) fn untagged(&mut self, at: &At<'_>) -> bool {
        if at.node.tagged {
            self.fault(at, "has a YAML tag (`!…`)", "the value alone: its key says of which type it is");
        }
        !at.node.tagged
    }
}

impl<'n> At<'n> {
    /// The whole file.
    pub(crate) fn root(node: &'n Node) -> Self {
        Self { node, path: String::new(), key_span: Span::default() }
    }

    /// The value of a key of the mapping at `path`.
    pub(crate) fn entry(path: &str, key: &str, entry: &'n Entry) -> Self {
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        Self { node: &entry.node, path, key_span: entry.key_span }
    }

    /// An item of the list at `path`.
    pub(crate) fn item(path: &str, index: usize, node: &'n Node) -> Self {
        Self { node, path: format!("{path}[{index}]"), key_span: node.span }
    }

    /// The items, if it is a list.
    pub(crate) fn items(&self) -> Option<Vec<Self>> {
        let Value::List(items) = &self.node.value else { return None };
        Some(items.iter().enumerate().map(|(index, node)| Self::item(&self.path, index, node)).collect())
    }

    /// The same value, by another path.
    pub(crate) fn named(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// Is it null, or left out?
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.node.value, Value::Scalar(scalar) if scalar.is_null())
    }

    /// Is it a mapping with a merge key, which may have been meant to bring what is missing?
    pub(crate) fn merges(&self) -> bool {
        matches!(&self.node.value, Value::Map(entries) if entries.iter().any(|entry| entry.merges))
    }

    /// Is it a mapping?
    pub(crate) fn is_mapping(&self) -> bool {
        matches!(self.node.value, Value::Map(_))
    }

    /// The value as the file has it, for messages. What came from a variable is not in it, and what may be a secret
    /// is not shown.
    pub(crate) fn shown(&self) -> String {
        match &self.node.value {
            Value::Scalar(scalar) if is_hidden(&self.path, &scalar.text) => "what stands here".to_owned(),
            Value::Scalar(scalar) => format!("`{}`", shown(&scalar.text)),
            _ => kind(self.node).to_owned(),
        }
    }

    /// What stands before the first colon, if it is a single value with one.
    #[cfg(feature = "redis")]
    pub(crate) fn scheme(&self) -> Option<&str> {
        let Value::Scalar(scalar) = &self.node.value else { return None };
        scalar.text.split_once(':').map(|(scheme, _)| scheme)
    }

    /// Is there an at sign behind a question mark? In a URL, what stands between is no parameter then.
    pub(crate) fn has_sign_behind_parameters(&self) -> bool {
        matches!(&self.node.value, Value::Scalar(scalar)
            if scalar.text.split_once('?').is_some_and(|(_, behind)| behind.contains('@')))
    }

    /// Do variables take part in it, or in anything that it holds?
    pub(crate) fn holds_variables(&self) -> bool {
        fn holds(node: &Node) -> bool {
            match &node.value {
                Value::Scalar(scalar) => scalar.text.contains("${"),
                Value::List(items) => items.iter().any(holds),
                Value::Map(entries) => entries.iter().any(|entry| holds(&entry.node)),
            }
        }
        holds(self.node)
    }

    /// Did variables take part, so that what was read must not be shown?
    pub(crate) fn is_interpolated(&self) -> bool {
        matches!(&self.node.value, Value::Scalar(scalar) if scalar.text.contains("${"))
    }
}

/// What a value is, in words.
pub(crate) fn kind(node: &Node) -> &'static str {
    match &node.value {
        Value::Scalar(_) => "a single value",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}

/// Where the settings of a section are looked up by key.
pub(crate) trait Source<'n> {
    /// The value of a key, found once. That it is known is remembered.
    fn find(&mut self, key: &'static str, reading: &mut Reading<'_>) -> Option<At<'n>>;

    /// The mapping that the section stands in.
    fn at(&self) -> &At<'n>;

    /// The setting of a key that may be left out.
    fn optional<T: Setting>(&mut self, key: &'static str, reading: &mut Reading<'_>) -> Option<T> {
        let at = self.find(key, reading)?;
        T::read(&at, reading)
    }

    /// The setting of a key that may not.
    fn required<T: Setting>(&mut self, key: &'static str, reading: &mut Reading<'_>) -> Option<T> {
        match self.find(key, reading) {
            Some(at) => T::read(&at, reading),
            // That it may not merge is said, and reason enough.
            None if self.at().merges() => None,
            None => {
                reading.key_fault(self.at(), format!("`{key}` is missing"), format!("`{key}:` in it"));
                None
            }
        }
    }
}

/// The keys of a mapping.
#[derive(Debug)]
pub(crate) struct Keys<'n> {
    at: At<'n>,
    entries: &'n [Entry],
    known: Vec<&'static str>,
}

impl<'n> Keys<'n> {
    /// The keys of the value, if it is a mapping.
    pub(crate) fn of(at: &At<'n>, reading: &mut Reading<'_>) -> Option<Self> {
        if !reading.untagged(at) {
            return None;
        }
        match &at.node.value {
            Value::Map(entries) => Some(Self { at: at.clone(), entries, known: Vec::new() }),
            Value::Scalar(scalar) if scalar.is_null() => {
                reading.fault(at, "has no value", "a mapping of keys and values");
                None
            }
            _ => {
                reading.fault(at, format!("is {}", kind(at.node)), "a mapping of keys and values");
                None
            }
        }
    }

    /// The value of a key, without remembering that it is known.
    pub(crate) fn peek(&self, key: &str) -> Option<At<'n>> {
        self.named(key).next()
    }

    /// Those entries that nobody asked for.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = &'n Entry> {
        self.entries.iter().filter(|entry| !entry.key.as_deref().is_some_and(|key| self.known.contains(&key)))
    }

    /// Refuses what nobody asked for. `elsewhere` has keys that belong to something else, and what
    /// that is; `close` has keys that may be meant, beside those asked for.
    pub(crate) fn refuse_unknown(&self, elsewhere: &[(&[&str], &str)], close: &[&str], reading: &mut Reading<'_>) {
        let candidates: Vec<_> = self.known.iter().chain(close).copied().collect();
        for entry in self.unknown() {
            let Some(key) = &entry.key else {
                let span = entry.key_span;
                reading.faults.add(span, &*self.at.path, "a key is no text", "a name as the key");
                continue;
            };
            let at = At::entry(&self.at.path, &shown(key), entry);
            let owner = elsewhere.iter().find(|(keys, _)| keys.contains(&key.as_str()));
            match owner {
                Some((_, owner)) => {
                    reading.key_fault(&at, format!("`{key}` belongs to {owner}"), "it to be left out");
                }
                None if entry.merges => reading.merge_fault(&at),
                None => {
                    let problem = format!("the key `{}` is unknown", shown(key));
                    reading.key_fault(&at, problem, names::suggestion(key, &candidates));
                }
            }
        }
    }

    /// Refuses merge keys alone, where it is not known what else there may be.
    pub(crate) fn refuse_merges(&self, reading: &mut Reading<'_>) {
        for entry in self.entries.iter().filter(|entry| entry.merges) {
            reading.merge_fault(&At::entry(&self.at.path, entry.key.as_deref().unwrap_or_default(), entry));
        }
    }

    fn named<'k>(&self, key: &'k str) -> impl Iterator<Item = At<'n>> + use<'n, 'k> {
        let path = self.at.path.clone();
        let same = self.entries.iter().filter(move |entry| entry.key.as_deref() == Some(key));
        same.map(move |entry| At::entry(&path, key, entry))
    }
}

impl<'n> Source<'n> for Keys<'n> {
    fn find(&mut self, key: &'static str, reading: &mut Reading<'_>) -> Option<At<'n>> {
        self.known.push(key);
        let mut same = self.named(key);
        let first = same.next();
        for again in same {
            reading.key_fault(&again, format!("the key `{key}` stands twice"), "each key once");
        }
        first
    }

    fn at(&self) -> &At<'n> {
        &self.at
    }
}
