//! A store of thousands of commits: exported, imported into another file and into memory.

use crate::place::Place;
use futures_util::{StreamExt, TryStreamExt, stream};
use governance_persistence::{
    Backplane, BackplaneExt, Commit, Consistency, Expected, ExperimentKey, ExperimentsQuery, Filter, InMemoryBackplane,
    LifecycleState, LogEntry, PageSize, Replicated, Sequence, StateChange, StateTransition,
};
use governance_persistence_sql::{SqlBackplane, SqlOptions};
use std::path::Path;
use std::process::Stdio;

const EXPERIMENTS: usize = 50;

/// How many commits each has: a hundred, or as many as `GOVERNANCE_COMMITS_EACH` says.
fn commits() -> usize {
    std::env::var("GOVERNANCE_COMMITS_EACH").map_or(100, |text| text.parse().expect("a whole number"))
}

async fn open(path: &Path) -> SqlBackplane {
    SqlBackplane::connect(&SqlOptions::new(&format!("sqlite:{}", path.display())).unwrap()).await.unwrap()
}

async fn fill(backplane: &dyn Backplane, number: usize) {
    let key = ExperimentKey::new(&format!("experiment {number:02}")).unwrap();
    let key = if number.is_multiple_of(2) { key } else { key.in_tenant("acmé").unwrap() };
    let (from, to) = (LifecycleState::Running, LifecycleState::Ramping);
    for count in 0..commits() {
        let transition = StateTransition::new(from, to, "alice \u{1f600}");
        let mut commit = Commit::builder(&key, Expected::Any).record(transition);
        if count % 3 == 0 {
            commit = commit.state(StateChange::to(to).by("alice"));
        }
        backplane.commit(&commit.build().unwrap()).await.unwrap();
    }
}

/// All entries, read through the library.
async fn entries(backplane: &dyn Backplane) -> Vec<LogEntry> {
    let heads = backplane.experiments_stream(ExperimentsQuery::new(Filter::Any), Consistency::Strong);
    let log = |key: ExperimentKey| backplane.log_stream(&key, Sequence::ZERO, PageSize::MAX, Consistency::Strong);
    heads.map_ok(|head| log(head.key)).try_flatten().try_collect().await.unwrap()
}

#[test]
fn given_thousands_of_commits_when_exported_and_imported_then_all_stores_are_equal_entry_by_entry() {
    let place = Place::new();
    place.done(&["migrate", "up"]);
    let other = place.other("other");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let stored = runtime.block_on(async {
        let backplane = open(&place.path("governance.db")).await;
        stream::iter(0..EXPERIMENTS).for_each_concurrent(None, |number| fill(&backplane, number)).await;
        let stored = entries(&backplane).await;
        backplane.close().await.unwrap();
        stored
    });
    assert_eq!(stored.len(), EXPERIMENTS * commits());

    killed_on_the_way(&place);
    place.done(&["export", "--all", "-o", "all.jsonl", "--force"]);
    let report = place.json(&["import", "all.jsonl", "--config", &other]);
    assert_eq!(report["applied"], EXPERIMENTS * commits());
    place.done(&["verify", "--all", "--config", &other]);

    runtime.block_on(async {
        let copy = open(&place.path("other.db")).await;
        assert!(entries(&copy).await == stored, "the other file differs");
        copy.close().await.unwrap();
        let memory = InMemoryBackplane::new();
        for line in place.read("all.jsonl").lines() {
            let entry = serde_json::from_str(line).unwrap();
            assert_eq!(memory.replicate(&entry).await.unwrap(), Replicated::Applied);
        }
        assert!(entries(&memory).await == stored, "memory differs");
    });
}

/// An export that is killed leaves no file, or a whole one.
fn killed_on_the_way(place: &Place) {
    let mut command = place.command();
    let mut child = command.args(["export", "--all", "-o", "all.jsonl"]).stdout(Stdio::null()).spawn().unwrap();
    let partial = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().ends_with(".partial"))
    };
    while child.try_wait().unwrap().is_none() {
        if std::fs::read_dir(place.path(".")).unwrap().any(partial) {
            child.kill().unwrap();
            break;
        }
        std::thread::yield_now();
    }
    child.wait().unwrap();
    if place.path("all.jsonl").exists() {
        assert_eq!(place.read("all.jsonl").lines().count(), EXPERIMENTS * commits());
    }
}
