//! Log entries, put together from the log's row and the records of each kind.

use super::kind::{History, for_kind};
use super::{Reader, belongs_to};
use crate::codec;
use crate::entity::{Row, governance_commit as commit};
use crate::error::of_sea_orm;
use governance_persistence::{
    CommitId, Error, ExperimentKey, LogEntry, PageSize, Record, RecordKind, Result, Sequence,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::collections::BTreeMap;

/// The records of some commits, by sequence and ordinal.
type Records = BTreeMap<(i64, i64), Record>;

impl Reader {
    pub(crate) async fn entry(&self, key: &ExperimentKey, id: CommitId) -> Result<Option<LogEntry>> {
        let row = commits(key).filter(commit::Column::CommitId.eq(id.to_string()));
        Ok(self.entries(key, row).await?.pop())
    }

    pub(crate) async fn log(&self, key: &ExperimentKey, after: Sequence, limit: PageSize) -> Result<Vec<LogEntry>> {
        let rows = commits(key).filter(commit::Column::Sequence.gt(codec::count(after)));
        let rows = rows.order_by_asc(commit::Column::Sequence).limit(limit.get() as u64);
        self.entries(key, rows).await
    }

    /// Rows of history never change, so the records may be read after the log: none of a commit
    /// that was seen can be missing.
    async fn entries(&self, key: &ExperimentKey, commits: Select<commit::Entity>) -> Result<Vec<LogEntry>> {
        let rows = commits.into_model::<Row<commit::Model>>().all(self.db()?).await;
        let rows = rows.map_err(|error| of_sea_orm("reading the log", error))?;
        let (Some(Row(first)), Some(Row(last))) = (rows.first(), rows.last()) else {
            return Ok(Vec::new());
        };
        let range = (first.experiment_id, first.sequence, last.sequence);
        let mut records = Records::new();
        for kind in RecordKind::ALL {
            for_kind!(kind, Kind => self.gather::<Kind>(key, range, &mut records).await)?;
        }
        rows.into_iter().map(|Row(row)| assemble(key, row, &mut records)).collect()
    }

    async fn gather<E: History>(
        &self,
        key: &ExperimentKey,
        (experiment_id, first, last): (i64, i64, i64),
        records: &mut Records,
    ) -> Result<()> {
        let rows = E::find()
            .filter(E::EXPERIMENT_ID.eq(experiment_id))
            .filter(E::SEQUENCE.between(first, last))
            .into_model::<Row<E::Model>>()
            .all(self.db()?)
            .await
            .map_err(|error| of_sea_orm("reading the records of the log", error))?;
        for Row(row) in rows {
            let (sequence, ordinal) = E::place(&row);
            let at = Sequence::try_from(sequence).unwrap_or_default();
            let what = || format!("the {} at ordinal {ordinal}", E::KIND);
            let record = E::decode(row).map_err(|error| codec::corrupt(key, at, &what(), &error))?;
            if records.insert((sequence, ordinal), record).is_some() {
                return Err(Error::corrupt(key, at, format!("two records stand at ordinal {ordinal}")));
            }
        }
        Ok(())
    }
}

pub(super) fn commits(key: &ExperimentKey) -> Select<commit::Entity> {
    commit::Entity::find().filter(belongs_to::<commit::Entity>(commit::Column::ExperimentId, key))
}

/// Takes the commit's records, whose ordinals must be 0, 1, 2 …
fn assemble(key: &ExperimentKey, row: commit::Model, all: &mut Records) -> Result<LogEntry> {
    let later = all.split_off(&(row.sequence + 1, i64::MIN));
    let own = std::mem::replace(all, later);
    let mut records = Vec::with_capacity(own.len());
    for ((sequence, ordinal), record) in own {
        if sequence != row.sequence || usize::try_from(ordinal) != Ok(records.len()) {
            let at = codec::sequence(key, sequence)?;
            let problem = format!("a record stands at ordinal {ordinal}, but there are {} before it", records.len());
            return Err(Error::corrupt(key, at, problem));
        }
        records.push(record);
    }
    codec::log_entry(key, row, records)
}
