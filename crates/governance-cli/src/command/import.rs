//! `governance import`: applies what `export` wrote.

use crate::args::ImportArgs;
use crate::failure::Failure;
use crate::output::{Output, progress, spinner};
use crate::transfer::{Lines, Report};
use governance_persistence::Backplane;

pub(super) async fn run(backplane: &dyn Backplane, args: &ImportArgs, out: &mut Output) -> Result<(), Failure> {
    let mut lines = Lines::open(&args.file)?;
    let bar = match lines.length() {
        Some(length) => progress(length, "{wide_bar} {bytes} of {total_bytes}, {eta} left"),
        None => spinner("{spinner} {bytes} imported, now {msg}"),
    };
    let mut report = Report::new(backplane, out, bar, "Imported");
    let result = apply_all(&mut lines, &mut report).await;
    report.finish(result)
}

async fn apply_all(lines: &mut Lines, report: &mut Report<'_>) -> Result<(), Failure> {
    while let Some((number, entry)) = lines.next()? {
        report.apply(&entry, Some(number)).await?;
        report.bar().set_position(lines.bytes());
    }
    Ok(())
}
