//! Lists of any length: a JSON array for programs, a table for people, written as they come.

use super::{Output, Rows};
use crate::failure::Failure;
use futures_util::{Stream, StreamExt, pin_mut};
use serde::Serialize;
use std::io;

/// A list that is being written.
#[derive(Debug)]
pub(crate) struct List {
    rows: Rows,
    count: u64,
    empty: &'static str,
}

impl List {
    /// A list with these column headers. When it is empty, people read `empty`.
    pub(crate) fn new(headers: &'static [&'static str], empty: &'static str) -> Self {
        Self { rows: Rows::new(headers), count: 0, empty }
    }

    /// Adds an item. Nothing is written before the first one, so that an error that comes
    /// instead of it leaves no half answer.
    pub(crate) fn push<T: Serialize>(
        &mut self,
        out: &mut Output,
        item: &T,
        cells: impl FnOnce(&T) -> Vec<String>,
    ) -> io::Result<()> {
        self.count += 1;
        if !out.is_json() {
            return self.rows.push(out, cells(item));
        }
        out.text(if self.count == 1 { "[\n" } else { ",\n" })?;
        out.compact(item)
    }

    /// Writes the end.
    pub(crate) fn finish(mut self, out: &mut Output) -> io::Result<()> {
        match (out.is_json(), self.count) {
            (true, 0) => out.line("[]"),
            (true, _) => out.line("\n]"),
            (false, 0) => out.line(self.empty),
            (false, _) => self.rows.write(out),
        }
    }

    /// Writes all items of a stream.
    pub(crate) async fn write_all<T: Serialize>(
        mut self,
        out: &mut Output,
        items: impl Stream<Item = governance_persistence::Result<T>>,
        cells: impl Fn(&T) -> Vec<String>,
    ) -> Result<(), Failure> {
        pin_mut!(items);
        while let Some(item) = items.next().await {
            self.push(out, &item?, &cells)?;
        }
        Ok(self.finish(out)?)
    }
}
