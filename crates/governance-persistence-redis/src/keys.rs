//! The names of all keys, and which lists there are.
//!
//! An experiment's keys share a hash tag, `{tenant/environment/name}`, so that they live in one slot of a cluster.

use crate::words::Words;
use bytes::Bytes;
use governance_persistence::{EphemeralId, EphemeralKind, ExperimentKey, RecordKind};
use std::borrow::Cow;
use std::fmt::Write;

/// How many keys most commits touch at most.
const MOST_TOUCHED: usize = 8;

/// How many entries a list holds before the next one begins. A longer list makes a look into its middle slow.
pub(crate) const CHUNK: u64 = 1_024;

const HEAD: &str = "head";
const STATE: &str = "state";
const COMMIT_IDS: &str = "commit-ids";
const RECORD_IDS: &str = "record-ids";
const VERSIONS: &str = "versions";
const BY_TRANSITION: &str = "by-transition";
const LATEST_EVALUATIONS: &str = "latest-evaluations";
const LATEST_POLICIES: &str = "latest-policies";

/// The lists of an experiment, in the order that the scripts have them in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Commits,
    Transitions,
    Approvals,
    Evaluations,
    Policies,
}

impl List {
    fn name(self) -> &'static str {
        match self {
            Self::Commits => "commits",
            Self::Transitions => "transitions",
            Self::Approvals => "approvals",
            Self::Evaluations => "evaluations",
            Self::Policies => "policies",
        }
    }

    /// The hash by which its records are looked up.
    fn index(self) -> Option<&'static str> {
        match self {
            Self::Commits | Self::Transitions => None,
            Self::Approvals => Some(BY_TRANSITION),
            Self::Evaluations => Some(LATEST_EVALUATIONS),
            Self::Policies => Some(LATEST_POLICIES),
        }
    }

    /// The lists of records, by the number that the scripts know them by, less one.
    pub(crate) const OF_RECORDS: [Self; 4] = [Self::Transitions, Self::Approvals, Self::Evaluations, Self::Policies];
}

/// Where the records of a kind stand among all series: the four lists first, then the hash of versions.
pub(crate) const fn series(kind: RecordKind) -> usize {
    match kind {
        RecordKind::Transition => 0,
        RecordKind::Approval => 1,
        RecordKind::Evaluation => 2,
        RecordKind::Definition => 3,
        RecordKind::Version => 4,
    }
}

/// The names of the keys under one prefix.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    prefix: String,
}

impl Layout {
    pub(crate) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// The sorted set of all experiments.
    pub(crate) fn experiments(&self) -> String {
        format!("{}experiments", self.prefix)
    }

    pub(crate) fn of(&self, key: &ExperimentKey) -> Keys {
        let [tenant, environment, name] = parts(key).map(encode);
        Keys { stem: [&self.prefix, "{", &tenant, "/", &environment, "/", &name, "}:"].concat() }
    }

    /// A pattern that all heads match, and little else does.
    pub(crate) fn heads(&self) -> String {
        let mut pattern = String::with_capacity(self.prefix.len() + 16);
        for letter in self.prefix.chars() {
            if matches!(letter, '*' | '?' | '[' | ']' | '^' | '-' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern + "{*}:head"
    }

    /// The experiment that a key is the head of; none when it is the head of none.
    pub(crate) fn of_head(&self, name: &[u8]) -> Option<ExperimentKey> {
        let name = std::str::from_utf8(name).ok()?;
        let tag = name.strip_prefix(self.prefix.as_str())?.strip_prefix('{')?.strip_suffix("}:head")?;
        let parts: Vec<String> = tag.split('/').map(decode).collect::<Option<_>>()?;
        let key = of_parts(parts.iter().map(String::as_str))?;
        // What is spelled in another way is not ours.
        (self.of(&key).head() == name).then_some(key)
    }

    /// Keys that no experiment can have, whose tag has one slash.
    pub(crate) fn probe(&self, id: &str) -> Keys {
        Keys { stem: format!("{}{{probe/{id}}}:", self.prefix) }
    }
}

/// The keys of one experiment.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    stem: String,
}

impl Keys {
    fn named(&self, name: &str) -> String {
        [&self.stem, name].concat()
    }

