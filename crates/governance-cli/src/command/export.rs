//! `governance export`: whole histories as JSON Lines, one log entry a line.

use crate::args::ExportArgs;
use crate::output::{Output, counted, spinner};
use crate::transfer::{Entries, NewFile, Selection};
use crate::{failure::Failure, scope::Scope};
use futures_util::StreamExt;
use governance_persistence::{Backplane, LogEntry, Sequence};
use indicatif::ProgressBar;
use serde::Serialize;
use std::io::Write;
use std::path::Path;

/// What was exported to a file, as JSON has it.
#[derive(Serialize)]
struct Counts {
    experiments: u64,
    entries: u64,
    file: String,
}

pub(super) async fn run(
    backplane: &dyn Backplane,
    scope: &Scope,
    args: &ExportArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let selection = Selection::of(scope, &args.selection)?;
    let mut file = match args.output.as_path() {
        path if path == Path::new("-") => None,
        path => Some(NewFile::create(path, args.force)?),
    };
    let bar = if file.is_none() && out.is_terminal() {
        ProgressBar::hidden() // it would run into the lines
    } else {
        spinner("{spinner} {pos} commits exported, now {msg}")
    };
    let mut counts = Counts { experiments: 0, entries: 0, file: args.output.display().to_string() };
    let mut heads = selection.heads(backplane).await?;
    while let Some(head) = heads.next().await.transpose()? {
        counts.experiments += 1;
        bar.set_message(head.key.to_string());
        let mut entries = Entries::of(backplane, &head, Sequence::ZERO);
        while let Some(entry) = entries.next().await? {
            // An export that cannot be imported is none.
            entry.verify()?;
            write(&entry, file.as_mut(), out)?;
            counts.entries += 1;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    match file {
        None => Ok(()), // the lines are the answer
        Some(file) => {
            file.finish()?;
            tell(&counts, out)
        }
    }
}

fn write(entry: &LogEntry, file: Option<&mut NewFile>, out: &mut Output) -> Result<(), Failure> {
    let Some(file) = file else {
        out.compact(entry)?;
        return Ok(out.text("\n")?);
    };
    serde_json::to_writer(file.writer(), entry)?;
    Ok(file.writer().write_all(b"\n")?)
}

fn tell(counts: &Counts, out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        return Ok(out.value(counts)?);
    }
    let Counts { experiments, entries, file } = counts;
    let (experiments, entries) = (counted(*experiments, "experiment"), counted(*entries, "commit"));
    Ok(out.line(format_args!("Exported {experiments}, {entries}, to {file}."))?)
}
