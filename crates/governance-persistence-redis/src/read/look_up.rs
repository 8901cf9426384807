//! Look-ups, whose cost does not grow with the history.

use crate::codec::StoredRecord;
use crate::keys::List;
use crate::link::{Command, Reply};
use crate::store::Store;
use futures_util::future::try_join_all;
use governance_persistence::{
    Error, ExperimentKey, LookUp, Record, RecordId, RecordKind, Recorded, Result, Sequence, VersionNumber,
};

impl Store {
    pub(crate) async fn look_up(&self, key: &ExperimentKey, look_up: LookUp<'_>) -> Result<Vec<Recorded<Record>>> {
        let keys = self.layout.of(key);
        let records = match look_up {
            LookUp::Version(number) => self.version(key, number).await?,
            LookUp::LatestVersion => match self.counts(key).await?.latest_version {
                Some(number) => self.version(key, number).await?,
                None => Vec::new(),
            },
            LookUp::LatestDefinition(policy) => self.field(key, keys.latest_policies(), policy.to_owned()).await?,
            LookUp::LatestEvaluation(policy) => self.field(key, keys.latest_evaluations(), policy.to_owned()).await?,
            LookUp::Approvals(transition) => self.approvals(key, transition).await?,
            _ => {
                let why = "this version of the Redis backplane does not know the look-up";
                return Err(Error::Unsupported { what: format!("{look_up:?}").into(), why: why.into() });
            }
        };
        records.into_iter().map(|record| record.into_recorded(key)).collect()
    }

    async fn version(&self, key: &ExperimentKey, number: VersionNumber) -> Result<Vec<StoredRecord>> {
        self.field(key, self.layout.of(key).versions(), number.to_string()).await
    }

    /// The record that stands in a field of a hash.
    async fn field(&self, key: &ExperimentKey, hash: String, field: String) -> Result<Vec<StoredRecord>> {
        let found = self.read(key, "looking up a record", Command::on("HGET", [hash, field])).await?;
        found.bytes().map(|text| StoredRecord::decode(key, text)).into_iter().collect()
    }

    async fn approvals(&self, key: &ExperimentKey, transition: RecordId) -> Result<Vec<StoredRecord>> {
        let by_transition = [self.layout.of(key).by_transition(), transition.to_string()];
        let found = self.read(key, "looking up approvals", Command::on("HGET", by_transition)).await?;
        let wrong = || Error::corrupt(key, Sequence::ZERO, format!("the approvals of {transition} do not decode"));
        let positions = found.text().unwrap_or_default().split_terminator(',').map(str::parse::<u64>);
        let positions: Vec<u64> = positions.collect::<Result<_, _>>().map_err(|_| wrong())?;
        if !matches!(found, Reply::Nil) && positions.is_empty() {
            return Err(wrong());
        }
        // Sent one behind the other, without waiting in between.
        let each = positions.into_iter().map(|at| async move {
            let list = List::Approvals;
            let found = self.entries(key, list, at..at + 1).await?;
            let text = found.first().ok_or_else(|| {
                Error::corrupt(key, Sequence::ZERO, format!("there is no {} at position {at}", RecordKind::Approval))
            })?;
            StoredRecord::decode(key, text)
        });
        try_join_all(each).await
    }
}
