//! A gap: behind a sequence, the log leaves out the entry next to it.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct SkipsAnEntry;

#[async_trait]
impl Bug for SkipsAnEntry {
    async fn log(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        after: Sequence,
        limit: PageSize,
    ) -> Result<Vec<LogEntry>> {
        let after = if after == Sequence::ZERO { after } else { after.next() };
        inner.log(key, after, limit, Consistency::Strong).await
    }
}
