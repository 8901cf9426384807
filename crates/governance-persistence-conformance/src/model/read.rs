//! The steps that read.

use super::program::{Pick, Question};
use super::same::{Answer, Clock, Fault};
use super::store::whole;
use super::world::{Both, World, pick};
use super::write::POLICIES;
use governance_persistence::{
    Backplane, Commit, CommitId, Consistency, Cursor, ExperimentKey, ExperimentsQuery, Filter, HistoryQuery,
    LifecycleState, LookUp, Page, PageSize, Result, Sequence, VersionNumber,
};

const STRONG: Consistency = Consistency::Strong;

impl World {
    pub(super) async fn entry(&mut self, handle: u8, key: &ExperimentKey, which: Pick) -> Result<(), Fault> {
        let id = pick(&self.commits, which).map_or_else(CommitId::new, Commit::id);
        self.compare(handle, key, async |backplane| backplane.entry(key, id, STRONG).await).await.map(drop)
    }

    pub(super) async fn log(&mut self, handle: u8, key: &ExperimentKey, after: u8, limit: u8) -> Result<(), Fault> {
        let (after, limit) = (Sequence::new(after.into()).expect("it is small"), size(limit));
        let log = async |backplane: &dyn Backplane| backplane.log(key, after, limit, STRONG).await;
        self.compare(handle, key, log).await.map(drop)
    }

    /// A page of a history. Where it goes on is remembered.
    pub(super) async fn history(
        &mut self,
        handle: u8,
        key: ExperimentKey,
        query: HistoryQuery,
        cursors: Option<[Cursor; 2]>,
    ) -> Result<(), Fault> {
        let [ours, model] = each(&query, cursors, HistoryQuery::starting_at);
        let both = Both {
            ours: self.handle(handle).history(&key, &ours, STRONG).await,
            model: self.model.history(&key, &model, STRONG).await,
        };
        if let Some(next) = self.compare_pages(&key, both)? {
            self.histories.push((key, query, next));
        }
        Ok(())
    }

    pub(super) async fn next_records(
        &mut self,
        handle: u8,
        (which, items): (Pick, u8),
        elsewhere: Option<ExperimentKey>,
    ) -> Result<(), Fault> {
        let Some((key, query, cursors)) = pick(&self.histories, which).cloned() else { return Ok(()) };
        let query = query.page_size(items.into()).expect("the size is allowed");
        self.history(handle, elsewhere.unwrap_or(key), query, Some(cursors)).await
    }

    /// What was recorded between two commits. As the two clocks differ, each backplane is asked for
    /// its own instants, and judged by its own whole history.
    pub(super) async fn range(
        &mut self,
        handle: u8,
        key: &ExperimentKey,
        query: HistoryQuery,
        (from, until): (Pick, Pick),
    ) -> Result<(), Fault> {
        let last = self.head(key).await.sequence.get();
        let sequence = |back: Pick| Sequence::new(last.saturating_sub(u64::from(back) % (last + 1)));
        let [from, until] = [from, until].map(|back| sequence(back).expect("it is not behind the last"));
        let check = async |backplane: &dyn Backplane, clock: &Clock| {
            let (from, until) = (clock.at(key, from), clock.at(key, until));
            let range = match (from, until) {
                (Some(from), Some(until)) => query.clone().recorded(from..=until),
                (Some(from), None) => query.clone().recorded(from..),
                (None, Some(until)) => query.clone().recorded(..until),
                (None, None) => query.clone(),
            };
            let (earliest, latest) = range.recorded_range();
            let mut due = whole(backplane, key, query.clone()).await.map_err(|error| error.to_string())?;
            due.retain(|recorded| (earliest..=latest).contains(&recorded.recorded_at));
            let told = whole(backplane, key, range).await.map_err(|error| error.to_string())?;
            if told == due {
                return Ok(());
            }
            Err(format!("from {earliest} to {latest} it recorded\n    {due:?}\n  but answered\n    {told:?}"))
        };
        check(self.handle(handle), &self.clocks.ours).await?;
        check(&self.model, &self.clocks.model).await
    }

