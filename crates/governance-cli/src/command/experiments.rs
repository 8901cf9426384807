//! `governance experiments`: which experiments there are.

use crate::args::ExperimentsArgs;
use crate::output::{EXPERIMENT_HEADERS, List, Output, experiment_row};
use crate::{failure::Failure, scope::Scope};
use governance_persistence::{Backplane, BackplaneExt, Consistency, ExperimentsQuery, Filter};

pub(super) async fn run(
    backplane: &dyn Backplane,
    scope: &Scope,
    args: &ExperimentsArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let (tenant, environment) = scope.filters()?;
    let widened = |any: bool, filter: Filter| if any { Filter::Any } else { filter };
    let mut query = ExperimentsQuery::new(widened(args.all_tenants, tenant))
        .in_environment(widened(args.all_environments, environment));
    if let Some(state) = args.state {
        query = query.in_state(state);
    }
    let list = List::new(EXPERIMENT_HEADERS, "No experiments here; --all-tenants and --all-environments look further.");
    list.write_all(out, backplane.experiments_stream(query, Consistency::Strong), experiment_row).await
}
