//! The definitions that are stored for an experiment, as a judgement needs them.

use crate::lifecycle::{is_live, may_guard};
use crate::setup::Setup;
use crate::{Policy, Result};
use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, ExperimentKey, HistoryQuery, LifecycleState, LookUp, PolicyDefinition,
    RecordKind, Recorded,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The latest definition of each policy that was asked for, by name.
#[derive(Debug, Default)]
pub(crate) struct Definitions(BTreeMap<String, PolicyDefinition>);

impl Definitions {
    /// Those that a move between these states is judged by.
    pub(crate) async fn for_move(
        setup: &Setup,
        key: &ExperimentKey,
        from: LifecycleState,
        to: LifecycleState,
    ) -> Result<Self> {
        // Where the experiment is shown to people, policies of others count as well, whose names nobody here knows.
        if is_live(to) {
            return Self::all(setup, key).await;
        }
        Self::of(setup, key, |policy| may_guard(&setup.table, (from, to), |from, to| policy.guards(from, to))).await
    }

    /// Those of the policies set up here that `which` picks.
    pub(super) async fn of(
        setup: &Setup,
        key: &ExperimentKey,
        which: impl Fn(&Arc<dyn Policy>) -> bool,
    ) -> Result<Self> {
        let picked = setup.policies.iter().filter(|policy| which(policy));
        let found: Vec<_> = picked.map(|policy| latest_definition(setup, key, policy.name())).collect();
        let found = try_join_all(found).await?.into_iter().flatten();
        Ok(Self(found.map(|found| (found.record.name.clone(), found.record)).collect()))
    }

    async fn all(setup: &Setup, key: &ExperimentKey) -> Result<Self> {
        let query = HistoryQuery::new(RecordKind::Definition);
        let mut history = setup.backplane.history_stream(key, query, Consistency::Strong);
        let mut latest = BTreeMap::new();
        while let Some(found) = history.try_next().await? {
            let Recorded { record, .. } = found.typed::<PolicyDefinition>()?;
            latest.insert(record.name.clone(), record);
        }
        Ok(Self(latest))
    }

    /// The latest one of this policy.
    pub(super) fn latest(&self, name: &str) -> Option<&PolicyDefinition> {
        self.0.get(name)
    }

    /// The policies that are switched on for the experiment, and not set up here.
    pub(super) fn elsewhere(&self, setup: &Setup) -> impl Iterator<Item = &str> {
        let enabled = self.0.values().filter(|definition| definition.enabled);
        let names = enabled.map(|definition| definition.name.as_str());
        names.filter(|name| setup.policies.iter().all(|policy| policy.name() != *name))
    }
}

pub(super) async fn latest_definition(
    setup: &Setup,
    key: &ExperimentKey,
    name: &str,
) -> Result<Option<Recorded<PolicyDefinition>>> {
    let look_up = LookUp::LatestDefinition(name);
    let mut found = setup.backplane.look_up(key, look_up, Consistency::Strong).await?;
    Ok(found.pop().map(Recorded::typed).transpose()?)
}
