//! `governance copy`: from the configured store to another one.

use crate::args::CopyArgs;
use crate::output::{Output, spinner};
use crate::transfer::{self, Report, Selection};
use crate::{backplane, failure::Failure, scope::Scope};
use governance_config::Loader;
use governance_persistence::Backplane;

pub(super) async fn run(
    source: &dyn Backplane,
    scope: &Scope,
    args: &CopyArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let selection = Selection::of(scope, &args.selection)?;
    let target = backplane::open(&Loader::new().load_file(&args.to)?, out).await?;
    let mut report = Report::new(&target, out, spinner("{spinner} {elapsed} now {msg}"), "Copied");
    let result = transfer::copy(source, &target, selection, &mut report).await;
    let result = report.finish(result);
    let closed = target.close().await;
    result?;
    Ok(closed?)
}
