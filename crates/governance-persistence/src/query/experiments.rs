//! Asking which experiments there are.

use super::page::{Cursor, PageSize, describe};
use crate::{ExperimentKey, LifecycleState, Result, ScopeName};

/// Which tenants, or which environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    Any,
    /// Only the default one, which has no name.
    None,
    /// Only the one of this name.
    Is(ScopeName),
}

impl Filter {
    /// Only the one of this name; without a name, only the default one.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) when no tenant or environment can have the name.
    pub fn exactly(name: Option<&str>) -> Result<Self> {
        name.map_or(Ok(Self::None), |name| ScopeName::new(name).map(Self::Is))
    }

    /// Does it let this tenant or environment through?
    pub fn admits(&self, part: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::None => part.is_none(),
            Self::Is(name) => part == Some(name.as_str()),
        }
    }
}

/// A question for experiments, in key order, a hundred a page unless said otherwise. Which tenant
/// has no default: who wants to cross tenants has to say so.
///
/// ```
/// use governance_persistence::{ExperimentsQuery, Filter, LifecycleState};
///
/// let running = ExperimentsQuery::new(Filter::exactly(Some("acme"))?).in_state(LifecycleState::Running);
/// # Ok::<(), governance_persistence::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExperimentsQuery {
    tenant: Filter,
    environment: Filter,
    state: Option<LifecycleState>,
    size: PageSize,
    cursor: Option<Cursor>,
}

impl ExperimentsQuery {
    /// All experiments of these tenants.
    pub fn new(tenant: Filter) -> Self {
        Self { tenant, environment: Filter::Any, state: None, size: PageSize::default(), cursor: None }
    }

    /// Only in these environments.
    #[must_use]
    pub fn in_environment(mut self, environment: Filter) -> Self {
        self.environment = environment;
        self
    }

    /// Only in this lifecycle state.
    #[must_use]
    pub fn in_state(mut self, state: LifecycleState) -> Self {
        self.state = Some(state);
        self
    }

    /// At most this many on a page.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) outside 1 to 1,000.
    pub fn page_size(mut self, items: usize) -> Result<Self> {
        self.size = PageSize::new(items)?;
        Ok(self)
    }

    /// The page that begins at this cursor, the `next` of the page before.
    #[must_use]
    pub fn starting_at(mut self, cursor: Cursor) -> Self {
        self.cursor = Some(cursor);
        self
    }

    /// Which tenants.
    pub fn tenant(&self) -> &Filter {
        &self.tenant
    }

    /// Which environments.
    pub fn environment(&self) -> &Filter {
        &self.environment
    }

    /// Which lifecycle state; `None` is any, and none at all.
    pub fn state(&self) -> Option<LifecycleState> {
        self.state
    }

    /// The size of a page.
    pub fn size(&self) -> PageSize {
        self.size
    }

    /// For backplanes: the key behind which the page begins.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) when the cursor came from another query.
    pub fn after(&self) -> Result<Option<ExperimentKey>> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        let position = cursor.position(&self.describe())?;
        serde_json::from_slice(position).map(Some).map_err(|_| cursor.wrong("holds no key"))
    }

    /// For backplanes: the cursor behind a key.
    pub fn cursor(&self, key: &ExperimentKey) -> Cursor {
        Cursor::new(serde_json::to_vec(key).unwrap_or_default(), &self.describe())
    }

    fn describe(&self) -> String {
        let filter = |filter: &Filter| match filter {
            Filter::Any => ("any", None),
            Filter::None => ("none", None),
            Filter::Is(name) => ("is", Some(name.to_string())),
        };
        describe(&("experiments", filter(&self.tenant), filter(&self.environment), self.state))
    }
}
