//! `governance export`: what is written, in which order, and how a file comes to be.

use crate::place::Place;
use governance_persistence::Json;
use serde_json::Value;
use std::io::Read;
use std::process::Stdio;

fn keys(lines: &str) -> Vec<(String, String, u64)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entry = |line| serde_json::from_str::<Value>(line).unwrap();
    let place = |entry: Value| {
        (text(&entry["key"]["tenant"]), text(&entry["key"]["name"]), entry["sequence"].as_u64().unwrap())
    };
    lines.lines().map(entry).map(place).collect()
}

fn names_in(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.path(".")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn given_experiments_when_exported_then_each_commit_is_a_canonical_line_in_order_of_key_and_sequence() {
    let place = Place::new();
    for (name, tenant) in [("b", "acme"), ("b", ""), ("a", "acme"), ("a", "")] {
        for state in ["PendingApproval", "Draft"] {
            place.done(&["transition", name, state, "--tenant", tenant]);
        }
    }
    let all = place.contents("governance.yaml");
    let keys = |lines: &str| keys(lines);
    assert_eq!(keys(&all).len(), 8);
    assert!(keys(&all).is_sorted(), "{all}");
    for line in all.lines() {
        assert_eq!(Json::parse(line).unwrap().as_str(), line);
    }

    let scope = place.done(&["export", "--tenant", "acme"]).stdout;
    assert!(keys(&scope).len() == 4 && keys(&scope).iter().all(|(tenant, ..)| tenant == "acme"), "{scope}");
    assert_eq!(place.done(&["export", "--all-tenants"]).stdout, all);
    let one = place.done(&["export", "a"]).stdout;
    assert_eq!(keys(&one), [(String::new(), "a".to_owned(), 1), (String::new(), "a".to_owned(), 2)]);
    place.run(&["export", "a", "--all"]).expect(2);
}

#[test]
fn given_an_export_when_imported_elsewhere_and_exported_again_then_it_is_the_same_bytes() {
    let place = Place::new();
    let other = place.other("other");
    place.demo();
    place.demo();
    let counts = place.json(&["export", "--all", "--output", "first.jsonl"]);
    assert_eq!(counts, serde_json::json!({"experiments": 2, "entries": 30, "file": "first.jsonl"}));
    let report = place.json(&["import", "first.jsonl", "--config", &other]);
    assert_eq!((&report["experiments"], &report["applied"]), (&2.into(), &30.into()), "{report}");
    place.done(&["export", "--all", "--output", "second.jsonl", "--config", &other]);
    assert_eq!(place.read("first.jsonl"), place.read("second.jsonl"));
    assert_eq!(place.contents("governance.yaml"), place.read("first.jsonl"));
    place.done(&["verify", "--all", "--config", &other]);
    assert_eq!(place.json(&["experiments"]), place.json(&["experiments", "--config", &other]));
}

#[test]
fn given_a_file_that_exists_when_exported_then_it_stays_unless_forced() {
    let place = Place::new();
    let name = place.demo();
    place.write("there.jsonl", "precious");
    let told = place.run(&["export", &name, "-o", "there.jsonl"]).expect(2).stderr;
    assert!(told.contains("there.jsonl exists already") && told.contains("--force"), "{told}");
    assert_eq!(place.read("there.jsonl"), "precious");
    place.done(&["export", &name, "-o", "there.jsonl", "--force"]);
    assert_eq!(keys(&place.read("there.jsonl")).len(), 15);
    place.run(&["export", &name, "-o", ".", "--force"]).expect(2);
    place.run(&["export", &name, "-o", "nowhere/x.jsonl"]).expect(2);
}

#[test]
fn given_a_store_that_is_not_sound_when_exported_then_there_is_no_file() {
    let place = Place::new();
    place.demo();
    let database = place.database();
    database.execute_batch("DROP TRIGGER state_transitions_no_update").unwrap();
    assert!(database.execute("UPDATE state_transitions SET actor = 'm' WHERE sequence = 7", []).unwrap() > 0);
    place.write("there.jsonl", "precious");
    for args in [&["export", "-o", "new.jsonl"][..], &["export", "-o", "there.jsonl", "--force"]] {
        let told = place.run(&[args, &["--json"]].concat()).expect(1).error();
        assert_eq!((&told["error"], &told["sequence"]), (&"corrupt".into(), &7.into()), "{told}");
    }
    assert_eq!(place.read("there.jsonl"), "precious");
    let names = names_in(&place);
    assert!(!names.iter().any(|name| name == "new.jsonl" || name.ends_with(".partial")), "{names:?}");
}

#[test]
fn given_a_reader_that_stops_early_when_exported_then_there_is_no_complaint() {
    let place = Place::new();
    place.demo();
    let mut child =
        place.command().args(["export", "--all"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut complaint = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert!(child.wait().unwrap().success() && complaint.is_empty(), "{complaint}");
}
