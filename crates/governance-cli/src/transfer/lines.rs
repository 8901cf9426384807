//! Log entries from JSON Lines, one at a time, however long the file.

use crate::failure::Failure;
use governance_persistence::{LogEntry, limits::MAX_COMMIT_BYTES};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Most bytes of a line: what the largest commit takes in canonical text, twice, for other
/// spellings. A longer one is refused before it is held.
const MAX_LINE_BYTES: usize = 2 * MAX_COMMIT_BYTES;
/// Most characters of what the JSON reader says; it may repeat what it read.
const MAX_PROBLEM_CHARS: usize = 300;

/// The lines of a file, or of standard input for `-`.
pub(crate) struct Lines {
    reader: Box<dyn BufRead>,
    path: PathBuf,
    line: Vec<u8>,
    number: u64,
    bytes: u64,
    length: Option<u64>,
}

impl Lines {
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self::new(Box::new(io::stdin().lock()), path, None));
        }
        let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
        let metadata = file.metadata().map_err(|error| Failure::file(path, &error))?;
        let length = metadata.is_file().then_some(metadata.len());
        Ok(Self::new(Box::new(BufReader::new(file)), path, length))
    }

    fn new(reader: Box<dyn BufRead>, path: &Path, length: Option<u64>) -> Self {
        Self { reader, path: path.to_owned(), line: Vec::new(), number: 0, bytes: 0, length }
    }

    /// How many bytes there are, if that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// How many bytes were read.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next entry, and the number of its line, from 1.
    ///
    /// # Errors
    ///
    /// [`Failure::Malformed`] when the line is none; nothing after it can be trusted.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, LogEntry)>, Failure> {
        self.line.clear();
        let mut bounded = self.reader.by_ref().take(MAX_LINE_BYTES as u64 + 1);
        let read = bounded.read_until(b'\n', &mut self.line).map_err(|error| Failure::file(&self.path, &error))?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.bytes += read as u64;
        let malformed = |problem| Failure::Malformed { line: self.number, problem };
        if read > MAX_LINE_BYTES {
            return Err(malformed(format!("is longer than {MAX_LINE_BYTES} bytes, which no commit is")));
        }
        match serde_json::from_slice(&self.line) {
            Ok(entry) => Ok(Some((self.number, entry))),
            Err(error) => Err(malformed(problem(&error))),
        }
    }
}

/// What is wrong with a line. The reader sees one line only, and would call each the first.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text: String = text.strip_suffix(&place).unwrap_or(&text).chars().take(MAX_PROBLEM_CHARS).collect();
    format!("is not a log entry: {text} (column {})", error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: impl Read + 'static) -> Lines {
        Lines::new(Box::new(BufReader::new(input)), Path::new("x"), None)
    }

    #[test]
    fn a_line_without_an_end_is_refused_before_it_is_held() {
        let mut lines = lines(io::repeat(b'x'));
        let told = lines.next().unwrap_err().to_string();
        assert!(told.starts_with("line 1 is longer than"), "{told}");
        assert!(lines.line.capacity() <= 2 * MAX_LINE_BYTES + 2);
    }

    #[test]
    fn what_is_no_entry_is_named_by_line_and_column() {
        for text in ["{", "\n", "[]", "{\"\u{1b}\":1}", "{\"a\":1}", "\u{feff}{}"] {
            let told = lines(io::Cursor::new(text.to_owned())).next().unwrap_err().to_string();
            assert!(told.starts_with("line 1 is not a log entry") && told.contains("(column "), "{text:?}: {told}");
            assert!(!told.contains("at line"), "{told}");
        }
        assert!(lines(io::empty()).next().unwrap().is_none());
    }
}
