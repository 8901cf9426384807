//! What people and programs see: answers on standard output, everything else on standard error.

mod describe;
mod invocation;
mod list;
mod progress;
mod rows;
mod written;

pub(crate) use describe::{
    EXPERIMENT_HEADERS, RECORD_HEADERS, about, actor, counted, experiment_row, record_row, summary, with_reason,
};
pub(crate) use invocation::{Invocation, quote};
pub(crate) use list::List;
pub(crate) use progress::{progress, spinner};
pub(crate) use rows::{Rows, clean};
pub(crate) use written::Written;

use governance_config::Diagnostics;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

/// Where answers go.
#[derive(Debug)]
pub(crate) struct Output {
    stdout: BufWriter<Stdout>,
    json: bool,
    terminal: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        Self { stdout: BufWriter::new(stdout), json, terminal }
    }

    /// Are answers for programs?
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Are answers read on a terminal?
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// A line for people.
    pub(crate) fn line(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.stdout, "{}", clean(&text.to_string()))
    }

    /// Text as it is.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        self.stdout.write_all(text.as_bytes())
    }

    /// One JSON value, over several lines.
    pub(crate) fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.stdout, value)?;
        writeln!(self.stdout)
    }

    /// One JSON value on one line, without its end.
    pub(crate) fn compact<T: Serialize + ?Sized>(&mut self, value: &T) -> io::Result<()> {
        Ok(serde_json::to_writer(&mut self.stdout, value)?)
    }

    /// Tells something besides the answer.
    pub(crate) fn warn(&self, kind: &str, message: &str) {
        if self.json {
            error_line(&serde_json::json!({"warning": kind, "message": message}));
        } else {
            tell(format_args!("warning: {message}"));
        }
    }

    /// Hands on what is still held back.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

/// A line on standard error. If even that is closed there is nobody to tell.
pub(crate) fn tell(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// A JSON value as a line on standard error.
pub(crate) fn error_line<T: Serialize>(value: &T) {
    tell(serde_json::to_string(value).unwrap_or_default());
}

/// Diagnostics with the lines they are about.
pub(crate) fn render(diagnostics: &Diagnostics) -> String {
    let handler = miette::MietteHandlerOpts::new().build();
    Rendered(&handler, diagnostics).to_string()
}

struct Rendered<'a>(&'a miette::MietteHandler, &'a Diagnostics);

impl Display for Rendered<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        miette::ReportHandler::debug(self.0, self.1, f)
    }
}
