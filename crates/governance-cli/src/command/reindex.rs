//! `governance reindex`: repairs the listing of experiments, which Redis keeps beside them.

use crate::args::{Global, ReindexArgs};
use crate::output::{Output, counted, spinner};
use crate::{backplane, failure::Failure};
use governance_config::Persistence;
use governance_persistence::Backplane;
use governance_persistence_redis::{RedisBackplane, RedisOptions, Reindex, Reindexed};
use serde_json::json;

pub(super) async fn run(global: &Global, args: &ReindexArgs, out: &mut Output) -> Result<(), Failure> {
    match backplane::configuration(global)?.persistence {
        Persistence::Redis(options) => on_redis(&options, args, out).await,
        Persistence::InMemory => no_listing("inMemory", args, out),
        Persistence::Sql(_) => no_listing("a SQL database", args, out),
        _ => Err(Failure::usage(
            "this command cannot reindex a custom persistence type",
            "use the tool that came with it, if it needs that",
        )),
    }
}

async fn on_redis(options: &RedisOptions, args: &ReindexArgs, out: &mut Output) -> Result<(), Failure> {
    let backplane = RedisBackplane::connect(options).await?;
    let bar = spinner("{spinner} {msg}");
    let progress = |told: &Reindexed| {
        bar.set_message(format!("{} heads scanned, {} of the listing checked", told.scanned, told.checked));
    };
    let how = if args.dry_run { Reindex::DryRun } else { Reindex::Repair };
    let outcome = backplane.reindex(how, progress).await;
    bar.finish_and_clear();
    let closed = backplane.close().await;
    let told = outcome?;
    closed?;
    tell(&told, args.dry_run, out)
}

fn tell(told: &Reindexed, dry_run: bool, out: &mut Output) -> Result<(), Failure> {
    let Reindexed { experiments, added, removed, .. } = told;
    if out.is_json() {
        let answer = json!({"experiments": experiments, "added": added, "removed": removed, "dryRun": dry_run});
        return Ok(out.value(&answer)?);
    }
    let experiments = counted(*experiments, "experiment");
    out.line(match (added + removed, dry_run) {
        (0, _) => format!("The listing is right: {experiments}. Nothing had to be changed."),
        (_, false) => format!("Added {added} to the listing and removed {removed}; it has {experiments} now."),
        (_, true) => format!(
            "Would add {added} to the listing and remove {removed}; then it has {experiments}. Nothing was changed."
        ),
    })?;
    Ok(())
}

/// The answer of a store that needs none, in the shape that the command always has.
fn no_listing(store: &str, args: &ReindexArgs, out: &mut Output) -> Result<(), Failure> {
    let message = format!("{store} keeps no listing beside its experiments: there is nothing to reindex");
    if !out.is_json() {
        return Ok(out.line(format_args!("{message}."))?);
    }
    out.warn("noListing", &message);
    Ok(out.value(&json!({"experiments": null, "added": 0, "removed": 0, "dryRun": args.dry_run}))?)
}
