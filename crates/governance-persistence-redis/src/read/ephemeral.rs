//! Ephemerals that have not expired, by the server's clock.

use crate::error;
use crate::keys::Keys;
use crate::link::{Command, Does, Reply};
use crate::store::Store;
use bytes::Bytes;
use futures_util::future::try_join_all;
use governance_persistence::{
    EphemeralId, EphemeralItem, EphemeralKind, Error, ExperimentKey, Json, Result, Sequence, Timestamp,
};

impl Store {
    pub(crate) async fn get(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
    ) -> Result<Option<EphemeralItem>> {
        self.ephemeral(key, &self.layout.of(key), kind, id).await
    }

    pub(crate) async fn list_ephemerals(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
    ) -> Result<Vec<EphemeralItem>> {
        let keys = self.layout.of(key);
        let all = ["ZRANGE", "0", "-1"].map(|word| Bytes::from_static(word.as_bytes()));
        let set = keys.ephemerals(kind);
        let found = self.members(&set, &all).await;
        let found =
            found.map_err(|failure| error::on(key, set.as_bytes(), "listing ephemerals", failure, Does::Read))?;
        let ids: Vec<EphemeralId> = found.iter().map(|id| decode_id(key, id)).collect::<Result<_>>()?;
        let found = try_join_all(ids.iter().map(|id| self.ephemeral(key, &keys, kind, id))).await?;
        let mut items: Vec<EphemeralItem> = found.into_iter().flatten().collect();
        items.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(items)
    }

    /// What the server still has, has not expired.
    async fn ephemeral(
        &self,
        key: &ExperimentKey,
        keys: &Keys,
        kind: &EphemeralKind,
        id: &EphemeralId,
    ) -> Result<Option<EphemeralItem>> {
        let found = self.read(key, "reading an ephemeral", Command::on("GET", [keys.ephemeral(kind, id)])).await?;
        match &found {
            Reply::Nil => Ok(None),
            stored => decode(id, stored).map(Some).ok_or_else(|| wrong(key, &format!("the ephemeral {id}"))),
        }
    }
}

/// Milliseconds until which it lives, then the value.
fn decode(id: &EphemeralId, stored: &Reply) -> Option<EphemeralItem> {
    let (expires, value) = stored.text()?.split_once('|')?;
    let expires = Timestamp::from_unix_micros(expires.parse::<i64>().ok()?.checked_mul(1_000)?).ok()?;
    Some(EphemeralItem::new(id.clone(), Json::from_canonical(value.to_owned()).ok()?, expires))
}

fn decode_id(key: &ExperimentKey, stored: &[u8]) -> Result<EphemeralId> {
    let id = std::str::from_utf8(stored).ok().and_then(|text| EphemeralId::new(text).ok());
    id.ok_or_else(|| wrong(key, "the id of an ephemeral"))
}

fn wrong(key: &ExperimentKey, what: &str) -> Error {
    Error::corrupt(key, Sequence::ZERO, format!("{what} does not decode"))
}
