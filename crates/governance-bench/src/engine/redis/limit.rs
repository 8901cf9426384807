//! The command that `redis-benchmark` is to send for a commit: one of ours, as the server was sent it, with numbers of
//! its own in the place of ids.
//!
//! It cannot do all that we do. `__rand_int__` is another number in each place, so that all its commits are to one
//! experiment; and no argument may hold a zero byte. What is not as ours sends it is named here, and told in
//! `docs/benchmarks.md`.

use super::monitor::Monitor;
use super::server::Place;
use anyhow::{Context, Result, ensure};

/// Where the arguments begin: behind `EVALSHA`, the hash, and the number of keys.
const KEYS_AT: usize = 3;
/// The arguments, counted as `request.lua` counts them: from one.
const COMMIT_ID: usize = 1;
const FINGERPRINT: usize = 2;
const NUMBERS: usize = 6;
const RECORD_ID: usize = 11;

/// Sixteen bytes that are another id each time: `__rand_int__` becomes twelve digits.
pub(super) const FRESH_ID: &[u8] = b"rand__rand_int__";

/// The same for one round. The numbers are drawn by a seed of the time and the process id, which two rounds may share: then
/// the second would send the ids of the first, and be answered that all is there.
pub(super) fn fresh_id(round: u32) -> Vec<u8> {
    format!("{:04}__rand_int__", round % 10_000).into_bytes()
}

/// As many as a fingerprint has; it is stored, and compared only with that of the same commit.
const SOME_FINGERPRINT: &[u8; 32] = b"a fingerprint has 32 bytes, so..";
/// More entries than a run has: the lists go on in one key, because the command cannot name the next.
const ENDLESS: &str = "1000000000";

/// The position of an argument among the words.
fn position(words: &[Vec<u8>], argument: usize) -> Result<usize> {
    let keys: usize = std::str::from_utf8(words.get(2).context("there is no number of keys")?)?.parse()?;
    Ok(KEYS_AT + keys + argument - 1)
}

/// The one commit among what a server was sent.
pub(super) fn commit(seen: &[Monitor]) -> Result<Vec<Vec<u8>>> {
    let mut commits = seen.iter().filter(|command| !command.by_script && command.name() == "EVALSHA");
    let commit = commits.next().context("no commit was seen")?;
    ensure!(commits.next().is_none(), "more than one script was seen");
    Ok(commit.words.clone())
}

/// The command by which the same is committed again and again, in `place`.
pub(super) fn of(commit: &[Vec<u8>], from: &Place, place: &Place) -> Result<Vec<Vec<u8>>> {
    let mut words = commit.to_vec();
    let first = position(&words, 1)?;
    for key in &mut words[KEYS_AT..first] {
        let name = std::str::from_utf8(key)?.strip_prefix(&from.prefix).context("a key has another prefix")?;
        *key = format!("{}{name}", place.prefix).into_bytes();
    }
    let replaced: [(usize, &[u8], usize); 3] =
        [(COMMIT_ID, FRESH_ID, 16), (FINGERPRINT, SOME_FINGERPRINT, 32), (RECORD_ID, FRESH_ID, 16)];
    for (argument, by, length) in replaced {
        let at = position(&words, argument)?;
        ensure!(by.len() == length, "what stands for argument {argument} has another length");
        *words.get_mut(at).with_context(|| format!("argument {argument} is missing"))? = by.to_vec();
    }
    // The first of the numbers is how many entries a chunk has.
    let numbers = words.get_mut(position(commit, NUMBERS)?).context("the numbers are missing")?;
    let (_, others) = std::str::from_utf8(numbers)?.split_once(' ').context("there is one number")?;
    *numbers = format!("{ENDLESS} {others}").into_bytes();
    ensure!(words.iter().all(|word| !word.contains(&0)), "an argument holds a zero byte");
    Ok(words)
}
