//! The steps on ephemerals. They live so long that none expires while a program runs.

use super::same::Fault;
use super::world::World;
use governance_persistence::{Backplane, EphemeralId, EphemeralKind, ExperimentKey, Json, TimeToLive};

impl World {
    pub(super) async fn put(
        &mut self,
        (handle, key): (u8, &ExperimentKey),
        (kind, id): (u8, u8),
        value: u8,
    ) -> Result<(), Fault> {
        let (kind, id, value) = (self::kind(kind), self::id(id), Json::from_value(&value.into()));
        let value = value.expect("a number is JSON");
        let put =
            async |backplane: &dyn Backplane| backplane.ephemeral().put(key, &kind, &id, &value, TimeToLive::MAX).await;
        self.compare(handle, key, put).await.map(drop)
    }

    pub(super) async fn get(&mut self, (handle, key): (u8, &ExperimentKey), (kind, id): (u8, u8)) -> Result<(), Fault> {
        let (kind, id) = (self::kind(kind), self::id(id));
        let get = async |backplane: &dyn Backplane| backplane.ephemeral().get(key, &kind, &id).await;
        self.compare(handle, key, get).await.map(drop)
    }

    pub(super) async fn list(&mut self, (handle, key): (u8, &ExperimentKey), kind: u8) -> Result<(), Fault> {
        let kind = self::kind(kind);
        let list = async |backplane: &dyn Backplane| backplane.ephemeral().list(key, &kind).await;
        self.compare(handle, key, list).await.map(drop)
    }

    pub(super) async fn remove(
        &mut self,
        (handle, key): (u8, &ExperimentKey),
        (kind, id): (u8, u8),
    ) -> Result<(), Fault> {
        let (kind, id) = (self::kind(kind), self::id(id));
        let remove = async |backplane: &dyn Backplane| backplane.ephemeral().remove(key, &kind, &id).await;
        self.compare(handle, key, remove).await.map(drop)
    }
}

/// Two kinds that are alike.
fn kind(number: u8) -> EphemeralKind {
    EphemeralKind::new(if number == 0 { "pending" } else { "Pending" }).expect("it is a label")
}

fn id(number: u8) -> EphemeralId {
    EphemeralId::new(["a", "A", "a/b"][usize::from(number) % 3]).expect("it is a label")
}