    pub(crate) fn head(&self) -> String {
        self.named(HEAD)
    }

    pub(crate) fn state(&self) -> String {
        self.named(STATE)
    }

    pub(crate) fn commit_ids(&self) -> String {
        self.named(COMMIT_IDS)
    }

    pub(crate) fn versions(&self) -> String {
        self.named(VERSIONS)
    }

    pub(crate) fn by_transition(&self) -> String {
        self.named(BY_TRANSITION)
    }

    pub(crate) fn latest_evaluations(&self) -> String {
        self.named(LATEST_EVALUATIONS)
    }

    pub(crate) fn latest_policies(&self) -> String {
        self.named(LATEST_POLICIES)
    }

    /// A chunk of a list.
    pub(crate) fn chunk(&self, list: List, number: u64) -> String {
        format!("{}{}:{number}", self.stem, list.name())
    }

    /// All that a commit with so many records in each series touches, in the order that `request.lua` tells, when the
    /// lists end in these chunks.
    pub(crate) fn touched(&self, counts: [u64; 5], chunks: &[u64; 5]) -> Vec<Bytes> {
        let mut names = Words::with_capacity(MOST_TOUCHED, MOST_TOUCHED * (self.stem.len() + 24));
        for name in [HEAD, STATE, COMMIT_IDS, RECORD_IDS] {
            names.add(&[&self.stem, name]);
        }
        let add_chunk = |names: &mut Words, list: List, number: u64| {
            names.add(&[&self.stem, list.name(), ":", &number.to_string()]);
        };
        add_chunk(&mut names, List::Commits, chunks[0]);
        for (index, list) in List::OF_RECORDS.into_iter().enumerate() {
            // At most a thousand go in at once, which is less than a chunk.
            let first = chunks[index + 1];
            (first..first + counts[index].min(2)).for_each(|number| add_chunk(&mut names, list, number));
            if let Some(name) = list.index().filter(|_| counts[index] > 0) {
                names.add(&[&self.stem, name]);
            }
        }
        if counts[series(RecordKind::Version)] > 0 {
            names.add(&[&self.stem, VERSIONS]);
        }
        names.into_bytes()
    }

    /// The ids of the ephemerals of a kind.
    pub(crate) fn ephemerals(&self, kind: &EphemeralKind) -> String {
        format!("{}ephemerals:{}", self.stem, encode(kind.as_str()))
    }

    pub(crate) fn ephemeral(&self, kind: &EphemeralKind, id: &EphemeralId) -> String {
        format!("{}ephemeral:{}:{}", self.stem, encode(kind.as_str()), encode(id.as_str()))
    }
}

/// No tenant and no environment are the empty text, which no name can be.
fn parts(key: &ExperimentKey) -> [&str; 3] {
    [key.tenant().unwrap_or(""), key.environment().unwrap_or(""), key.name()]
}

const HAS_A_MEANING: [char; 6] = ['/', ':', '{', '}', '%', '*'];

/// Percent-encodes what has a meaning in a key, or in a pattern for keys.
fn encode(part: &str) -> Cow<'_, str> {
    if !part.contains(HAS_A_MEANING) {
        return Cow::Borrowed(part);
    }
    let mut encoded = String::with_capacity(part.len());
    for letter in part.chars() {
        if HAS_A_MEANING.contains(&letter) {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{:02X}", u32::from(letter));
        } else {
            encoded.push(letter);
        }
    }
    Cow::Owned(encoded)
}

/// What was encoded.
fn decode(part: &str) -> Option<String> {
    let mut pieces = part.split('%');
    let mut decoded = pieces.next()?.to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_at_checked(2)?;
        decoded.push(char::from(u8::from_str_radix(code, 16).ok()?));
        decoded.push_str(rest);
    }
    Some(decoded)
}

