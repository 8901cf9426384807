//! Ephemerals in memory, with this process's monotonic clock as their judge.

use super::InMemoryBackplane;
use crate::{
    Ephemeral, EphemeralId, EphemeralItem, EphemeralKind, ExperimentKey, Json, Result, TimeToLive, Timestamp,
    check_ephemeral_value,
};
use async_trait::async_trait;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

type Drawer = BTreeMap<EphemeralId, (Instant, EphemeralItem)>;

#[derive(Debug, Default)]
pub(super) struct EphemeralMap(Mutex<Drawers>);

#[derive(Debug, Default)]
struct Drawers {
    drawers: HashMap<(ExperimentKey, EphemeralKind), Drawer>,
    /// How many drawers may be there before those are looked for that have expired.
    sweep_at: usize,
}

impl Drawers {
    /// Throws away what has expired, now and then: whenever the number of drawers has doubled.
    fn sweep(&mut self, now: Instant) {
        if self.drawers.len() < self.sweep_at {
            return;
        }
        self.drawers.retain(|_, drawer| {
            drawer.retain(|_, (end, _)| *end > now);
            !drawer.is_empty()
        });
        self.sweep_at = (2 * self.drawers.len()).max(64);
    }
}

impl EphemeralMap {
    fn lock(&self) -> MutexGuard<'_, Drawers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `change` work on what has not expired of one experiment and kind.
    fn with<T>(&self, key: &ExperimentKey, kind: &EphemeralKind, change: impl FnOnce(&mut Drawer) -> T) -> T {
        let mut map = self.lock();
        let place = (key.clone(), kind.clone());
        let now = Instant::now();
        map.sweep(now);
        let drawer = map.drawers.entry(place.clone()).or_default();
        drawer.retain(|_, (end, _)| *end > now);
        let answer = change(drawer);
        if drawer.is_empty() {
            map.drawers.remove(&place);
        }
        answer
    }
}

#[async_trait]
impl Ephemeral for InMemoryBackplane {
    async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        check_ephemeral_value(value)?;
        let expires_at = Timestamp::now().saturating_add(time_to_live.get());
        let item = EphemeralItem::new(id.clone(), value.clone(), expires_at);
        let end = Instant::now() + time_to_live.get();
        self.data()?.ephemerals.with(key, kind, |drawer| drawer.insert(id.clone(), (end, item)));
        Ok(())
    }

    async fn get(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<Option<EphemeralItem>> {
        Ok(self.data()?.ephemerals.with(key, kind, |drawer| drawer.get(id).map(|(_, item)| item.clone())))
    }

    async fn list(&self, key: &ExperimentKey, kind: &EphemeralKind) -> Result<Vec<EphemeralItem>> {
        Ok(self.data()?.ephemerals.with(key, kind, |drawer| drawer.values().map(|(_, item)| item.clone()).collect()))
    }

    async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        Ok(self.data()?.ephemerals.with(key, kind, |drawer| drawer.remove(id).is_some()))
    }
}
