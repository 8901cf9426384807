//! The ephemerals: every call meets its fate.

use super::{Deed, Faulty};
use async_trait::async_trait;
use governance_persistence::{
    Backplane, Ephemeral, EphemeralId, EphemeralItem, EphemeralKind, ExperimentKey, Json, Result, TimeToLive,
};

#[async_trait]
impl<B: Backplane> Ephemeral for Faulty<B> {
    async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        self.meet(self.inner.ephemeral().put(key, kind, id, value, time_to_live)).await
    }

    async fn get(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<Option<EphemeralItem>> {
        self.meet(self.inner.ephemeral().get(key, kind, id)).await
    }

    async fn list(&self, key: &ExperimentKey, kind: &EphemeralKind) -> Result<Vec<EphemeralItem>> {
        self.meet(self.inner.ephemeral().list(key, kind)).await
    }

    async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        self.meet_doing(self.inner.ephemeral().remove(key, kind, id), |removed| {
            removed.then(|| Deed::Removed(key.clone(), kind.clone(), id.clone()))
        })
        .await
    }
}
