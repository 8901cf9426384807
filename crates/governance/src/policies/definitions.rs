//! The definitions that are stored for an experiment, as a judgement needs them.

use crate::lifecycle::{is_live, may_guard};
use crate::recent::Known;
use crate::setup::Setup;
use crate::{Policy, Result};
use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, ExperimentKey, HistoryQuery, LifecycleState, LookUp, PolicyDefinition,
    Record, RecordKind, Recorded,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The latest definition of each policy that was asked for, by name.
#[derive(Clone, Debug)]
pub(crate) struct Definitions {
    latest: BTreeMap<String, PolicyDefinition>,
    /// Are they all that the experiment has?
    are_all: bool,
}

impl Definitions {
    /// Those that a move between these states is judged by.
    pub(crate) async fn for_move(
        setup: &Setup,
        known: &Known,
        from: LifecycleState,
        to: LifecycleState,
    ) -> Result<Arc<Self>> {
        if let Some(all) = &known.definitions {
            return Ok(Arc::clone(all));
        }
        let key = &known.head.key;
        // Where the experiment is shown to people, policies of others count as well, whose names nobody here knows.
        let read = if is_live(to) {
            Self::all(setup, key).await
        } else {
            let may_guard =
                |policy: &Arc<dyn Policy>| may_guard(&setup.table, (from, to), |from, to| policy.guards(from, to));
            Self::of(setup, key, may_guard).await
        };
        Ok(Arc::new(read?))
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
        let latest = found.map(|found| (found.record.name.clone(), found.record)).collect();
        Ok(Self { latest, are_all: false })
    }

    async fn all(setup: &Setup, key: &ExperimentKey) -> Result<Self> {
        let query = HistoryQuery::new(RecordKind::Definition);
        let mut history = setup.backplane.history_stream(key, query, Consistency::Strong);
        let mut latest = BTreeMap::new();
        while let Some(found) = history.try_next().await? {
            let Recorded { record, .. } = found.typed::<PolicyDefinition>()?;
            latest.insert(record.name.clone(), record);
        }
        Ok(Self { latest, are_all: true })
    }

    /// Are they all that the experiment has?
    pub(crate) fn are_all(&self) -> bool {
        self.are_all
    }

    /// All of them behind a commit of these records.
    pub(crate) fn with(mut all: Arc<Self>, records: &[Record]) -> Arc<Self> {
        for record in records {
            if let Record::Definition(definition) = record {
                Arc::make_mut(&mut all).latest.insert(definition.name.clone(), definition.clone());
            }
        }
        all
    }

    /// How many bytes of parameters and metadata they have.
    pub(crate) fn size(&self) -> usize {
        let sizes = self
            .latest
            .values()
            .map(|definition| definition.parameters.as_str().len() + definition.metadata.as_str().len());
        sizes.sum()
    }

    /// The latest one of this policy.
    pub(super) fn latest(&self, name: &str) -> Option<&PolicyDefinition> {
        self.latest.get(name)
    }

    /// Is this policy switched off for the experiment, and not set up here?
    pub(super) fn is_off(&self, setup: &Setup, name: &str) -> bool {
        self.latest(name).is_some_and(|definition| !definition.enabled)
            && setup.policies.iter().all(|policy| policy.name() != name)
    }

    /// The policies that are switched on for the experiment, and not set up here.
    pub(super) fn elsewhere(&self, setup: &Setup) -> impl Iterator<Item = &str> {
        let enabled = self.latest.values().filter(|definition| definition.enabled);
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
