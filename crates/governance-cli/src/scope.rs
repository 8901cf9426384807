//! Which tenant and environment the command line means.

use crate::{args::Global, failure::Failure};
use governance_persistence::{ExperimentKey, ExperimentsQuery, Filter};

/// The tenant and the environment; none is the default one.
#[derive(Debug)]
pub(crate) struct Scope {
    tenant: Option<String>,
    environment: Option<String>,
}

impl Scope {
    /// An empty name is the default one, so that a variable of the shell can be overruled.
    pub(crate) fn of(global: &Global) -> Self {
        let named = |part: &Option<String>| part.clone().filter(|name| !name.is_empty());
        Self { tenant: named(&global.tenant), environment: named(&global.environment) }
    }

    /// The experiment of this name.
    pub(crate) fn key(&self, name: &str) -> Result<ExperimentKey, Failure> {
        Ok(ExperimentKey::from_parts(self.tenant.as_deref(), self.environment.as_deref(), name)?)
    }

    /// Exactly this tenant, exactly this environment.
    pub(crate) fn filters(&self) -> Result<(Filter, Filter), Failure> {
        Ok((Filter::exactly(self.tenant.as_deref())?, Filter::exactly(self.environment.as_deref())?))
    }

    /// Its experiments, or those of every tenant or environment besides.
    pub(crate) fn experiments(&self, all_tenants: bool, all_environments: bool) -> Result<ExperimentsQuery, Failure> {
        let (tenant, environment) = self.filters()?;
        let widened = |any: bool, filter: Filter| if any { Filter::Any } else { filter };
        Ok(ExperimentsQuery::new(widened(all_tenants, tenant)).in_environment(widened(all_environments, environment)))
    }
}
