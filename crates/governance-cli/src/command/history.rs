//! `governance history`: an experiment's records, of one kind or of all.

use crate::args::HistoryArgs;
use crate::output::{List, Output, RECORD_HEADERS, record_row};
use crate::{backplane, failure::Failure};
use futures_util::stream::{BoxStream, Peekable, StreamExt};
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, ExperimentKey, HistoryQuery, Record, RecordKind, Recorded, Result, Timestamp,
};
use std::pin::Pin;

const EMPTY: &str = "No such records.";

pub(super) async fn run(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    args: &HistoryArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    backplane::known(backplane, key).await?;
    let list = List::new(RECORD_HEADERS, EMPTY);
    match args.kind {
        Some(kind) if args.limit.is_some() || args.cursor.is_some() => page(backplane, key, kind, args, out).await,
        Some(kind) => {
            let records = backplane.history_stream(key, query(kind, args), Consistency::Strong);
            list.write_all(out, records, record_row).await
        }
        None => {
            let limit = args.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
            list.write_all(out, all_kinds(backplane, key, args).take(limit), record_row).await
        }
    }
}

fn query(kind: RecordKind, args: &HistoryArgs) -> HistoryQuery {
    let range = args.since.unwrap_or(Timestamp::MIN)..=args.until.unwrap_or(Timestamp::MAX);
    let query = HistoryQuery::new(kind).recorded(range);
    if args.newest { query.newest_first() } else { query }
}

/// One page, and where the next one begins.
async fn page(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    kind: RecordKind,
    args: &HistoryArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut query = query(kind, args);
    if let Some(limit) = args.limit {
        query = query.page_size(usize::try_from(limit).unwrap_or(usize::MAX))?;
    }
    if let Some(cursor) = &args.cursor {
        query = query.starting_at(cursor.clone());
    }
    let page = backplane.history(key, &query, Consistency::Strong).await?;
    if out.is_json() {
        return Ok(out.value(&page)?);
    }
    let mut list = List::new(RECORD_HEADERS, EMPTY);
    for record in &page.items {
        list.push(out, record, record_row)?;
    }
    list.finish(out)?;
    if let Some(next) = page.next {
        out.line(format_args!("There are more: add --cursor {next}"))?;
    }
    Ok(())
}

type Records<'a> = Pin<Box<Peekable<BoxStream<'a, Result<Recorded<Record>>>>>>;

/// Records of all kinds by place, out of one stream a kind. Holds one page a kind.
fn all_kinds<'a>(
    backplane: &'a dyn Backplane,
    key: &'a ExperimentKey,
    args: &HistoryArgs,
) -> BoxStream<'a, Result<Recorded<Record>>> {
    let streams = RecordKind::ALL.map(|kind| {
        let records = backplane.history_stream(key, query(kind, args), Consistency::Strong);
        Box::pin(records.peekable())
    });
    let newest = args.newest;
    futures_util::stream::unfold(streams, move |mut streams| async move {
        let first = first(&mut streams, newest).await?;
        let record = streams[first].next().await?;
        Some((record, streams))
    })
    .boxed()
}

/// Which stream has the record that comes first, or an error.
async fn first(streams: &mut [Records<'_>], newest: bool) -> Option<usize> {
    let mut first = None;
    for (index, stream) in streams.iter_mut().enumerate() {
        match stream.as_mut().peek().await {
            None => {}
            Some(Err(_)) => return Some(index),
            Some(Ok(record)) => match first {
                Some((_, place)) if newest == (record.place < place) => {}
                _ => first = Some((index, record.place)),
            },
        }
    }
    first.map(|(index, _)| index)
}