    pub(super) async fn question(&mut self, handle: u8, key: &ExperimentKey, asked: Question) -> Result<(), Fault> {
        let policy = |about: u8| POLICIES[usize::from(about) % POLICIES.len()];
        let look_up = match asked {
            Question::LatestVersion => LookUp::LatestVersion,
            Question::Version(back) => {
                let latest = self.head(key).await.latest_version.unwrap_or(VersionNumber::FIRST);
                let number = latest.get().saturating_add_signed(-i64::from(back));
                LookUp::Version(VersionNumber::new(number).unwrap_or(latest))
            }
            Question::LatestDefinition(about) => LookUp::LatestDefinition(policy(about)),
            Question::LatestEvaluation(about) => LookUp::LatestEvaluation(policy(about)),
            Question::Approvals(about) => {
                LookUp::Approvals(self.transitions[usize::from(about) % self.transitions.len()])
            }
        };
        self.look_up(handle, key, look_up).await
    }

    pub(super) async fn look_up(&mut self, handle: u8, key: &ExperimentKey, look_up: LookUp<'_>) -> Result<(), Fault> {
        let found = async |backplane: &dyn Backplane| backplane.look_up(key, look_up, STRONG).await;
        self.compare(handle, key, found).await.map(drop).map_err(|fault| format!("{look_up:?} of {key}: {fault}"))
    }

    /// The query for experiments of this program: tenant, environment, or both are named after it.
    pub(super) fn experiments_query(
        &self,
        (tenant, environment): (u8, u8),
        state: Option<LifecycleState>,
    ) -> ExperimentsQuery {
        let filter = |part: u8| match part {
            0 => Filter::exactly(Some(&self.name)).expect("it is a name"),
            1 => Filter::Any,
            2 => Filter::None,
            _ => Filter::exactly(Some("production")).expect("it is a name"),
        };
        let environment = filter(if tenant == 0 { environment } else { 0 });
        let query = ExperimentsQuery::new(filter(tenant)).in_environment(environment);
        state.into_iter().fold(query, ExperimentsQuery::in_state)
    }

    /// A page of experiments. Where it goes on is remembered.
    pub(super) async fn experiments(
        &mut self,
        handle: u8,
        query: ExperimentsQuery,
        cursors: Option<[Cursor; 2]>,
    ) -> Result<(), Fault> {
        let [ours, model] = each(&query, cursors, ExperimentsQuery::starting_at);
        let both = Both {
            ours: self.handle(handle).experiments(&ours, STRONG).await,
            model: self.model.experiments(&model, STRONG).await,
        };
        if let Some(next) = self.compare_pages(&self.key(0), both)? {
            self.listings.push((query, next));
        }
        Ok(())
    }

    pub(super) async fn next_experiments(&mut self, handle: u8, which: Pick, items: u8) -> Result<(), Fault> {
        let Some((query, cursors)) = pick(&self.listings, which).cloned() else { return Ok(()) };
        let query = query.page_size(items.into()).expect("the size is allowed");
        self.experiments(handle, query, Some(cursors)).await
    }

    /// Compares all but the cursors, and gives those.
    fn compare_pages<T>(&mut self, key: &ExperimentKey, pages: Both<Page<T>>) -> Result<Option<[Cursor; 2]>, Fault>
    where
        Vec<T>: Answer,
    {
        let next = |page: &Result<Page<T>>| page.as_ref().ok().and_then(|page| page.next.clone());
        let (ours, model) = (next(&pages.ours), next(&pages.model));
        let items = |page: Page<T>| (page.items, page.next.is_some());
        self.clocks.compare(key, Both { ours: pages.ours.map(items), model: pages.model.map(items) })?;
        Ok(ours.zip(model).map(|(ours, model)| [ours, model]))
    }
}

/// The query once for each of the two, behind the cursor of each.
fn each<Q: Clone>(query: &Q, cursors: Option<[Cursor; 2]>, at: impl Fn(Q, Cursor) -> Q) -> [Q; 2] {
    match cursors {
        None => [query.clone(), query.clone()],
        Some(cursors) => cursors.map(|cursor| at(query.clone(), cursor)),
    }
}

fn size(items: u8) -> PageSize {
    PageSize::new(items.into()).expect("the size is allowed")
}
