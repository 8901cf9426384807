//! The event store postgres-es as the other side. It runs as a program of its own, because its sqlx is another
//! one than ours; that program's folder, `postgres-es`, is a workspace of its own.

use super::schema::Schema;
use crate::measure::{Contender, Round};
use crate::work::Commits;
use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/postgres-es");
const NAME: &str = "governance-bench-postgres-es";

/// Builds the program as it is released, if it is not built yet, and tells where it is.
pub(crate) fn build() -> Result<PathBuf> {
    // Beside what the workspace has there.
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new(FOLDER).join("../../../target"), PathBuf::from);
    let target = target.join("peers");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    eprintln!("building postgres-es, to compare with");
    let mut build = Command::new(cargo);
    build.args(["build", "--release", "--locked", "--manifest-path"]).arg(Path::new(FOLDER).join("Cargo.toml"));
    let status =
        build.arg("--target-dir").arg(&target).stdin(Stdio::null()).status().context("cargo cannot be started")?;
    ensure!(status.success(), "postgres-es cannot be built");
    Ok(target.join("release").join(NAME))
}

/// The program, which has writers of its own.
pub(super) struct PostgresEs {
    child: Child,
    /// Until it is to end.
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl PostgresEs {
    /// So many writers, each with an aggregate of its own.
    pub(super) fn start(program: &Path, schema: &Schema, writers: usize) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg(schema.url()).arg(writers.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("postgres-es cannot be started")?;
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("postgres-es has no output")?);
        let mut started = Self { child, requests, answers };
        started.ask(&payload()?)?;
        Ok(started)
    }

    fn ask(&mut self, line: &str) -> Result<()> {
        let requests = self.requests.as_mut().context("postgres-es has no input")?;
        writeln!(requests, "{line}")?;
        Ok(requests.flush()?)
    }
}

/// What one of our commits says, state and transition. Its id, its key and what it expects have columns of
/// their own there, as here.
fn payload() -> Result<String> {
    let commit = Commits::New { tenant: "seeded".to_owned(), next: 0 }.next()?;
    Ok(serde_json::json!({ "records": commit.records(), "state": commit.state() }).to_string())
}

impl Contender for PostgresEs {
    fn round(&mut self, count: usize) -> Result<Round> {
        self.ask(&count.to_string())?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let told = || {
            let (count, nanoseconds) = answer.trim().split_once(' ')?;
            Some((count.parse().ok()?, Duration::from_nanos(nanoseconds.parse().ok()?)))
        };
        // It has said itself what went wrong.
        let (count, elapsed) = told().with_context(|| format!("postgres-es answers {answer:?}"))?;
        Ok(Round { count, elapsed, latencies: Vec::new() })
    }
}

impl Drop for PostgresEs {
    /// It ends when there is nothing more to read.
    fn drop(&mut self) {
        self.requests = None;
        if let Err(error) = self.child.wait() {
            eprintln!("postgres-es does not end: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::Server;
    use super::*;
    use std::rc::Rc;
    use tokio::runtime::Runtime;
    use xtask::services::Service;

    #[test]
    fn given_postgres_es_when_it_has_run_then_each_event_is_there_and_a_taken_sequence_is_refused() -> Result<()> {
        if !Service::Postgres.is_available()? {
            return Ok(());
        }
        let program = match build() {
            Err(error) if !xtask::services::required() => {
                eprintln!("skipped: {error:#}");
                return Ok(());
            }
            built => built?,
        };
        let runtime = Runtime::new()?;
        let server = Rc::new(Server::start()?);
        let schema = Schema::create(&runtime, &server)?;
        let mut limit = PostgresEs::start(&program, &schema, 4)?;
        assert_eq!(limit.round(10)?.count, 12);
        assert_eq!(limit.round(4)?.count, 4);

        let ask = |what: &str| schema.psql(&format!("SELECT {what} FROM events"));
        let found = ask("count(*), count(DISTINCT aggregate_id), min(sequence), max(sequence)")?;
        assert_eq!(found.split('|').map(str::trim).collect::<Vec<_>>(), ["16", "4", "1", "4"]);
        let stored: serde_json::Value = serde_json::from_str(ask("min(payload::text)")?.trim())?;
        assert_eq!(stored["state"]["lifecycleState"], "Paused");
        assert_eq!(stored["records"][0]["transition"]["actor"], "alice@example.com");

        // Somebody else takes the next one of each.
        schema.psql(
            "INSERT INTO events SELECT aggregate_type, aggregate_id, 5, event_type, event_version, payload, metadata \
             FROM events WHERE sequence = 4",
        )?;
        assert!(limit.round(4).is_err());
        Ok(())
    }
}
