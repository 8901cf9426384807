//! Ephemerals that are put and removed. The server ends their lives.

use super::commit::unexpected;
use crate::error;
use crate::link::{Does, Reply};
use crate::script::{EPHEMERAL_PUT, EPHEMERAL_REMOVE, Script};
use crate::store::Store;
use bytes::Bytes;
use governance_persistence::{EphemeralId, EphemeralKind, ExperimentKey, Json, Result, TimeToLive};

impl Store {
    pub(crate) async fn put(
        &self,
        key: &ExperimentKey,
        kind: &EphemeralKind,
        id: &EphemeralId,
        value: &Json,
        time_to_live: TimeToLive,
    ) -> Result<()> {
        let value = Bytes::copy_from_slice(value.as_str().as_bytes());
        let arguments = [value, time_to_live.get().as_millis().to_string().into()];
        self.on_ephemeral(&EPHEMERAL_PUT, "putting an ephemeral", (key, kind, id), &arguments).await.map(|_| ())
    }

    pub(crate) async fn remove(&self, key: &ExperimentKey, kind: &EphemeralKind, id: &EphemeralId) -> Result<bool> {
        let reply = self.on_ephemeral(&EPHEMERAL_REMOVE, "removing an ephemeral", (key, kind, id), &[]).await?;
        let removed = reply.into_list().get(1).and_then(Reply::integer);
        removed.map(|removed| removed > 0).ok_or_else(|| unexpected("what is no answer to a removal"))
    }

    async fn on_ephemeral(
        &self,
        script: &Script,
        doing: &str,
        (key, kind, id): (&ExperimentKey, &EphemeralKind, &EphemeralId),
        more: &[Bytes],
    ) -> Result<Reply> {
        let keys = self.layout.of(key);
        let names = [keys.ephemeral(kind, id), keys.ephemerals(kind)].map(Bytes::from);
        let mut arguments = vec![Bytes::copy_from_slice(id.as_str().as_bytes())];
        arguments.extend_from_slice(more);
        let failed = |failure| error::on(key, &names[0], doing, failure, Does::Write);
        let mut written = self.link.write(script, &names, &arguments).await.map_err(failed)?;
        let reply = written.take_reply();
        if let Reply::List(items) = &reply
            && let [answer, name, text] = &items[..]
            && answer.text() == Some("fault")
        {
            // Nothing was written.
            return Err(error::at(key, name.text().unwrap_or_default(), text.text().unwrap_or_default()));
        }
        written.confirm().await.map_err(failed)?;
        Ok(reply)
    }
}
