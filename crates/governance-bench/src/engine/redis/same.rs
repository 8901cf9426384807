//! The limit does the same work: the server's own `MONITOR` tells what each side sent, and what the script did of it.

use super::benchmark::RedisBenchmark;
use super::limit::{FRESH_ID, fresh_id};
use super::monitor::Monitor;
use super::server::{Place, Server, Sync};
use super::{like, limited, seen_commit};
use crate::measure::Contender;
use crate::work::create_experiments;
use anyhow::{Context, Result};
use governance_persistence::Backplane;
use tokio::runtime::Runtime;
use xtask::services::Service;

/// The commands of a script and the names of the keys that they touch, without prefixes.
fn done(seen: &[Monitor]) -> Vec<(String, String)> {
    let commands = seen.iter().filter(|command| command.by_script);
    let key = |command: &Monitor| {
        let key = command.words.get(1).map(|key| String::from_utf8_lossy(key).into_owned()).unwrap_or_default();
        key.split_once(':').map_or(String::new(), |(_, name)| name.to_owned())
    };
    commands.map(|command| (command.name(), key(command))).collect()
}

fn sent(seen: &[Monitor]) -> Vec<&Monitor> {
    seen.iter().filter(|command| !command.by_script && command.name() == "EVALSHA").collect()
}

#[test]
fn given_a_commit_of_each_side_then_script_arguments_and_what_it_does_are_the_same() -> Result<()> {
    if !Service::Redis.is_available()? {
        return Ok(());
    }
    let (runtime, server) = (Runtime::new()?, Server::start(Sync::Everysec)?);
    let place = Place::create(&server);
    let mut ours = Vec::new();
    let watching = place.clone();
    let seen = server.watch(|| {
        ours = runtime.block_on(seen_commit(&watching))?;
        Ok(())
    })?;
    let command = like(&runtime, &ours, &place)?;
    let theirs = server.watch(|| RedisBenchmark::new(&server, command, 1).round(1).map(|_| ()))?;
    let [theirs_sent] = sent(&theirs)[..] else { anyhow::bail!("it sent {theirs:?}") };

    // Word for word: the script's hash, the keys but for the prefix, and of the arguments all but the ids, the
    // fingerprint, and how many entries a chunk has.
    assert_eq!(ours.len(), theirs_sent.words.len());
    let keys: usize = String::from_utf8(ours[2].clone())?.parse()?;
    let differing: Vec<usize> =
        (0..ours.len()).filter(|at| *at >= 3 + keys && ours[*at] != theirs_sent.words[*at]).collect();
    assert_eq!(differing, [1, 2, 6, 11].map(|argument| 2 + keys + argument));
    for at in differing.iter().filter(|at| **at != 2 + keys + 6) {
        assert_eq!(ours[*at].len(), theirs_sent.words[*at].len(), "argument {}", at - 2 - keys);
    }
    assert_eq!(ours[..3], theirs_sent.words[..3]);

    // And the script did the same of it: ours is somewhere among what else the backplane did.
    let whole = done(&seen);
    let of_theirs = done(&theirs);
    assert!(of_theirs.len() > 8, "{of_theirs:?}");
    assert!(whole.windows(of_theirs.len()).any(|part| part == of_theirs), "{of_theirs:?}\nis not in\n{whole:?}");
    Ok(())
}

#[test]
fn given_redis_benchmark_when_it_has_run_then_each_of_its_commits_is_there() -> Result<()> {
    if !Service::Redis.is_available()? {
        return Ok(());
    }
    let (runtime, server) = (Runtime::new()?, Server::start(Sync::Always)?);
    for at_once in [1, 16, 64] {
        let command = limited(&runtime, &server)?;
        let head = String::from_utf8(command[3].clone())?;
        let commits = String::from_utf8(command[5].clone())?;
        let ran = RedisBenchmark::new(&server, command, at_once).round(500)?.count;
        assert!(ran >= 500);
        let told = |words: &[&str]| Ok::<usize, anyhow::Error>(server.cli(words)?.parse()?);
        // Ids are drawn, and the same one may be drawn twice: that one is a replay, which writes nothing.
        let done = told(&["HGET", &head, "sequence"])? - 1;
        assert!(ran - done <= 1, "{done} of {ran}");
        assert_eq!(told(&["HLEN", &commits])?, done + 1);
    }
    Ok(())
}

#[test]
fn given_two_rounds_then_their_ids_differ_whatever_numbers_are_drawn() {
    let [first, second] = [1, 2].map(fresh_id);
    assert_eq!([first.len(), second.len()], [FRESH_ID.len(); 2]);
    assert_ne!(first[..4], second[..4]);
    assert_eq!(first[4..], FRESH_ID[4..]);
}

#[test]
fn given_a_wrong_command_then_the_round_fails() -> Result<()> {
    if !Service::Redis.is_available()? {
        return Ok(());
    }
    let (runtime, server) = (Runtime::new()?, Server::start(Sync::Everysec)?);
    let place = Place::create(&server);
    runtime.block_on(async {
        let backplane = place.connect().await?;
        create_experiments(&backplane, 1).await?;
        anyhow::Ok(backplane.close().await?)
    })?;
    let command = ["EVALSHA", "no such script", "0"].map(|word| word.as_bytes().to_vec());
    let error = RedisBenchmark::new(&server, command.into(), 1).round(10).err().context("it ran")?;
    assert!(format!("{error:#}").contains("NOSCRIPT"), "{error:#}");
    Ok(())
}
