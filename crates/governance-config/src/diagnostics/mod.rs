//! What is wrong with a file: every fault, with its place, its line, and what would be right.

mod excerpt;
mod faults;
mod masking;

pub(crate) use faults::{Faults, Span};
pub(crate) use masking::{announces, is_variable, shown};

use excerpt::Excerpt;
use miette::{LabeledSpan, SourceCode};
use serde::{Serialize, Serializer};
use std::{fmt, path::Path};

/// One fault of a file.
///
/// Neither its texts nor the line that it shows hold a value that came from a variable, or the
/// password of a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The file, as it was named to the loader.
    pub file: String,
    /// The line, from 1; none when the fault is the whole file's.
    pub line: Option<usize>,
    /// The column, from 1, in characters; none when the fault is the whole file's.
    pub column: Option<usize>,
    /// The key, as a path: `governance.persistence.options.maxConnections`. Empty when the fault is
    /// not about one key.
    pub path: String,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub expected: String,
    #[serde(skip)]
    excerpt: Option<Excerpt>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" if self.line.is_none() => write!(f, "{}: {}", self.file, self.problem),
            "" => f.write_str(&self.problem),
            path => write!(f, "{path}: {}", self.problem),
        }
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(format!("expected {}", self.expected)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = self.excerpt.as_ref()?;
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(None, excerpt.label()))))
    }
}

/// All faults of a file, in the order of their places; never empty.
///
/// It renders through `miette`, each fault with its line, and serializes as an array. After the
/// first hundred the rest is counted, not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// The faults, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// How many there are.
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The one fault of a file that cannot be read.
    pub(crate) fn of_file(path: &Path, problem: &str, expected: &str) -> Self {
        Self(vec![Diagnostic {
            file: path.display().to_string(),
            line: None,
            column: None,
            path: String::new(),
            problem: problem.to_owned(),
            expected: expected.to_owned(),
            excerpt: None,
        }])
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [] => Ok(()),
            [one] => write!(f, "a fault in {}", one.file),
            [first, ..] => write!(f, "{} faults in {}", self.0.len(), first.file),
        }
    }
}

impl std::error::Error for Diagnostics {}

impl miette::Diagnostic for Diagnostics {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        Some(Box::new(self.0.iter().map(|fault| fault as &dyn miette::Diagnostic)))
    }
}

impl Serialize for Diagnostics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
