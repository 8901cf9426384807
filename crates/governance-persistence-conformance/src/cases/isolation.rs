//! No row of one key is seen from another, whatever the keys are made of.

use crate::act::{Draft, STRONG, apply, state};
use crate::{Opener, Snapshot, samples};
use governance_persistence::{
    Backplane, Commit, CommitId, ETag, Expected, ExperimentKey, LifecycleState, LookUp, Record, StateChange,
};
use std::collections::BTreeSet;

/// Parts that a careless key format or collation would mix up.
const PARTS: [&str; 42] = [
    "a", "A", "á", "a\u{301}", "ä", "a\u{308}", "Å", "A\u{30a}", "\u{212b}", "ß", "ss", "ſ", "s", "i", "İ", "ı", "I",
    "ﬁ", "fi", "a/b", "a:b", "a|b", "a.b", "a,b", "a%2Fb", "a%b", "a_b", "a*b", "a?b", "a[b]", "{a}", "{}", "a b",
    "a  b", "a'b", "a\"b", "a\\b", "a\\\\b", "😀", "\u{fffd}", "null", "default",
];

/// Experiments whose names differ in case, accents, normalisation, separators, patterns or quotes
/// are different experiments.
pub async fn names_are_compared_byte_for_byte(opener: &dyn Opener) {
    let tenant = samples::unique("tenant");
    let keys = PARTS.map(|name| ExperimentKey::from_parts(Some(&tenant), None, name));
    assert_isolated(opener, keys.map(|key| key.expect("the key is valid")).into()).await;
}

/// The same for environments.
pub async fn environments_are_compared_byte_for_byte(opener: &dyn Opener) {
    let tenant = samples::unique("tenant");
    let keys = PARTS.map(|environment| ExperimentKey::from_parts(Some(&tenant), Some(environment), "x"));
    assert_isolated(opener, keys.map(|key| key.expect("the key is valid")).into()).await;
}

/// The same for tenants, which here share a unique experiment name.
pub async fn tenants_are_compared_byte_for_byte(opener: &dyn Opener) {
    let name = samples::unique("name");
    let keys = PARTS.map(|tenant| ExperimentKey::from_parts(Some(tenant), None, &name));
    assert_isolated(opener, keys.map(|key| key.expect("the key is valid")).into()).await;
}

/// A part that moves from tenant to environment to name, or holds the separator itself, gives
/// another key; none is not the same as any text.
pub async fn parts_do_not_run_into_each_other(opener: &dyn Opener) {
    let u = samples::unique("u");
    let joined: Vec<String> =
        ["/", ":", "|", ".", ",", "-", "_", "%", "%2F", "\\", "__", "::", "}{"].map(|by| format!("{u}{by}{u}")).into();
    let mut keys = BTreeSet::new();
    let texts = std::iter::once(&u).chain(&joined);
    for text in texts {
        for (tenant, environment, name) in [
            (None, None, text),
            (Some(text), None, &u),
            (None, Some(text), &u),
            (Some(text), Some(&u), &u),
            (Some(&u), Some(text), &u),
            (Some(&u), None, text),
            (None, Some(&u), text),
            (Some(&u), Some(&u), text),
        ] {
            let key = ExperimentKey::from_parts(tenant.map(String::as_str), environment.map(String::as_str), name);
            keys.insert(key.expect("the key is valid"));
        }
    }
    for word in ["none", "null", "default", "_", "-", "*", "%", "\"\"", "''"] {
        keys.insert(ExperimentKey::from_parts(Some(word), None, &u).expect("the key is valid"));
        keys.insert(ExperimentKey::from_parts(None, Some(word), &u).expect("the key is valid"));
    }
    assert_isolated(opener, keys.into_iter().collect()).await;
}

/// An expectation is judged by the state of its own key: the ETag of another is no match, and a
/// state elsewhere is none here.
pub async fn expectations_look_at_their_own_key(opener: &dyn Opener) {
    let (backplane, key) = (opener.open().await, samples::key());
    let other = key.in_environment("staging").expect("it is valid");
    let first = state(&key, Expected::Absent, Draft);
    apply(&backplane, &first).await;

    let stolen = state(&other, Expected::Match(ETag::from(first.id())), Draft);
    crate::answer::unmet(backplane.commit(&stolen).await, stolen.expected());
    apply(&backplane, &state(&other, Expected::Absent, Draft)).await;
}