/// The experiment of these three parts.
fn of_parts<'p>(parts: impl Iterator<Item = &'p str>) -> Option<ExperimentKey> {
    let parts: Vec<&str> = parts.collect();
    let [tenant, environment, name] = parts[..] else { return None };
    let [tenant, environment] = [tenant, environment].map(|scope| (!scope.is_empty()).then_some(scope));
    ExperimentKey::from_parts(tenant, environment, name).ok()
}

/// An experiment in the listing: its raw parts with NUL between them, so that bytes sort as keys do.
pub(crate) fn member(key: &ExperimentKey) -> String {
    parts(key).join("\0")
}

/// The experiment that a member of the listing means; none when it is not ours.
pub(crate) fn of_member(member: &[u8]) -> Option<ExperimentKey> {
    of_parts(std::str::from_utf8(member).ok()?.split('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(tenant: Option<&str>, environment: Option<&str>, name: &str) -> ExperimentKey {
        ExperimentKey::from_parts(tenant, environment, name).unwrap()
    }

    #[test]
    fn keys_are_named_as_documented() {
        let layout = Layout::new("governance:");
        let keys = layout.of(&key(Some("acme"), None, "check:out"));
        assert_eq!(keys.state(), "governance:{acme//check%3Aout}:state");
        assert_eq!(keys.chunk(List::Commits, 7), "governance:{acme//check%3Aout}:commits:7");
        assert_eq!(layout.experiments(), "governance:experiments");
    }

    #[test]
    fn no_two_experiments_share_a_key() {
        let layout = Layout::new("");
        let different = [
            key(None, None, "a/b"),
            key(None, Some("a"), "b"),
            key(Some("a"), None, "b"),
            key(None, None, "a%2Fb"),
            key(None, None, "}:state"),
            key(None, None, "{x}"),
        ];
        let mut names: Vec<_> = different.iter().map(|key| layout.of(key).state()).collect();
        assert!(names.iter().all(|name| name.matches(['{', '}']).count() == 2));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), different.len());
    }

    #[test]
    fn a_head_names_its_experiment_and_nothing_else_does() {
        let layout = Layout::new("a*[b]:");
        assert_eq!(layout.heads(), r"a\*\[b\]:{*}:head");
        for key in [
            key(None, None, "check:out"),
            key(Some("a/b"), Some("{x}"), "100 %*"),
            key(None, Some("é"), "}:head"),
            key(Some("a%2Fb"), None, "head"),
        ] {
            assert_eq!(layout.of_head(layout.of(&key).head().as_bytes()).as_ref(), Some(&key));
            assert_eq!(layout.of_head(layout.of(&key).state().as_bytes()), None);
        }
        let kind = EphemeralKind::new("x").unwrap();
        let ephemeral = layout.of(&key(None, None, "n")).ephemeral(&kind, &EphemeralId::new("head").unwrap());
        for wrong in [
            ephemeral.as_str(),
            &layout.probe("0").head(),
            "a*[b]:{//}:head",
            "a*[b]:{//n%2f}:head",
            "a*[b]:{//n%41}:head",
            "a*[b]:{//n%}:head",
            "a*[b]:{//n%é}:head",
            "{//n}:head",
        ] {
            assert_eq!(layout.of_head(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn members_sort_as_keys_do_and_name_their_key() {
        let mut keys = [
            key(None, None, "z"),
            key(None, Some("a"), "a"),
            key(Some("A"), Some("z"), "z"),
            key(Some("a"), None, "b"),
            key(Some("a b"), None, "a"),
            key(Some("ab"), Some("é"), "a"),
        ];
        keys.sort();
        let members: Vec<_> = keys.iter().map(member).collect();
        assert!(members.is_sorted());
        for (member, key) in members.iter().zip(&keys) {
            assert_eq!(of_member(member.as_bytes()).as_ref(), Some(key));
        }
        for wrong in [&b"a"[..], b"a\0b", b"\0\0", b"\xff\0\0a", b"a\0b\0c\0d"] {
            assert_eq!(of_member(wrong), None);
        }
    }
}
