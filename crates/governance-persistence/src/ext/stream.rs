//! Streams over pages: each holds one page at a time.

use crate::{
    Backplane, Consistency, Error, ExperimentKey, ExperimentsQuery, Head, HistoryQuery, LogEntry, PageSize, Record,
    Recorded, Result, Sequence,
};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};

pub(super) fn history<'a, B: Backplane + ?Sized>(
    backplane: &'a B,
    key: ExperimentKey,
    query: HistoryQuery,
    consistency: Consistency,
) -> BoxStream<'a, Result<Recorded<Record>>> {
    pages(Some(query), move |query| {
        let key = key.clone();
        async move {
            let page = backplane.history(&key, &query, consistency).await?;
            Ok((page.items, page.next.map(|cursor| query.starting_at(cursor))))
        }
    })
}

pub(super) fn experiments<B: Backplane + ?Sized>(
    backplane: &B,
    query: ExperimentsQuery,
    consistency: Consistency,
) -> BoxStream<'_, Result<Head>> {
    pages(Some(query), move |query| async move {
        let page = backplane.experiments(&query, consistency).await?;
        Ok((page.items, page.next.map(|cursor| query.starting_at(cursor))))
    })
}

pub(super) fn log<'a, B: Backplane + ?Sized>(
    backplane: &'a B,
    key: ExperimentKey,
    after: Sequence,
    page: PageSize,
    consistency: Consistency,
) -> BoxStream<'a, Result<LogEntry>> {
    pages(Some(after), move |after| {
        let key = key.clone();
        async move {
            let entries = backplane.log(&key, after, page, consistency).await?;
            let next = entries.last().map(|last| last.sequence);
            Ok((entries, next))
        }
    })
}

/// Fetches page after page, each from where the one before says, until none is left.
fn pages<'a, Q, T, F>(first: Option<Q>, fetch: impl Fn(Q) -> F + Send + 'a) -> BoxStream<'a, Result<T>>
where
    Q: Send + 'a,
    T: Send + 'a,
    F: Future<Output = Result<(Vec<T>, Option<Q>)>> + Send + 'a,
{
    stream::try_unfold((first, fetch), |(next, fetch)| async move {
        let Some(query) = next else {
            return Ok::<_, Error>(None);
        };
        let (items, next) = fetch(query).await?;
        Ok(Some((stream::iter(items.into_iter().map(Ok)), (next, fetch))))
    })
    .try_flatten()
    .boxed()
}
