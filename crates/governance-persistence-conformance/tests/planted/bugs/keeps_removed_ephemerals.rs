//! Says that an ephemeral was removed, and keeps it.

use crate::bug::*;

#[derive(Debug, Default)]
pub(crate) struct KeepsRemovedEphemerals;

#[async_trait]
impl Bug for KeepsRemovedEphemerals {
    async fn remove(
        &self,
        inner: &InMemoryBackplane,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
    ) -> Result<bool> {
        Ok(inner.get(key, kind, id).await?.is_some())
    }
}
