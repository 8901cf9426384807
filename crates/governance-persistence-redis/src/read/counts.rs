//! How much history there is.

use crate::codec;
use crate::link::Command;
use crate::store::Store;
use governance_persistence::{ExperimentKey, Result, VersionNumber};

/// How many commits an experiment has, and how many records in each series.
pub(super) struct Counts {
    pub(super) commits: u64,
    pub(super) records: [u64; 5],
    pub(super) first_version: Option<VersionNumber>,
    pub(super) latest_version: Option<VersionNumber>,
}

impl Store {
    pub(super) async fn counts(&self, key: &ExperimentKey) -> Result<Counts> {
        let fields = ["sequence", "transitions", "approvals", "evaluations", "policies", "first-version", "version"];
        let command = [self.layout.of(key).head()].into_iter().chain(fields.map(String::from));
        let items = self.read(key, "reading the head", Command::on("HMGET", command)).await?.into_list();
        let count = |index: usize| codec::number(key, "a count of the head", items.get(index));
        let (first, latest) = (codec::version(key, items.get(5))?, codec::version(key, items.get(6))?);
        let versions = match (first, latest) {
            (Some(first), Some(latest)) => (latest.get() + 1).saturating_sub(first.get()),
            _ => 0,
        };
        Ok(Counts {
            commits: count(0)?,
            records: [count(1)?, count(2)?, count(3)?, count(4)?, versions],
            first_version: first,
            latest_version: latest,
        })
    }
}
