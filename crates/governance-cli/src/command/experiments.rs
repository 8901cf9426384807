//! `governance experiments`: which experiments there are.

use crate::args::ExperimentsArgs;
use crate::output::{EXPERIMENT_HEADERS, List, Output, experiment_row};
use crate::{failure::Failure, scope::Scope};
use governance_persistence::{Backplane, BackplaneExt, Consistency};

pub(super) async fn run(
    backplane: &dyn Backplane,
    scope: &Scope,
    args: &ExperimentsArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut query = scope.experiments(args.all_tenants, args.all_environments)?;
    if let Some(state) = args.state {
        query = query.in_state(state);
    }
    let list = List::new(EXPERIMENT_HEADERS, "No experiments here; --all-tenants and --all-environments look further.");
    list.write_all(out, backplane.experiments_stream(query, Consistency::Strong), experiment_row).await
}
