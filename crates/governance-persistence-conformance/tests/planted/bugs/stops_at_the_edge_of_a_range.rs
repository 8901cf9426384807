//! A range of time lacks what was recorded at its very end.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct StopsAtTheEdgeOfARange;

#[async_trait]
impl Bug for StopsAtTheEdgeOfARange {
    async fn history(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        query: &HistoryQuery,
    ) -> Result<Page<Recorded<Record>>> {
        let mut page = inner.history(key, query, Consistency::Strong).await?;
        page.items.retain(|recorded| recorded.recorded_at < query.recorded_range().1);
        Ok(page)
    }
}
