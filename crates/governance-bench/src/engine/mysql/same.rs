//! What the bare clients send is what ours sends, to the letter: the server's own log tells both.

use super::read::BareReader;
use super::schema::{Schema, Server};
use super::text::Sender;
use crate::engine::histories::Size;
use crate::measure::{Loop, Worker};
use crate::work::{Commits, Committer, Kind, Read, Reader, fill};
use anyhow::{Context, Result};
use governance_persistence::Backplane;
use governance_persistence_sql::SqlBackplane;
use std::sync::Arc;
use tokio::runtime::Runtime;
use xtask::services::Service;

/// The texts that the server is sent meanwhile, by the way it is sent them: `Query` or `Prepare`. What opens
/// a session is left out, and so are backticks. Numbers, times and ids differ, and are all written as 0.
fn sent(server: &Server, how: &str, what: impl FnOnce() -> Result<()>) -> Result<Vec<String>> {
    server.mariadb.sql("SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = ON")?;
    what()?;
    let log = server.mariadb.sql(&format!(
        "SET GLOBAL general_log = OFF; SELECT argument FROM mysql.general_log \
         WHERE command_type = '{how}' AND user_host LIKE 'governance%' ORDER BY event_time"
    ))?;
    let texts = log.lines().filter(|text| !text.starts_with("SET "));
    Ok(texts.map(|text| without_numbers(text).replace('`', "")).collect())
}

/// Each run of hexadecimal digits and hyphens that holds a figure becomes 0.
fn without_numbers(text: &str) -> String {
    let digit = |character: char| matches!(character, '0'..='9' | 'a'..='f' | '-');
    let mut short = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let end = rest.find(|next| digit(next) != digit(character)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let is_number = digit(character) && run.contains(|character: char| character.is_ascii_digit());
        short.push_str(if is_number { "0" } else { run });
        rest = after;
    }
    short
}

/// A new database, with what one writer sends to it.
fn seeded(runtime: &Runtime, server: &Server, kind: Kind) -> Result<(Schema, SqlBackplane, Commits)> {
    let schema = Schema::create(runtime, server)?;
    let (backplane, seeded) = runtime.block_on(schema.seeded(kind.experiments(1)))?;
    let commits = kind.writers(&seeded, 1).next().context("there is one writer")?;
    Ok((schema, backplane, commits))
}

#[test]
fn given_a_commit_then_the_text_of_the_bare_client_is_ours() -> Result<()> {
    if !Service::Mariadb.is_available()? {
        return Ok(());
    }
    let (runtime, server) = (Runtime::new()?, Server::start()?);
    for kind in [Kind::Own, Kind::Hot, Kind::New] {
        let (_, backplane, commits) = seeded(&runtime, &server, kind)?;
        let mut committer = Committer { backplane: Arc::new(backplane), commits };
        let commit = committer.prepare()?;
        let ours = sent(&server, "Query", || runtime.block_on(committer.run(&commit)))?;
        runtime.block_on(committer.backplane.close())?;

        let (schema, backplane, commits) = seeded(&runtime, &server, kind)?;
        runtime.block_on(backplane.close())?;
        let mut sender = Sender::connect(&schema, commits)?;
        let commit = sender.prepare()?;
        let bare = sent(&server, "Query", || sender.run(&commit))?;

        assert_eq!(bare.len(), 1, "{bare:?}");
        assert_eq!(ours, bare);
    }
    Ok(())
}

#[test]
fn given_a_read_then_the_statement_of_the_bare_client_is_ours() -> Result<()> {
    if !Service::Mariadb.is_available()? {
        return Ok(());
    }
    let (runtime, server, history) = (Runtime::new()?, Server::start()?, Size::one_of(1_000));
    let schema = Schema::create(&runtime, &server)?;
    let (filling, experiments) = (runtime.block_on(schema.connect())?, history.experiments()?);
    runtime.block_on(fill(&filling, &experiments, history.records))?;
    runtime.block_on(filling.close())?;
    for read in [Read::Head, Read::Page { commits: history.records }, Read::LatestVersion, Read::LatestEvaluation] {
        // New, or the statement could be prepared already.
        let backplane = Arc::new(runtime.block_on(schema.connect())?);
        let mut reader = Reader { backplane, experiments: experiments.clone(), read };
        let job = reader.prepare()?;
        let ours = sent(&server, "Prepare", || runtime.block_on(reader.run(&job)))?;
        runtime.block_on(reader.backplane.close())?;
        let bare = sent(&server, "Prepare", || {
            let mut reader = BareReader::connect(&schema, &experiments, read)?;
            let job = reader.prepare()?;
            reader.run(&job)
        })?;
        assert_eq!(ours.len(), 1, "{ours:?}");
        assert_eq!(ours, bare);
    }
    Ok(())
}

#[test]
fn given_a_text_then_its_numbers_and_ids_are_written_as_0_and_the_rest_stays() {
    let text = "WHERE head_7 = '01a1fef2-5053-74e7' AND facade = 'fade' LIMIT 101 -- 3";
    assert_eq!(without_numbers(text), "WHERE head_0 = '0' AND facade = 'fade' LIMIT 0 -- 0");
}
