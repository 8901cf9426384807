//! The offending line, as it is shown: cut, and without what a terminal would obey.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::sync::Arc;

/// One line of a file, and the part of it that a fault is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    file: Arc<str>,
    /// Both from 0, in the file.
    line: usize,
    column: usize,
    text: String,
    /// The marked part of `text`, in bytes.
    start: usize,
    end: usize,
}

/// Most characters of a line that are shown, and how many of them stand before the marked part.
const MAX_SHOWN: usize = 160;
const MAX_BEFORE: usize = 60;

impl Excerpt {
    /// `number` is the line's, from 1; `line` is masked already; `before` and `marked` count its
    /// characters.
    pub(super) fn new(file: Arc<str>, number: usize, line: &str, before: usize, marked: usize) -> Self {
        let skipped = if line.chars().count() > MAX_SHOWN { before.saturating_sub(MAX_BEFORE) } else { 0 };
        let mut text = String::new();
        if skipped > 0 {
            text.push('…');
        }
        let (mut start, mut end) = (None, None);
        let mut rest = line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).skip(skipped);
        for at in skipped..skipped + MAX_SHOWN {
            start = start.or((at == before).then_some(text.len()));
            end = end.or((at == before + marked).then_some(text.len()));
            let Some(c) = rest.next() else { break };
            text.push(c);
        }
        let (start, end) = (start.unwrap_or(text.len()), end.unwrap_or(text.len()));
        if rest.next().is_some() {
            text.push('…');
        }
        Self { file, line: number - 1, column: before, text, start, end: end.max(start) }
    }

    /// The marked part.
    pub(super) fn label(&self) -> SourceSpan {
        (self.start, self.end - self.start).into()
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        lines_before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Asked without context, it is for the place to print; else for the line to draw.
        let column = if lines_before == 0 { self.column } else { 0 };
        let all = (0, self.text.len()).into();
        let name = self.file.to_string();
        Ok(Box::new(MietteSpanContents::new_named(name, self.text.as_bytes(), all, self.line, column, 1)))
    }
}
