//! `governance migrate`: brings a database's schema up or down, or shows where it stands.

use crate::args::{Global, MigrateArgs, MigrateCommand};
use crate::output::{List, Output};
use crate::{backplane, failure::Failure};
use governance_config::Persistence;
use governance_persistence::Timestamp;
use governance_persistence_sql::{MigrationStatus, Migrations, PlannedMigration, Provider, SqlOptions};
use serde::Serialize;
use serde_json::json;

/// Says which database it is when the command line and the configuration do not.
const URL_VARIABLE: &str = "GOVERNANCE_DB_URL";

const STATUS_HEADERS: &[&str] = &["MIGRATION", "APPLIED", "AT"];

pub(super) async fn run(global: &Global, args: &MigrateArgs, out: &mut Output) -> Result<(), Failure> {
    let dry_run = args.dry_run;
    let command = match args.command {
        Some(command) => command,
        None if dry_run => MigrateCommand::Up { steps: None },
        None => {
            return Err(Failure::usage(
                "migrate what?",
                "say up, down or status; or --dry-run, to see what up would run",
            ));
        }
    };
    if let MigrateCommand::Down { yes: false, .. } = command
        && !dry_run
    {
        return Err(Failure::usage(
            "migrate down drops tables, and all that is stored in them",
            "see what it would run with --dry-run; say --yes to do it",
        ));
    }
    let options = match options(global, args)? {
        Place::Database(options) => options,
        Place::WithoutSchema(store) => return no_schema(store, command, dry_run, out),
    };
    let migrations = Migrations::connect(&options).await?;
    on_schema(&migrations, command, dry_run, out).await
}

/// What is there to migrate.
enum Place {
    Database(Box<SqlOptions>),
    /// A store of this name that has no schema.
    WithoutSchema(&'static str),
}

impl Place {
    fn of_url(url: &str) -> Result<Self, Failure> {
        Ok(Self::Database(Box::new(SqlOptions::new(url)?)))
    }
}

/// How to connect to the database, if it is one.
fn options(global: &Global, args: &MigrateArgs) -> Result<Place, Failure> {
    if let Some(url) = &args.url {
        return Place::of_url(url);
    }
    if global.config().is_none() {
        let url = std::env::var(URL_VARIABLE).map_err(|_| {
            Failure::usage(
                "it is not known which database to migrate",
                format!("say --config FILE or --url URL, or set {URL_VARIABLE}"),
            )
        })?;
        return Place::of_url(&url);
    }
    match backplane::configuration(global)?.persistence {
        Persistence::InMemory => Ok(Place::WithoutSchema("inMemory")),
        Persistence::Redis(_) => Ok(Place::WithoutSchema("Redis")),
        Persistence::Sql(options) => Ok(Place::Database(Box::new(options))),
        _ => Err(Failure::usage(
            "this command cannot migrate a custom persistence type",
            "use the tool that came with it, or --url for a SQL database",
        )),
    }
}

/// The answer for a store without one, in the shape that the command always has.
fn no_schema(store: &str, command: MigrateCommand, dry_run: bool, out: &mut Output) -> Result<(), Failure> {
    let message = format!("{store} has no schema: there is nothing to migrate");
    if !out.is_json() {
        return Ok(out.line(format_args!("{message}."))?);
    }
    out.warn("noSchema", &message);
    match command {
        MigrateCommand::Status => Ok(out.value(&json!([]))?),
        _ if dry_run => Ok(out.value(&json!([]))?),
        MigrateCommand::Up { .. } => done("applied", &[], out),
        MigrateCommand::Down { .. } => done("reverted", &[], out),
    }
}

async fn on_schema(
    migrations: &Migrations,
    command: MigrateCommand,
    dry_run: bool,
    out: &mut Output,
) -> Result<(), Failure> {
    let provider = migrations.provider();
    match command {
        MigrateCommand::Up { steps } if dry_run => planned(&migrations.plan_up(steps).await?, provider, out),
        MigrateCommand::Down { steps, .. } if dry_run => planned(&migrations.plan_down(steps).await?, provider, out),
        MigrateCommand::Up { steps } => done("applied", &migrations.up(steps).await?, out),
        MigrateCommand::Down { steps, .. } => done("reverted", &migrations.down(steps).await?, out),
        MigrateCommand::Status => status(&migrations.status().await?, out),
    }
}

/// `{"applied":[names]}` or `{"reverted":[names]}`.
fn done(what: &str, names: &[String], out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        return Ok(out.value(&json!({ what: names }))?);
    }
    for name in names {
        out.line(format_args!("{what} {name}"))?;
    }
    if names.is_empty() {
        out.line(format_args!("Nothing had to be {what}."))?;
    }
    Ok(())
}

/// The SQL, ready for a SQL client; in JSON `[{"name":…,"statements":[…]}]`.
fn planned(plan: &[PlannedMigration], provider: Provider, out: &mut Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Planned<'a> {
        name: &'a str,
        statements: &'a [String],
    }
    if out.is_json() {
        let plan = plan.iter().map(|step| Planned { name: &step.name, statements: &step.statements });
        return Ok(out.value(&plan.collect::<Vec<_>>())?);
    }
    for step in plan {
        out.line(format_args!("-- {}", step.name))?;
        for statement in &step.statements {
            out.line(for_client(statement.trim_end().trim_end_matches(';'), provider))?;
        }
    }
    if plan.is_empty() {
        out.line("-- nothing to do")?;
    }
    Ok(())
}

/// The statement with the end that the engine's client wants. MySQL's takes the first semicolon for the end
/// of a trigger, unless it is told of another.
fn for_client(statement: &str, provider: Provider) -> String {
    if provider == Provider::Mysql && statement.contains(';') {
        format!("DELIMITER //\n{statement}//\nDELIMITER ;")
    } else {
        format!("{statement};")
    }
}

fn status(all: &[MigrationStatus], out: &mut Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Status<'a> {
        name: &'a str,
        applied: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        applied_at: Option<Timestamp>,
        /// Of a newer program, if not.
        known: bool,
    }
    let mut list = List::new(STATUS_HEADERS, "This program has no migrations.");
    for MigrationStatus { name, applied, applied_at, known, .. } in all {
        let status = Status { name, applied: *applied, applied_at: *applied_at, known: *known };
        list.push(out, &status, |status| {
            let applied = match (status.applied, status.known) {
                (true, true) => "yes",
                (true, false) => "yes, by a newer program",
                (false, _) => "no",
            };
            let at = status.applied_at.map(|at| at.to_string()).unwrap_or_default();
            vec![status.name.to_owned(), applied.to_owned(), at]
        })?;
    }
    Ok(list.finish(out)?)
}
