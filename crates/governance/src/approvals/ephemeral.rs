//! The part of a request that expires: one ephemeral a request, which says that people may decide.

use crate::Result;
use crate::setup::Setup;
use governance_persistence::{
    Backplane, EphemeralId, EphemeralItem, EphemeralKind, ExperimentKey, Json, RecordId, Timestamp,
};

fn kind() -> Result<EphemeralKind> {
    Ok(EphemeralKind::new("pending-approval")?)
}

fn id(transition: RecordId) -> Result<EphemeralId> {
    Ok(EphemeralId::new(&transition.to_string())?)
}

pub(super) async fn put(setup: &Setup, key: &ExperimentKey, transition: RecordId) -> Result<()> {
    let value = Json::from_serialize(&serde_json::json!({ "transitionId": transition }))?;
    let store = setup.backplane.ephemeral();
    Ok(store.put(key, &kind()?, &id(transition)?, &value, setup.request_lifetime).await?)
}

/// Until when people may decide; nothing when that time is over.
pub(super) async fn expires_at(setup: &Setup, key: &ExperimentKey, transition: RecordId) -> Result<Option<Timestamp>> {
    let item = setup.backplane.ephemeral().get(key, &kind()?, &id(transition)?).await?;
    Ok(item.map(|item| item.expires_at))
}

/// The requests that have not expired.
pub(super) async fn all(setup: &Setup, key: &ExperimentKey) -> Result<Vec<(RecordId, Timestamp)>> {
    let items = setup.backplane.ephemeral().list(key, &kind()?).await?;
    let transition = |item: EphemeralItem| Some((item.id.as_str().parse().ok()?, item.expires_at));
    Ok(items.into_iter().filter_map(transition).collect())
}

/// Tidies up behind a request that is decided. It would expire anyhow, so a failure does no harm.
pub(super) async fn forget(setup: &Setup, key: &ExperimentKey, transition: RecordId) {
    if let (Ok(kind), Ok(id)) = (kind(), id(transition))
        && let Err(error) = setup.backplane.ephemeral().remove(key, &kind, &id).await
    {
        tracing::debug!(%key, %transition, %error, "a decided request was left to expire");
    }
}
