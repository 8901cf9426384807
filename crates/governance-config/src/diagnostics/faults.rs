//! Collects faults while a file is read, and at the end finds their lines.

use super::masking::mask;
use super::{Diagnostic, Diagnostics, excerpt::Excerpt};
use std::sync::Arc;

/// A stretch of the text, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Found>);

#[derive(Debug)]
struct Found {
    span: Span,
    path: String,
    problem: String,
    expected: String,
}

/// Most faults that are listed one by one.
const MAX_LISTED: usize = 100;

impl Faults {
    pub(crate) fn add(
        &mut self,
        span: Span,
        path: impl Into<String>,
        problem: impl Into<String>,
        expected: impl Into<String>,
    ) {
        let (path, problem, expected) = (path.into(), problem.into(), expected.into());
        self.0.push(Found { span, path, problem, expected });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_diagnostics(mut self, file: &str, text: &str) -> Diagnostics {
        self.0.sort_by_key(|found| found.span.start);
        let more = self.0.len().saturating_sub(MAX_LISTED);
        self.0.truncate(MAX_LISTED);
        let mut lines = Lines::of(text);
        let name: Arc<str> = file.into();
        let mut listed: Vec<_> = self.0.into_iter().map(|found| found.at(&name, &mut lines)).collect();
        if let (Some(last), 1..) = (listed.last(), more) {
            let problem = format!("there are {more} more faults, not shown here");
            let expected = "to mend those above first".to_owned();
            listed.push(Diagnostic { path: String::new(), problem, expected, ..last.clone() });
        }
        Diagnostics(listed)
    }
}

impl Found {
    fn at(self, file: &Arc<str>, lines: &mut Lines<'_>) -> Diagnostic {
        let (number, line, start) = lines.at(self.span.start);
        let end = self.span.end.saturating_sub(self.span.start) + start;
        let before = line.get(..start).unwrap_or(line).chars().count();
        let marked = line.get(start..end.min(line.len())).unwrap_or_default().chars().count();
        Diagnostic {
            file: file.to_string(),
            line: Some(number),
            column: Some(before + 1),
            path: self.path,
            problem: self.problem,
            expected: self.expected,
            excerpt: Some(Excerpt::new(file.clone(), number, lines.masked(number, line), before, marked)),
        }
    }
}

/// Where the lines of a text begin.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    /// The last line that was masked: one long line may have all the faults.
    last_masked: (usize, String),
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts, last_masked: (0, String::new()) }
    }

    /// Number, text and offset in the text of the line at this byte.
    fn at(&self, byte: usize) -> (usize, &'t str, usize) {
        let byte = byte.min(self.text.len());
        let number = self.starts.partition_point(|start| *start <= byte);
        let start = self.starts.get(number.saturating_sub(1)).copied().unwrap_or(0);
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        (number, line, (byte - start).min(line.len()))
    }

    fn masked(&mut self, number: usize, line: &str) -> &str {
        if self.last_masked.0 != number {
            self.last_masked = (number, mask(line));
        }
        &self.last_masked.1
    }
}
