//! The types of one sort that a program registered, by name.

use crate::names;
use governance_persistence::{Error, Result};
use std::collections::BTreeMap;

/// Types by name: compared without regard to case and hyphens, each once, and none of the built-in ones.
pub(super) struct Types<F> {
    /// By folded name: the name as it was registered, and how one is made.
    by_name: BTreeMap<String, (String, F)>,
}

// Derived, it would ask for a default factory.
impl<F> Default for Types<F> {
    fn default() -> Self {
        Self { by_name: BTreeMap::new() }
    }
}

impl<F> Types<F> {
    /// Adds a type beside those that are built in.
    pub(super) fn add(&mut self, name: &str, built_in: &[&str], factory: F) -> Result<()> {
        let folded = names::folded(name);
        if folded.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '$') {
            return Err(Error::invalid("type", "is no name for a type", "letters and digits, such as houseStore"));
        }
        if built_in.iter().any(|built_in| names::folded(built_in) == folded) {
            return Err(Error::invalid("type", format!("{name} is built in"), "a name of its own"));
        }
        if self.by_name.contains_key(&folded) {
            return Err(Error::invalid("type", format!("{name} was registered before"), "each name once"));
        }
        self.by_name.insert(folded, (name.to_owned(), factory));
        Ok(())
    }

    /// The name as it was registered, found by any spelling of it.
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.by_name.get(&names::folded(name)).map(|(name, _)| name.as_str())
    }

    /// All of them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.values().map(|(name, _)| name.as_str())
    }

    /// How one of this type is made; `field` is where it was asked for.
    pub(super) fn factory(&self, name: &str, field: &str) -> Result<&F> {
        if let Some((_, factory)) = self.by_name.get(&names::folded(name)) {
            return Ok(factory);
        }
        let known: Vec<_> = self.names().collect();
        let expected = match known.as_slice() {
            [] => "a built-in type, or a registry that has this one".to_owned(),
            known => names::suggestion(name, known),
        };
        Err(Error::invalid(field, format!("{name} is not registered"), expected))
    }
}
