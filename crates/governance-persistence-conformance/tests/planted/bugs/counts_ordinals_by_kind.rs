//! Ordinals that start anew with each kind of record.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct CountsOrdinalsByKind;

#[async_trait]
impl Bug for CountsOrdinalsByKind {
    async fn history(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        query: &HistoryQuery,
    ) -> Result<Page<Recorded<Record>>> {
        let mut page = inner.history(key, query, Consistency::Strong).await?;
        for recorded in &mut page.items {
            let entry = inner.entry(key, recorded.commit_id, Consistency::Strong).await?.unwrap();
            let of_kind = entry.records.iter().filter(|record| record.kind() == query.kind());
            let ordinal = of_kind.take_while(|record| record.id() != recorded.record.id()).count();
            recorded.place = Place::new(recorded.place.sequence, u32::try_from(ordinal).unwrap());
        }
        Ok(page)
    }
}
