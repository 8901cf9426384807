//! History in the order of the writers' clocks.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct OrdersByTheClock;

#[async_trait]
impl Bug for OrdersByTheClock {
    async fn history(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        query: &HistoryQuery,
    ) -> Result<Page<Recorded<Record>>> {
        let mut page = inner.history(key, query, Consistency::Strong).await?;
        page.items.sort_by_key(|recorded| recorded.record.timestamp());
        if query.direction() == Direction::Descending {
            page.items.reverse();
        }
        Ok(page)
    }
}
