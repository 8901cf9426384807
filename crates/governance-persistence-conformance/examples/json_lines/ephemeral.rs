//! The ephemerals: a small file beside the journal, replaced as a whole under the journal's lock.

use super::JsonLines;
use super::journal::failed;
use async_trait::async_trait;
use governance_persistence::{
    Ephemeral, EphemeralId, EphemeralItem, EphemeralKind, Error, ExperimentKey, Json, Result, TimeToLive, Timestamp,
    check_ephemeral_value,
};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// One ephemeral, as it is stored.
#[derive(Serialize, Deserialize)]
struct Row {
    key: ExperimentKey,
    kind: String,
    id: String,
    value: Json,
    expires_at: Timestamp,
}

impl Row {
    fn is_of(&self, key: &ExperimentKey, kind: &EphemeralKind) -> bool {
        &self.key == key && self.kind == kind.as_str()
    }

    fn is(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> bool {
        self.is_of(key, kind) && self.id == id.as_str()
    }

    fn item(&self) -> Result<EphemeralItem> {
        Ok(EphemeralItem::new(EphemeralId::new(&self.id)?, self.value.clone(), self.expires_at))
    }
}

impl JsonLines {
    /// Lets `change` work on all rows that have not expired, by the clock of this machine.
    async fn rows<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Vec<Row>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.with(move |journal| {
            journal.exclusively(|journal| {
                let path = journal.path().with_extension("ephemerals.json");
                let before = read(&path).map_err(|error| failed("the ephemerals cannot be read", error))?;
                let mut rows = decode(&before)?;
                rows.retain(|row| row.expires_at > Timestamp::now());
                let answer = change(&mut rows)?;
                let after = encode(&rows)?;
                if after != before {
                    replace(&path, &after).map_err(|error| failed("the ephemerals cannot be written", error))?;
                }
                Ok(answer)
            })
        })
        .await
    }
}

fn decode(json: &[u8]) -> Result<Vec<Row>> {
    serde_json::from_slice(json).map_err(|error| Error::Backend {
        reason: "the file of ephemerals does not decode".into(),
        source: Some(error.into()),
    })
}

fn encode(rows: &[Row]) -> Result<Vec<u8>> {
    serde_json::to_vec(rows).map_err(|error| Error::Backend {
        reason: "the ephemerals cannot be encoded".into(),
        source: Some(error.into()),
    })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(b"[]".into()),
        json => json,
    }
}

/// Puts a new file in the place of the old one: after a crash, one of the two is there as a whole.
fn replace(path: &Path, json: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(json)?;
    file.sync_data()?;
    fs::rename(new, path)
}

#[async_trait]
impl Ephemeral for JsonLines {
    async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        check_ephemeral_value(value)?;
        let (key, kind, id, value) = (key.clone(), kind.clone(), id.clone(), value.clone());
        self.rows(move |rows| {
            rows.retain(|row| !row.is(&key, &kind, &id));
            let expires_at = Timestamp::now().saturating_add(time_to_live.get());
            rows.push(Row { key, kind: kind.to_string(), id: id.to_string(), value, expires_at });
            Ok(())
        })
        .await
    }

    async fn get(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<Option<EphemeralItem>> {
        let (key, kind, id) = (key.clone(), kind.clone(), id.clone());
        self.rows(move |rows| rows.iter().find(|row| row.is(&key, &kind, &id)).map(Row::item).transpose()).await
    }

    async fn list(&self, key: &ExperimentKey, kind: &EphemeralKind) -> Result<Vec<EphemeralItem>> {
        let (key, kind) = (key.clone(), kind.clone());
        self.rows(move |rows| {
            let of_kind = rows.iter().filter(|row| row.is_of(&key, &kind));
            let mut items: Vec<_> = of_kind.map(Row::item).collect::<Result<_>>()?;
            items.sort_by(|one, other| one.id.cmp(&other.id));
            Ok(items)
        })
        .await
    }

    async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        let (key, kind, id) = (key.clone(), kind.clone(), id.clone());
        self.rows(move |rows| {
            let before = rows.len();
            rows.retain(|row| !row.is(&key, &kind, &id));
            Ok(rows.len() < before)
        })
        .await
    }
}
