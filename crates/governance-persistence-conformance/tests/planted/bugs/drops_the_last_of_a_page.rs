//! A page that is not the last one lacks its last record.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct DropsTheLastOfAPage;

#[async_trait]
impl Bug for DropsTheLastOfAPage {
    async fn history(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        query: &HistoryQuery,
    ) -> Result<Page<Recorded<Record>>> {
        let mut page = inner.history(key, query, Consistency::Strong).await?;
        if page.next.is_some() {
            page.items.pop();
        }
        Ok(page)
    }
}
