//! `governance demo`: a new checkout experiment from Draft to RolledBack, through gates and policies, and
//! its timeline as it is stored.

mod race;
mod rules;
mod script;

use crate::output::{Invocation, List, Output, RECORD_HEADERS, record_row};
use crate::{failure::Failure, scope::Scope};
use futures_util::TryStreamExt;
use governance_config::{GovernanceConfig, Persistence};
use governance_persistence::{
    Backplane, BackplaneExt, CommitId, Conflict, Consistency, ExperimentKey, ExperimentsQuery, Head, LogEntry,
    PageSize, Receipt, Sequence,
};
use governance_persistence_sql::{Migrate, SqlOptions};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The demo's answer for programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    experiment: &'a ExperimentKey,
    timeline: &'a [LogEntry],
    refusal: &'a str,
    self_approval: &'a str,
    conflict: Value,
    replay: Receipt,
    head: Head,
    experiments: u64,
    next: Vec<String>,
}

/// Where what the demo writes is kept.
#[derive(Debug)]
pub(super) enum Kept {
    /// Nowhere: there is nothing to look at afterwards.
    InMemory,
    /// In the file of who named no configuration.
    InFile,
    /// Where the configuration says; the command is called so.
    AsConfigured(Invocation),
}

/// The file of who named no configuration.
const FILE: &str = "governance.db";

/// The configuration of who named none: an SQLite file, as `config-samples/sqlite.yaml` has it.
pub(super) fn by_default() -> Result<GovernanceConfig, Failure> {
    let options = SqlOptions::new(&format!("sqlite:{FILE}"))?.migrate(Migrate::OnConnect);
    Ok(GovernanceConfig::new(Persistence::Sql(options)))
}

/// Plays the story.
pub(super) async fn run(
    backplane: &Arc<dyn Backplane>,
    scope: &Scope,
    kept: &Kept,
    out: &mut Output,
) -> Result<(), Failure> {
    let name = format!("checkout-{}", suffix());
    let key = scope.key(&name)?;
    let happened = script::play(&rules::governance(backplane)?, &key).await?;

    // What is shown from here on is what is stored, and not what was just done.
    let log = backplane.log_stream(&key, Sequence::ZERO, PageSize::default(), Consistency::Strong);
    let timeline: Vec<LogEntry> = log.try_collect().await?;
    let head = backplane.head(&key, Consistency::Strong).await?;
    let experiments = count(backplane, scope).await?;
    let next = match kept {
        Kept::AsConfigured(invocation) => suggestions(invocation, &name),
        Kept::InMemory | Kept::InFile => Vec::new(),
    };
    if out.is_json() {
        let Conflict { head: winner, .. } = &*happened.conflict;
        let conflict = json!({"message": happened.conflict.to_string(), "head": winner});
        let script::Happened { refusal, self_approval, replay, .. } = &happened;
        let (experiment, replay) = (&key, *replay);
        let timeline = &timeline;
        let told = Told { experiment, timeline, refusal, self_approval, conflict, replay, head, experiments, next };
        return Ok(out.value(&told)?);
    }
    out.line(rules::IN_WORDS)?;
    out.line(format_args!("\nThe history of {key}, as it is stored:\n"))?;
    let mut list = List::new(RECORD_HEADERS, "Nothing is stored.");
    for record in timeline.iter().flat_map(LogEntry::recorded) {
        list.push(out, &record, record_row)?;
    }
    list.finish(out)?;
    let state = head.state.as_ref().map(|state| format!(" It is {} now.", state.lifecycle_state)).unwrap_or_default();
    out.line(format_args!("\nEach number before the point is one commit: all of it was stored, or none.{state}"))?;
    out.line(format_args!("\nThe refusal that is recorded there told alice:\n  {}", happened.refusal))?;
    out.line("\nThree things left no trace, because they wrote nothing:")?;
    out.line(format_args!("- alice approved what she had asked for, and was told:\n  {}", happened.self_approval))?;
    out.line(format_args!(
        "- {} and {} ramped up at once, both from the same ETag. One won; {} was told:\n  {}",
        happened.racers[0], happened.racers[1], happened.loser, happened.conflict
    ))?;
    out.line(format_args!(
        "- The launch was sent twice, as after a lost reply. The second answer was the first receipt, replayed:\n  \
         commit {}, sequence {}.",
        happened.replay.commit_id, happened.replay.sequence
    ))?;
    let (verb, noun) = if experiments == 1 { ("is", "experiment") } else { ("are", "experiments") };
    out.line(format_args!("\nThere {verb} {experiments} {noun} here now."))?;
    match kept {
        Kept::InMemory => {
            out.line("It was kept in memory and ends with this command; config-samples/sqlite.yaml keeps it.")?;
            return Ok(());
        }
        Kept::InFile => {
            out.line(format_args!(
                "No configuration was named, so it is kept in the SQLite file {FILE} of this folder. To look at it, \
                 name one that says so: --config config-samples/sqlite.yaml"
            ))?;
            return Ok(());
        }
        Kept::AsConfigured(_) => {}
    }
    out.line("Try next:")?;
    for command in next {
        out.line(format_args!("  {command}"))?;
    }
    Ok(())
}

/// A short text that no other run has: the random end of a new id.
fn suffix() -> String {
    let id = CommitId::new().to_string();
    id.chars().skip(id.len().saturating_sub(6)).collect()
}

async fn count(backplane: &dyn Backplane, scope: &Scope) -> Result<u64, Failure> {
    let (tenant, environment) = scope.filters()?;
    let query = ExperimentsQuery::new(tenant).in_environment(environment);
    let heads = backplane.experiments_stream(query, Consistency::Strong);
    Ok(heads.try_fold(0, async |count, _| Ok(count + 1)).await?)
}

fn suggestions(invocation: &Invocation, name: &str) -> Vec<String> {
    let commands: [&[&str]; 8] = [
        &["state", name],
        &["history", name, "--kind", "approval"],
        &["policies", name],
        &["version", "diff", name, "1", "2"],
        &["transition", name, "Draft", "--actor", "alice", "--reason", "a second try"],
        &["log", name, "--json"],
        &["experiments"],
        &["verify", "--all"],
    ];
    commands.iter().map(|words| invocation.with(words)).collect()
}
