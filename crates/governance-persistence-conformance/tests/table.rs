//! Every case and every feature is in the table that the tests are made from.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

macro_rules! cases {
    ($($topic:ident { $($case:ident)* })*) => { [$($((stringify!($topic), stringify!($case))),*),*] };
}

macro_rules! features {
    ($($feature:ident)*) => { [$(stringify!($feature)),*] };
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect()
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_string_lossy().into_owned()
}

#[test]
fn every_case_becomes_a_test() {
    let listed = governance_persistence_conformance::__for_each_case!(cases);
    let listed: BTreeSet<_> = listed.map(|(topic, case)| (topic.to_owned(), case.to_owned())).into();

    let mut written = BTreeSet::new();
    for file in files("src/cases") {
        for line in fs::read_to_string(&file).unwrap().lines() {
            if let Some((case, _)) = line.strip_prefix("pub async fn ").and_then(|rest| rest.split_once('(')) {
                written.insert((stem(&file), case.to_owned()));
            }
        }
    }
    assert_eq!(listed, written);
}

#[test]
fn every_feature_becomes_a_test() {
    let listed = governance_persistence_conformance::__for_each_feature!(features);
    let listed: BTreeSet<_> = listed.map(str::to_owned).into();
    assert_eq!(listed, files("features").iter().map(|file| stem(file)).collect());
}