/// What is recorded in one scope is found from no other, by any way of reading: not from a wider
/// one, where tenant or environment is none, and not from a narrower one.
pub async fn nothing_is_seen_from_another_scope(opener: &dyn Opener) {
    let backplane = opener.open().await;
    let [tenant, environment, other] = ["tenant", "environment", "other"].map(samples::unique);
    let (tenant, environment, other) = (Some(tenant.as_str()), Some(environment.as_str()), Some(other.as_str()));
    let scopes = [
        (None, None),
        (tenant, None),
        (None, environment),
        (tenant, environment),
        (environment, tenant),
        (other, environment),
        (tenant, other),
    ];
    for written in scopes {
        let name = samples::unique("experiment");
        let key = |(tenant, environment)| ExperimentKey::from_parts(tenant, environment, &name).expect("it is valid");
        let commit = Commit::builder(&key(written), Expected::Absent).state(StateChange::to(Draft));
        let commit = commit.records(samples::one_of_each(1)).build().expect("the commit is valid");
        apply(&backplane, &commit).await;
        for scope in scopes.into_iter().filter(|scope| *scope != written) {
            assert_unseen(&backplane, &key(scope), &commit).await;
        }
    }
}

/// Nothing of the commit to another key is seen from this one, which nobody wrote to.
async fn assert_unseen(backplane: &dyn Backplane, key: &ExperimentKey, commit: &Commit) {
    let snapshot = Snapshot::of(backplane, key).await;
    assert!(!snapshot.head.exists(), "{key} has a head of its own");
    assert_eq!((snapshot.log, snapshot.records), (vec![], vec![]), "{key} is empty");
    let entry = backplane.entry(key, commit.id(), STRONG).await.expect("the entry can be asked for");
    assert_eq!(entry, None, "the entry was looked for in {key}");
    for record in commit.records() {
        let look_up = match record {
            Record::Transition(transition) => LookUp::Approvals(transition.id),
            Record::Approval(approval) => LookUp::Approvals(approval.transition_id),
            Record::Version(version) => LookUp::Version(version.number),
            Record::Definition(definition) => LookUp::LatestDefinition(&definition.name),
            Record::Evaluation(evaluation) => LookUp::LatestEvaluation(&evaluation.policy),
        };
        let found = backplane.look_up(key, look_up, STRONG).await.expect("a look-up answers");
        assert_eq!(found, [], "{look_up:?} in {key}");
    }
}

/// Writes the same ids to every key, in turns, then finds in each just what was written to it.
async fn assert_isolated(opener: &dyn Opener, keys: Vec<ExperimentKey>) {
    let backplane = opener.open().await;
    let (first, second) = (CommitId::new(), CommitId::new());
    let ids = samples::one_of_each(1);
    let written: Vec<[Commit; 2]> = keys.iter().map(|key| commits(key, [first, second], &ids)).collect();
    for turn in 0..2 {
        for commits in &written {
            let receipt = apply(&backplane, &commits[turn]).await;
            assert_eq!(receipt.sequence.get(), turn as u64 + 1, "{} has commits of its own", commits[turn].key());
        }
    }
    for (key, commits) in keys.iter().zip(&written) {
        let snapshot = Snapshot::of(&backplane, key).await;
        assert_eq!(snapshot.log.len(), 2, "the log of {key}");
        for (entry, commit) in snapshot.log.iter().zip(commits) {
            assert_eq!((&entry.key, entry.fingerprint), (key, commit.fingerprint()));
        }
        assert_eq!(snapshot.records.len(), 6, "the records of {key}");
        let state = snapshot.head.state.expect("a state was saved");
        assert_eq!((&state.key, &state.last_modified_by), (key, &Some(actor(key))));
    }
}

/// Two commits under the given ids, which differ from key to key in what they say.
fn commits(key: &ExperimentKey, ids: [CommitId; 2], same: &[Record]) -> [Commit; 2] {
    let mut transition = samples::transition();
    transition.actor = actor(key);
    let change = StateChange::to(LifecycleState::Draft).by(actor(key));
    let commits = [
        Commit::builder(key, Expected::Absent).id(ids[0]).state(change).records(same.to_vec()),
        Commit::builder(key, Expected::Match(ids[0].into())).id(ids[1]).record(transition),
    ];
    commits.map(|commit| commit.build().expect("the commit is valid"))
}

/// An actor who acts on this key only.
fn actor(key: &ExperimentKey) -> String {
    let text = format!("{:?} {:?} {:?}", key.tenant(), key.environment(), key.name());
    format!(
        "actor of {}",
        governance_persistence::ContentHash::of(&serde_json::json!(text).try_into().expect("text is JSON"))
    )
}
