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
pub(crate) struct Faults {
    found: Vec<Found>,
    /// What must not be shown, wherever a fault is.
    secrets: Vec<Span>,
}

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
        self.found.push(Found { span, path, problem, expected });
    }

    /// Never shows this stretch of the text.
    pub(crate) fn hide(&mut self, secret: Span) {
        self.secrets.push(secret);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn into_diagnostics(mut self, file: &str, text: &str) -> Diagnostics {
        self.found.sort_by_key(|found| found.span.start);
        let more = self.found.len().saturating_sub(MAX_LISTED);
        self.found.truncate(MAX_LISTED);
        let mut lines = Lines::of(text, self.secrets);
        let name: Arc<str> = file.into();
        let mut listed: Vec<_> = self.found.into_iter().map(|found| found.at(&name, &mut lines)).collect();
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
    secrets: Vec<Span>,
    /// The last line that was masked: one long line may have all the faults.
    last_masked: (usize, String),
}

impl<'t> Lines<'t> {
    fn of(text: &'t str, secrets: Vec<Span>) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts, secrets, last_masked: (0, String::new()) }
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
            let start = self.starts.get(number.saturating_sub(1)).copied().unwrap_or(0);
            let here = |secret: &Span| {
                let range = secret.start.saturating_sub(start)..secret.end.saturating_sub(start).min(line.len());
                (!range.is_empty()).then_some(range)
            };
            self.last_masked = (number, mask(line, self.secrets.iter().filter_map(here)));
        }
        &self.last_masked.1
    }
}
