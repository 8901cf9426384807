//! Reads an experiment's five histories beside its log: each must hold what the log holds, and
//! nothing else. Holds one page of each.

use super::report::Report;
use crate::failure::Failure;
use futures_util::stream::{BoxStream, Peekable, StreamExt};
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, Error, ExperimentKey, HistoryQuery, Record, RecordKind, Recorded, Result,
    Sequence,
};
use std::pin::Pin;

type Records<'a> = Pin<Box<Peekable<BoxStream<'a, Result<Recorded<Record>>>>>>;

/// The histories of one experiment, up to a sequence.
pub(super) struct Histories<'a> {
    key: &'a ExperimentKey,
    until: Sequence,
    /// By kind; one that does not decode any further is `None`.
    kinds: Vec<(RecordKind, Option<Records<'a>>)>,
}

impl<'a> Histories<'a> {
    pub(super) fn open(backplane: &'a dyn Backplane, key: &'a ExperimentKey, until: Sequence) -> Self {
        let open =
            |kind| Box::pin(backplane.history_stream(key, HistoryQuery::new(kind), Consistency::Strong).peekable());
        Self { key, until, kinds: RecordKind::ALL.map(|kind| (kind, Some(open(kind)))).into() }
    }

    /// Is this record of the log the next one of its history?
    pub(super) async fn check(&mut self, logged: &Recorded<Record>, report: &mut Report<'_>) -> Result<(), Failure> {
        let kind = logged.record.kind();
        let (key, place) = (self.key, logged.place);
        let Some((_, records)) = self.kinds.iter_mut().find(|(of, _)| *of == kind) else {
            return Ok(());
        };
        while let Some(found) = peek(key, records, report).await? {
            let Some(found) = found.filter(|found| found.place <= place) else {
                let problem = format!("{kind} {} stands in the log, but not in the history", logged.record.id());
                return report.problem(key, place.sequence, &problem);
            };
            take(records).await;
            if found.place == place {
                if found != *logged {
                    let problem = format!("{kind} {} is not the same in the log and in the history", found.record.id());
                    report.problem(key, place.sequence, &problem)?;
                }
                return Ok(());
            }
            stray(key, &found, report)?;
        }
        Ok(())
    }

    /// What is left in the histories when the log has ended?
    pub(super) async fn finish(&mut self, report: &mut Report<'_>) -> Result<(), Failure> {
        for (_, records) in &mut self.kinds {
            while let Some(Some(found)) = peek(self.key, records, report).await? {
                if found.place.sequence > self.until {
                    break;
                }
                take(records).await;
                stray(self.key, &found, report)?;
            }
        }
        Ok(())
    }
}

/// The next record, `Some(None)` at the end, `None` if the history does not decode any further.
async fn peek(
    key: &ExperimentKey,
    records: &mut Option<Records<'_>>,
    report: &mut Report<'_>,
) -> Result<Option<Option<Recorded<Record>>>, Failure> {
    let Some(stream) = records else {
        return Ok(None);
    };
    match stream.as_mut().peek().await {
        None => return Ok(Some(None)),
        Some(Ok(found)) => return Ok(Some(Some(found.clone()))),
        Some(Err(_)) => {}
    }
    match stream.next().await {
        Some(Err(Error::Corrupt { sequence, problem, .. })) => report.problem(key, sequence, &problem)?,
        Some(Err(error)) => return Err(error.into()),
        _ => {}
    }
    *records = None;
    Ok(None)
}

async fn take(records: &mut Option<Records<'_>>) {
    if let Some(stream) = records {
        stream.next().await;
    }
}

fn stray(key: &ExperimentKey, found: &Recorded<Record>, report: &mut Report<'_>) -> Result<(), Failure> {
    let (kind, id) = (found.record.kind(), found.record.id());
    report.problem(key, found.place.sequence, &format!("{kind} {id} stands in the history, but not in the log"))
}
