//! Tables: with lines on a terminal, plain columns elsewhere.

use super::Output;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use std::io;

/// How many rows are held until they are written. A longer list is several tables, so that its
/// length costs no memory.
const BATCH: usize = 500;

/// The headers of columns that are never broken over lines.
const WHOLE: &[&str] = &["PLACE", "SEQUENCE", "KIND", "RECORDED AT", "CREATED AT", "LAST MODIFIED", "APPLIED", "AT"];

/// Rows on their way out.
#[derive(Debug)]
pub(crate) struct Rows {
    headers: &'static [&'static str],
    held: Vec<Vec<String>>,
}

impl Rows {
    pub(crate) fn new(headers: &'static [&'static str]) -> Self {
        Self { headers, held: Vec::new() }
    }

    pub(crate) fn push(&mut self, out: &mut Output, cells: Vec<String>) -> io::Result<()> {
        self.held.push(cells);
        if self.held.len() < BATCH { Ok(()) } else { self.write(out) }
    }

    /// Writes what is held.
    pub(crate) fn write(&mut self, out: &mut Output) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let mut table = Table::new();
        table.load_style(if out.is_terminal() { presets::UTF8_FULL_CONDENSED } else { presets::NOTHING });
        // Without a terminal there is no width to fit into, and lines stay as long as they are.
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(self.headers.iter().copied());
        for (index, header) in self.headers.iter().enumerate() {
            // A time or a number that is broken over lines cannot be read, nor copied.
            if WHOLE.contains(header) {
                table.column_mut(index).map(|column| column.set_constraint(ColumnConstraint::ContentWidth));
            }
        }
        table.add_rows(self.held.drain(..).map(|cells| cells.into_iter().map(|cell| clean(&cell)).collect::<Vec<_>>()));
        out.line(table.trim_fmt())
    }
}

/// Text that cannot move the cursor or hide what follows: line breaks stay, tabs become spaces,
/// other control characters are spelled out.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => clean.push('\n'),
            '\r' => {}
            '\t' => clean.push_str("    "),
            // Marks that turn the direction of writing could make a name look like another.
            letter if letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                clean.extend(letter.escape_unicode());
            }
            letter => clean.push(letter),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_would_move_the_cursor_is_spelled_out() {
        assert_eq!(clean("a\r\n\tb\u{1b}[2J\u{202e}c"), "a\n    b\\u{1b}[2J\\u{202e}c");
    }
}
