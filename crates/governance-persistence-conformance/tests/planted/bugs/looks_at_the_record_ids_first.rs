//! A wrong order of answers: a used record id comes before a wrong version.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct LooksAtTheRecordIdsFirst;

#[async_trait]
impl Bug for LooksAtTheRecordIdsFirst {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        let conflict = match inner.commit(commit).await {
            Err(Error::Conflict(conflict)) if matches!(conflict.cause, ConflictCause::Version { .. }) => conflict,
            answer => return answer,
        };
        let key = commit.key();
        for (kind, id) in commit.records().iter().map(|record| (record.kind(), record.id())) {
            let query = HistoryQuery::new(kind).page_size(1_000)?;
            let page = inner.history(key, &query, Consistency::Strong).await?;
            if let Some(first) = page.items.iter().find(|recorded| recorded.record.id() == id) {
                let sequence = first.place.sequence;
                return Err(Error::RecordIdReused { key: key.clone(), kind, id, sequence });
            }
        }
        Err(Error::Conflict(conflict))
    }
}
