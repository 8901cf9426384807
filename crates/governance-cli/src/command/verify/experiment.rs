//! Verifies one experiment: its log entry by entry, its histories beside it, its head at the end.

use super::{histories::Histories, ids::Ids, log::Log, report::Report};
use crate::failure::Failure;
use governance_persistence::{Backplane, Consistency, Error, Head, LogEntry, PageSize, Result, Sequence, replay};

/// Verifies the experiment up to this head; what is committed meanwhile is left for the next time.
pub(super) async fn verify(backplane: &dyn Backplane, head: &Head, report: &mut Report<'_>) -> Result<(), Failure> {
    let key = &head.key;
    report.begin(key);
    if head.pruned_through > Sequence::ZERO {
        let problem = "the head says that history up to here was pruned, which nothing does yet";
        report.problem(key, head.pruned_through, problem)?;
    }
    let mut log = Log::new(backplane, key, head.sequence);
    let mut histories = Histories::open(backplane, key, head.sequence);
    let mut ids = Ids::default();
    // Where the log leads to, as long as no entry is missing.
    let mut fold = Some(replay::start(key));
    while let Some(entry) = log.next(report).await? {
        check(entry.verify(), report)?;
        fold = match fold.filter(|_| !log.has_skipped()) {
            Some(head) => check(replay::apply(head, &entry), report)?,
            None => None,
        };
        ids.check(&entry, report)?;
        for recorded in entry.recorded() {
            histories.check(&recorded, report).await?;
        }
        report.verified(&entry);
    }
    histories.finish(report).await?;
    beyond(backplane, head, report).await?;
    match fold.filter(|_| !log.has_skipped()) {
        Some(fold) => compare(&fold, head, report),
        None => Ok(()),
    }
}

/// What a check found: `None` and a problem in the report, if it found one.
fn check<T>(found: Result<T>, report: &mut Report<'_>) -> Result<Option<T>, Failure> {
    match found {
        Ok(value) => Ok(Some(value)),
        Err(Error::Corrupt { key, sequence, problem }) => {
            report.problem(&key, sequence, &problem)?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Does the log go on behind the head?
async fn beyond(backplane: &dyn Backplane, head: &Head, report: &mut Report<'_>) -> Result<(), Failure> {
    let Some(entries) =
        check(backplane.log(&head.key, head.sequence, PageSize::new(1)?, Consistency::Strong).await, report)?
    else {
        return Ok(());
    };
    let Some(LogEntry { sequence, .. }) = entries.first() else {
        return Ok(());
    };
    // It may have been committed since; then the head has moved with it.
    let now = backplane.head(&head.key, Consistency::Strong).await?;
    if now.sequence < *sequence {
        report.problem(&head.key, *sequence, &format!("the log goes on, but the head ends at {}", now.sequence))?;
    }
    Ok(())
}

/// Is the head where the log leads to?
fn compare(fold: &Head, head: &Head, report: &mut Report<'_>) -> Result<(), Failure> {
    let (key, sequence) = (&head.key, head.sequence);
    if fold.sequence != sequence {
        return report.problem(key, sequence, &format!("the head is here, but the log ends at {}", fold.sequence));
    }
    if fold.latest_version != head.latest_version {
        let shown = |head: &Head| head.latest_version.map_or_else(|| "none".to_owned(), |number| number.to_string());
        let (stored, expected) = (shown(head), shown(fold));
        report.problem(
            key,
            sequence,
            &format!("the head's latest version is {stored}, by the log it is {expected}"),
        )?;
    }
    if fold.recorded_at != head.recorded_at {
        let shown = |head: &Head| head.recorded_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let (stored, expected) = (shown(head), shown(fold));
        report.problem(key, sequence, &format!("the head was recorded {stored}, by the log {expected}"))?;
    }
    if fold.state != head.state {
        let shown = |head: &Head| serde_json::to_string(&head.state).unwrap_or_default();
        let (stored, expected) = (shown(head), shown(fold));
        report.problem(key, sequence, &format!("the head's state is {stored}, by the log it is {expected}"))?;
    }
    Ok(())
}
