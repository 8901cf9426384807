//! From a file, or a text, to a configuration or all of its faults.

use crate::diagnostics::Faults;
use crate::document::Document;
use crate::reading::Reading;
use crate::{Diagnostics, Format, GovernanceConfig, Registry, file, section};
use std::{fmt, path::Path};

type Variables<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

/// Loads configurations.
///
/// ```
/// use governance_config::{Format, Loader};
///
/// let text = r#"{"governance": {"persistence": {"type": "sql", "conectionString": "x"}}}"#;
/// let faults = Loader::new().load_str("g.json", text, Format::Json).unwrap_err();
/// assert_eq!(faults.len(), 2); // one key is unknown, and one is missing
/// ```
pub struct Loader<'a> {
    registry: Option<&'a Registry>,
    variables: Variables<'a>,
}

impl<'a> Loader<'a> {
    /// A loader that knows the built-in types and interpolates from the environment.
    pub fn new() -> Self {
        Self { registry: None, variables: Box::new(|name| std::env::var(name).ok()) }
    }

    /// Knows the registry's types too.
    #[must_use]
    pub fn registry(mut self, registry: &'a Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Interpolates from these variables instead of the environment's.
    #[must_use]
    pub fn variables(mut self, variables: impl Fn(&str) -> Option<String> + 'a) -> Self {
        self.variables = Box::new(variables);
        self
    }

    /// Loads a `.yaml`, `.yml` or `.json` file.
    ///
    /// # Errors
    ///
    /// All faults of the file; or the one that kept it from being read.
    pub fn load_file(&self, path: &Path) -> Result<GovernanceConfig, Diagnostics> {
        let (text, format) = file::read(path)?;
        self.load_str(&path.display().to_string(), &text, format)
    }

    /// Loads a text; `name` is what its diagnostics call it.
    ///
    /// # Errors
    ///
    /// All faults of the text.
    pub fn load_str(&self, name: &str, text: &str, format: Format) -> Result<GovernanceConfig, Diagnostics> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut faults = Faults::default();
        let config = Document::parse(text, format, &mut faults).and_then(|document| {
            let none = Registry::default();
            let registry = self.registry.unwrap_or(&none);
            let mut reading = Reading::new(&*self.variables, registry, &mut faults);
            section::read_file(&document, &mut reading)
        });
        match config {
            Some(config) if faults.is_empty() => Ok(config),
            _ => Err(faults.into_diagnostics(name, text)),
        }
    }
}

impl Default for Loader<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Loader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader").field("registry", &self.registry).finish_non_exhaustive()
    }
}
