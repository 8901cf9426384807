//! Which experiments are meant.

use crate::args::SelectionArgs;
use crate::{backplane, failure::Failure, scope::Scope};
use futures_util::stream::{self, BoxStream, StreamExt};
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, ExperimentKey, ExperimentsQuery, Filter, Head, Result,
};

/// One experiment, or all that a query lets through.
pub(crate) enum Selection {
    One(ExperimentKey),
    Many(ExperimentsQuery),
}

impl Selection {
    pub(crate) fn of(scope: &Scope, args: &SelectionArgs) -> Result<Self, Failure> {
        Ok(match &args.name {
            Some(name) => Self::One(scope.key(name)?),
            None if args.all => Self::Many(ExperimentsQuery::new(Filter::Any)),
            None => Self::Many(scope.experiments(args.all_tenants, args.all_environments)?),
        })
    }

    /// Their heads, in key order. One that is named must be there.
    pub(crate) async fn heads(self, source: &dyn Backplane) -> Result<BoxStream<'_, Result<Head>>, Failure> {
        Ok(match self {
            Self::One(key) => stream::iter([Ok(backplane::known(source, &key).await?)]).boxed(),
            Self::Many(query) => source.experiments_stream(query, Consistency::Strong),
        })
    }
}
