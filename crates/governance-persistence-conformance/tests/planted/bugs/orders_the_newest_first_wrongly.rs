//! Newest first turns the commits around, and leaves the records within one as they were.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct OrdersTheNewestFirstWrongly;

#[async_trait]
impl Bug for OrdersTheNewestFirstWrongly {
    async fn history(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        query: &HistoryQuery,
    ) -> Result<Page<Recorded<Record>>> {
        let mut page = inner.history(key, query, Consistency::Strong).await?;
        if query.direction() == Direction::Descending {
            page.items.sort_by_key(|recorded| (u64::MAX - recorded.place.sequence.get(), recorded.place.ordinal));
        }
        Ok(page)
    }
}
