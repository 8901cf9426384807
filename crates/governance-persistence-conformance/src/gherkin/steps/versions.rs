//! Steps about configuration versions.

use crate::gherkin::world::Governance;
use crate::samples::number;
use cucumber::{given, then, when};
use governance_persistence::{
    BackplaneExt, Commit, ConfigurationDraft, ConfigurationVersion, ConflictCause, Expected, Json,
};

fn parsed(text: &str) -> Json {
    Json::parse(text).expect("the scenario holds JSON")
}

async fn found(world: &Governance, n: u64) -> Option<ConfigurationVersion> {
    let found = world.here().get_configuration_version(world.key(), number(n)).await;
    found.expect("a look-up answers").map(|recorded| recorded.record)
}

fn appending(world: &Governance, version: ConfigurationVersion) -> Commit {
    Commit::builder(world.key(), Expected::Any).record(version).build().expect("the commit is valid")
}

#[given(regex = r"^(\w+) appends the configuration (\{.*\}) as version (\d+)$")]
#[when(regex = r"^(\w+) appends the configuration (\{.*\}) as version (\d+)$")]
async fn appends(world: &mut Governance, actor: String, configuration: String, n: u64) {
    let draft = ConfigurationDraft::new(parsed(&configuration), &actor);
    let commit = appending(world, draft.numbered(number(n)));
    world.send(&actor, commit).await;
}

#[given(expr = "its configuration versions {int} and {int} were written by {word}")]
async fn were_written(world: &mut Governance, first: u64, second: u64, actor: String) {
    for n in [first, second] {
        appends(world, actor.clone(), format!("{{\"traffic\": {n}0}}"), n).await;
        world.last().answer.as_ref().expect("the version is appended");
    }
}

#[when(expr = "{word} brings version {int} back as version {int}")]
async fn brings_back(world: &mut Governance, actor: String, restored: u64, n: u64) {
    let restored = found(world, restored).await.expect("the version is there");
    let current = world.head().await.latest_version.expect("there is a version");
    let draft = ConfigurationDraft::rollback(&restored, current, &actor);
    let commit = appending(world, draft.numbered(number(n)));
    world.apply(&actor, commit).await;
}

#[then(regex = r"^version (\d+) is (\{.*\}), written by (\w+)$")]
async fn version_is(world: &mut Governance, n: u64, configuration: String, by: String) {
    let version = found(world, n).await.expect("the version is there");
    assert_eq!((version.number, version.created_by), (number(n), by));
    assert_eq!(version.configuration, parsed(&configuration));
}

#[then(expr = "version {int} is not there")]
async fn version_is_none(world: &mut Governance, n: u64) {
    assert_eq!(found(world, n).await, None);
}

#[then(regex = r"^its versions are ([\d, ]+)$")]
async fn versions_are(world: &mut Governance, wanted: String) {
    let all = world.here().get_all_configuration_versions(world.key()).await.expect("the history can be read");
    let numbers: Vec<_> = all.iter().map(|recorded| recorded.record.number.to_string()).collect();
    assert_eq!(numbers.join(", "), wanted);
}

#[then("it has no configuration versions")]
async fn no_versions(world: &mut Governance) {
    let all = world.here().get_all_configuration_versions(world.key()).await.expect("the history can be read");
    assert_eq!(all, []);
    assert_eq!(world.head().await.latest_version, None);
}

#[then(regex = r"^the latest version is (\d+), (\{.*\}), written by (\w+)$")]
async fn latest_version_is(world: &mut Governance, n: u64, configuration: String, by: String) {
    let latest = world.here().get_latest_configuration_version(world.key()).await.expect("a look-up answers");
    let latest = latest.expect("there is a version").record;
    assert_eq!((latest.number, latest.created_by), (number(n), by));
    assert_eq!(latest.configuration, parsed(&configuration));
    assert_eq!(world.head().await.latest_version, Some(number(n)));
}

#[then(expr = "version {int} says that it restores version {int} and was rolled back from version {int}")]
async fn says_where_from(world: &mut Governance, n: u64, restored: u64, from: u64) {
    let version = found(world, n).await.expect("the version is there");
    assert!(version.is_rollback);
    assert_eq!(version.restored_version, Some(number(restored)));
    assert_eq!(version.rolled_back_from, Some(number(from)));
    let original = found(world, restored).await.expect("the version is there");
    assert_eq!(version.hash, original.hash);
}

#[then(expr = "{word} is told that version {int} does not follow version {int}")]
async fn does_not_follow(world: &mut Governance, actor: String, wanted: u64, latest: u64) {
    assert_eq!(world.last().actor, actor);
    let conflict = world.last().conflict();
    assert_eq!(conflict.cause, ConflictCause::Version { wanted: number(wanted), latest: number(latest) });
    assert_eq!(conflict.head, world.head().await);
}
