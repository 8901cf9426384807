//! The end of a program: all that was stored is compared, and judged by itself.

use super::same::Fault;
use super::world::World;
use super::write::POLICIES;
use futures_util::{StreamExt, TryStreamExt};
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, ExperimentKey, HistoryQuery, LogEntry, LookUp, PageSize, Record, RecordKind,
    Recorded, Result, Sequence, VersionNumber, replay,
};

const STRONG: Consistency = Consistency::Strong;

/// So few that most histories have several pages.
const PAGE: usize = 7;

impl World {
    /// Compares all that was stored, through one handle: each experiment in every way of reading.
    pub(super) async fn compare_stores(&mut self, handle: u8) -> Result<(), Fault> {
        let query = self.experiments_query((0, 1), None);
        self.experiments(handle, query, None).await?;
        for key in self.keys.clone() {
            let within = |part: &str, fault: Fault| format!("{part} of {key}: {fault}");
            self.compare_head(handle, &key).await.map_err(|fault| within("the head", fault))?;
            for kind in 0..2 {
                self.list((handle, &key), kind).await.map_err(|fault| within("the ephemerals", fault))?;
            }
            let head = self.head(&key).await;
            self.compare_log(handle, &key).await.map_err(|fault| within("the log", fault))?;
            if !head.exists() {
                continue;
            }
            for kind in RecordKind::ALL {
                for query in [HistoryQuery::new(kind), HistoryQuery::new(kind).newest_first()] {
                    let query = query.page_size(PAGE).expect("the size is allowed");
                    let history = async |backplane: &dyn Backplane| whole(backplane, &key, query.clone()).await;
                    let compared = self.compare(handle, &key, history).await;
                    compared.map_err(|fault| within(&format!("the history of kind {kind}"), fault))?;
                }
            }
            self.compare_look_ups(handle, &key, head.latest_version).await?;
        }
        Ok(())
    }

    pub(super) async fn compare_head(&mut self, handle: u8, key: &ExperimentKey) -> Result<(), Fault> {
        self.compare(handle, key, async |backplane| backplane.head(key, STRONG).await).await.map(drop)
    }

    /// Compares the logs entry by entry, found by number and by commit id. Every entry verifies,
    /// no clock runs backwards, and together they lead to the head.
    async fn compare_log(&mut self, handle: u8, key: &ExperimentKey) -> Result<(), Fault> {
        let last = self.head(key).await.sequence;
        let log = async |backplane: &dyn Backplane| {
            let size = PageSize::new(PAGE)?;
            let log = backplane.log_stream(key, Sequence::ZERO, size, STRONG).take(one_too_many(last.get()));
            log.try_collect::<Vec<_>>().await
        };
        self.compare(handle, key, log).await?;

        let stored = log(self.handle(handle)).await.map_err(|error| error.to_string())?;
        if !stored.is_sorted_by_key(|entry| entry.recorded_at) {
            return Err(format!("recorded-at runs backwards: {stored:?}"));
        }
        stored.iter().try_for_each(LogEntry::verify).map_err(|error| error.to_string())?;
        let folded = stored.iter().try_fold(replay::start(key), replay::apply).map_err(|error| error.to_string())?;
        let head = self.handle(handle).head(key, STRONG).await.map_err(|error| error.to_string())?;
        if head != folded {
            return Err(format!("it leads to\n    {folded:?}\n  but the head is\n    {head:?}"));
        }
        for id in stored.iter().map(|entry| entry.commit_id) {
            self.compare(handle, key, async |backplane| backplane.entry(key, id, STRONG).await).await?;
        }
        Ok(())
    }

    async fn compare_look_ups(
        &mut self,
        handle: u8,
        key: &ExperimentKey,
        latest: Option<VersionNumber>,
    ) -> Result<(), Fault> {
        let versions = latest.map_or(0..=0, |latest| latest.get().saturating_sub(8)..=latest.get() + 1);
        let versions = versions.filter_map(|number| VersionNumber::new(number).ok()).map(LookUp::Version);
        let policies = POLICIES.into_iter();
        let policies = policies.flat_map(|name| [LookUp::LatestDefinition(name), LookUp::LatestEvaluation(name)]);
        let approvals = self.transitions.clone().into_iter().map(LookUp::Approvals);
        for look_up in [LookUp::LatestVersion].into_iter().chain(versions).chain(policies).chain(approvals) {
            self.look_up(handle, key, look_up).await?;
        }
        Ok(())
    }
}

/// All that the query finds, page by page.
pub(super) async fn whole(
    backplane: &dyn Backplane,
    key: &ExperimentKey,
    query: HistoryQuery,
) -> Result<Vec<Recorded<Record>>> {
    // A backplane that answers with the same page again and again is to fail, not to go on for ever.
    const MOST: u64 = 10_000;
    backplane.history_stream(key, query, STRONG).take(one_too_many(MOST)).try_collect().await
}

fn one_too_many(items: u64) -> usize {
    usize::try_from(items).unwrap_or(usize::MAX).saturating_add(1)
}
