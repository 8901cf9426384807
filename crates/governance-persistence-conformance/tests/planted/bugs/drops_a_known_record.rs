//! Leaves out a record whose id is known, and stores the rest, as an `INSERT … ON CONFLICT DO NOTHING` does.

use super::edit::with_records;
use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct DropsAKnownRecord;

#[async_trait]
impl Bug for DropsAKnownRecord {
    async fn commit(&self, inner: &InMemoryBackplane, commit: &Commit) -> Result<Receipt> {
        match inner.commit(commit).await {
            Err(Error::RecordIdReused { kind, id, .. }) => {
                let others = commit.records().iter().filter(|record| (record.kind(), record.id()) != (kind, id));
                inner.commit(&with_records(commit, others.cloned().collect())?).await
            }
            answer => answer,
        }
    }
}
