//! The ephemerals: every call, made until it is answered.

use super::Retrying;
use crate::{Backplane, Ephemeral, EphemeralId, EphemeralItem, EphemeralKind, ExperimentKey, Json, Result, TimeToLive};
use async_trait::async_trait;

#[async_trait]
impl<B: Backplane> Ephemeral for Retrying<B> {
    async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        self.until_answered(|| self.inner.ephemeral().put(key, kind, id, value, time_to_live)).await
    }

    async fn get(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<Option<EphemeralItem>> {
        self.until_answered(|| self.inner.ephemeral().get(key, kind, id)).await
    }

    async fn list(&self, key: &ExperimentKey, kind: &EphemeralKind) -> Result<Vec<EphemeralItem>> {
        self.until_answered(|| self.inner.ephemeral().list(key, kind)).await
    }

    async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        self.until_answered(|| self.inner.ephemeral().remove(key, kind, id)).await
    }
}
