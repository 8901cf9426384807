//! The commands, one a file, and what they run on.

mod approve;
mod copy;
mod demo;
mod experiments;
mod export;
mod history;
mod import;
mod log;
mod migrate;
mod reindex;
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
use governance_config::GovernanceConfig;
use governance_persistence::Backplane;
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
            let config = backplane::configuration(global)?;
            let backplane = backplane::open(&config, out).await?;
            let result = governed(global, &config, &backplane, command, out).await;
            let closed = backplane.close().await;
            result?;
            Ok(closed?)
        }
    }
}

/// The commands that need a backplane.
async fn governed(
    global: &Global,
    config: &GovernanceConfig,
    backplane: &Arc<dyn Backplane>,
    command: Command,
    out: &mut Output,
) -> Result<(), Failure> {
    let scope = &Scope::of(global);
    match command {
        Command::Demo => {
            let invocation = backplane::outlives_command(config).then(|| Invocation::of(global));
            demo::run(backplane, scope, invocation.as_ref(), out).await
        }
        Command::State(args) => state::run(backplane, &scope.key(&args.name)?, out).await,
        Command::Experiments(args) => experiments::run(backplane, scope, &args, out).await,
        Command::Transition(args) => transition::run(backplane, &scope.key(&args.name)?, &args, out).await,
        Command::Approve(args) => approve::run(backplane, &scope.key(&args.name)?, &args, out).await,
        Command::Version(command) => version::run(backplane, scope, &command, out).await,
        Command::Rollback(args) => rollback::run(backplane, &scope.key(&args.name)?, &args, out).await,
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
