//! `cargo xtask services`: servers for tests that run in the background until they are taken down.

use crate::interrupts::Interrupts;
use crate::provision::provision;
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::Path;
use xshell::Shell;
use xtask::programs::Program;
use xtask::services::{Record, Running, Service, State, clear_leftovers};

/// What to do with the servers.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Start them, on free ports of 127.0.0.1, and print the variables by which tests find them.
    Up(Up),
    /// Stop them, and remove all they had; also what a killed run left behind.
    Down,
    /// Show which run.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
struct Up {
    /// Start only these, separated by commas.
    #[arg(long, value_enum, value_name = "SERVICE", value_delimiter = ',')]
    only: Vec<Service>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Install what they need and this machine lacks: with apt, as root.
    #[arg(long)]
    provision: bool,
    /// Stay, and stop the servers on Ctrl-C.
    #[arg(long)]
    foreground: bool,
}

pub(crate) fn run(sh: &Shell, workspace: &Path, options: &Options) -> Result<()> {
    match &options.action {
        Action::Up(up) => start(sh, workspace, up),
        Action::Down => stop(workspace),
        Action::Status { json } => {
            let records = records(&State::of(workspace));
            if records.is_empty() && !json {
                eprintln!("no servers run; start them with `cargo xtask services up`");
                return Ok(());
            }
            show(&records, *json);
            Ok(())
        }
    }
}

fn start(sh: &Shell, workspace: &Path, up: &Up) -> Result<()> {
    let mut interrupts = Interrupts::catch()?;
    tell_leftovers()?;
    let wanted = if up.only.is_empty() { Service::ALL } else { &up.only };
    let mut states = State::of(workspace);
    if records(&states).iter().any(|record| !record.is_running()) {
        bail!("some servers ended by themselves; run `cargo xtask services down` first");
    }
    let runs = |service| states.iter().any(|state: &State| state.runs(service));
    let (running, missing): (Vec<Service>, Vec<Service>) = wanted.iter().partition(|service| runs(**service));
    for service in running {
        eprintln!("{service:?} already runs");
    }
    let mut programs: Vec<Program> = missing.iter().flat_map(|service| service.programs()).copied().collect();
    programs.sort_unstable_by_key(|program| program.command);
    programs.dedup();
    provision(sh, &programs, up.provision)?;
    if up.foreground {
        let started = Running::start(&missing)?;
        interrupts.check()?;
        show(&started.records(), up.json);
        interrupts.wait();
        return Ok(());
    }
    if !missing.is_empty() {
        // All in one directory have one authority, which one variable can name.
        let joined = states.pop();
        let started = joined.map_or_else(|| Running::start(&missing), |state| Running::join(&state, &missing))?;
        interrupts.check()?;
        states.push(started.leave(workspace)?);
    }
    show(&records(&states), up.json);
    Ok(())
}

fn stop(workspace: &Path) -> Result<()> {
    let states = State::of(workspace);
    if states.is_empty() {
        eprintln!("no servers run");
    }
    let mut outcome = Ok(());
    for state in states {
        let names: Vec<_> = state.servers.iter().map(|server| server.name.clone()).collect();
        let stopped = state.stop();
        if stopped.is_ok() {
            eprintln!("stopped: {}", names.join(", "));
        }
        outcome = outcome.and(stopped);
    }
    outcome.and(tell_leftovers())
}

/// Clears what a killed run left behind, and says so.
pub(crate) fn tell_leftovers() -> Result<()> {
    for directory in clear_leftovers()? {
        eprintln!("removed what a killed run left in {}", directory.display());
    }
    Ok(())
}

fn records(states: &[State]) -> Vec<Record> {
    states.iter().flat_map(|state| state.servers.clone()).collect()
}

/// A table for people on the standard error; on the standard output what a shell or a program can read.
fn show(records: &[Record], as_json: bool) {
    if as_json {
        println!("{:#}", Value::Array(records.iter().map(to_json).collect()));
        return;
    }
    for line in table(records) {
        eprintln!("{line}");
    }
    let running = records.iter().filter(|record| record.is_running());
    let mut variables: Vec<_> = running.flat_map(|record| &record.variables).collect();
    variables.sort_unstable();
    variables.dedup();
    for (name, value) in variables {
        println!("export {name}={}", quoted(value));
    }
}

fn status(record: &Record) -> &'static str {
    if record.is_running() { "running" } else { "gone" }
}

fn to_json(record: &Record) -> Value {
    json!({
        "name": record.name,
        "service": record.service,
        "status": status(record),
        "pid": record.process.pid,
        "port": record.port,
        "data": record.data,
        "variables": record.variables,
    })
}

fn table(records: &[Record]) -> Vec<String> {
    let row = |name: &str, status: &str, pid: &str, port: &str, data: &str| {
        format!("{name:<18}{status:<9}{pid:>8}  {port:>5}  {data}")
    };
    let head = row("server", "status", "pid", "port", "data");
    let rows = records.iter().map(|record| {
        let (pid, port) = (record.process.pid.to_string(), record.port.to_string());
        row(&record.name, status(record), &pid, &port, &record.data.to_string_lossy())
    });
    [head].into_iter().chain(rows).collect()
}

/// As a shell reads it back.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::services::Process;

    fn record() -> Record {
        Record {
            service: Service::Postgres,
            name: "postgres-replica".to_owned(),
            process: Process { pid: u32::MAX, started: 1 },
            port: 54321,
            data: "/tmp/data".into(),
            variables: [("GOVERNANCE_TEST_POSTGRES_REPLICA_URL".to_owned(), "postgres://x?a&b".to_owned())].into(),
        }
    }

    #[test]
    fn given_a_server_that_is_gone_then_people_and_programs_are_told() {
        assert!(table(&[record()])[1].contains("gone"));
        let json = to_json(&record());
        assert_eq!((json["status"].as_str(), json["service"].as_str()), (Some("gone"), Some("postgres")));
        assert_eq!(json["variables"]["GOVERNANCE_TEST_POSTGRES_REPLICA_URL"], "postgres://x?a&b");
    }

    #[test]
    fn given_values_that_a_shell_would_take_apart_then_they_are_quoted() {
        assert_eq!(quoted("postgres://x?a&b"), "'postgres://x?a&b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
