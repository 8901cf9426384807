//! The commands, one a file, and what they run on.

mod copy;
mod decide;
mod demo;
mod evaluate;
mod experiments;
mod export;
mod history;
mod import;
mod log;
mod migrate;
mod pending;
mod policies;
mod reindex;
mod request;
mod rollback;
mod schema;
mod state;
mod transition;
mod validate;
mod verify;
mod version;

use crate::args::{Cli, Command, Global};
use crate::output::{Invocation, Output};
use crate::{backplane, failure::Failure, scope::Scope};
use governance::Governance;
use governance_config::GovernanceConfig;
use governance_persistence::{Backplane, Decision};
use std::sync::Arc;

/// Runs the command of this command line.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::Internal(format!("the asynchronous runtime does not start: {error}")))?;
    let Cli { global, command } = cli;
    let mut out = Output::new(global.json);
    let result = runtime.block_on(dispatch(&global, command, &mut out));
    // What was answered before a failure is an answer too; the failure weighs more.
    let flushed = out.flush();
    result?;
    Ok(flushed?)
}

async fn dispatch(global: &Global, command: Command, out: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Migrate(args) => migrate::run(global, &args, out).await,
        Command::Reindex(args) => reindex::run(global, &args, out).await,
        Command::Validate { files } => validate::run(&files, out),
        Command::Schema => schema::run(out),
        command => {
            let config = match command {
                Command::Demo if global.config().is_none() => demo::by_default()?,
                _ => backplane::configuration(global)?,
            };
            let backplane = backplane::open(&config, out).await?;
            let result = match backplane::governed(&config, Arc::clone(&backplane)) {
                Ok(governance) => governed(global, &config, &governance, command, out).await,
                Err(failure) => Err(failure),
            };
            let closed = backplane.close().await;
            result?;
            Ok(closed?)
        }
    }
}

/// The commands that need a backplane. Those that write go through the managers on it, apart from `import`
/// and `copy`: what was judged elsewhere comes as it is; and `demo`, which has managers of its own.
async fn governed(
    global: &Global,
    config: &GovernanceConfig,
    governance: &Governance,
    command: Command,
    out: &mut Output,
) -> Result<(), Failure> {
    let scope = &Scope::of(global);
    let backplane = governance.backplane();
    match command {
        Command::Demo => {
            let kept = match global.config() {
                _ if !backplane::outlives_command(config) => demo::Kept::InMemory,
                None => demo::Kept::InFile,
                Some(_) => demo::Kept::AsConfigured(Invocation::of(global)),
            };
            demo::run(backplane, scope, &kept, out).await
        }
        Command::State(args) => state::run(governance, &scope.key(&args.name)?, out).await,
        Command::Experiments(args) => experiments::run(backplane, scope, &args, out).await,
        Command::Transition(args) => transition::run(governance, &scope.key(&args.name)?, &args, out).await,
        Command::Request(args) => {
            request::run(governance, &scope.key(&args.name)?, &args, &Invocation::of(global), out).await
        }
        Command::Pending(args) => pending::run(governance, scope, &args, out).await,
        Command::Approve(args) => {
            decide::run(governance, &scope.key(&args.name)?, Decision::Approved, &args, out).await
        }
        Command::Reject(args) => decide::run(governance, &scope.key(&args.name)?, Decision::Rejected, &args, out).await,
        Command::Evaluate(args) => evaluate::run(governance, &scope.key(&args.name)?, &args, out).await,
        Command::Policies(args) => policies::run(governance, &scope.key(&args.name)?, &args, out).await,
        Command::Version(command) => version::run(governance, scope, &command, out).await,
        Command::Rollback(args) => rollback::run(governance, &scope.key(&args.name)?, &args, out).await,
        Command::History(args) => history::run(backplane, &scope.key(&args.name)?, &args, out).await,
        Command::Log(args) => log::run(backplane, &scope.key(&args.name)?, &args, out).await,
        Command::Verify(args) => verify::run(backplane, scope, &args, out).await,
        Command::Export(args) => export::run(backplane, scope, &args, out).await,
        Command::Import(args) => import::run(backplane, &args, out).await,
        Command::Copy(args) => copy::run(backplane, scope, &args, out).await,
        // They were answered without it.
        Command::Migrate(_) | Command::Reindex(_) | Command::Validate { .. } | Command::Schema => Ok(()),
    }
}
