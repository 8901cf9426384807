//! `governance import`: whole files, broken ones, and stores that have something already.

use crate::place::Place;
use serde_json::{Value, json};

/// Experiments `a`, `b` and `c` with three commits each, exported to `all.jsonl`; the
/// configuration of an empty store.
fn exported() -> (Place, String) {
    let place = Place::new();
    for name in ["a", "b", "c"] {
        for state in ["PendingApproval", "Approved", "Running"] {
            place.done(&["transition", name, state]);
        }
    }
    place.done(&["export", "--all", "-o", "all.jsonl"]);
    let other = place.other("other");
    (place, other)
}

fn counts(report: &Value) -> [u64; 4] {
    ["entries", "applied", "alreadyApplied", "refused"].map(|name| report[name].as_u64().unwrap())
}

/// The whole file is imported, and the store is the exported one.
#[track_caller]
fn whole(place: &Place, other: &str) {
    place.done(&["import", "all.jsonl", "--config", other]);
    assert_eq!(place.contents(other), place.read("all.jsonl"));
    place.done(&["verify", "--all", "--config", other]);
}

#[test]
fn given_a_file_cut_off_at_any_place_when_the_whole_one_follows_then_the_store_is_the_same() {
    let (place, _) = exported();
    let all = place.read("all.jsonl");
    let lines: Vec<_> = all.split_inclusive('\n').collect();
    let fourth: usize = lines[..4].iter().map(|line| line.len()).sum();
    for (index, (bytes, applied)) in [(0, 0), (1, 0), (fourth - 2, 3), (fourth + 40, 4)].into_iter().enumerate() {
        let other = place.other(&format!("cut{index}"));
        place.write("cut.jsonl", &all[..bytes]);
        let answer = place.run(&["import", "cut.jsonl", "--json", "--config", &other]);
        assert_eq!(counts(&answer.json()), [applied, applied, 0, 0]);
        if bytes > 0 {
            assert_eq!(answer.code, 2, "{answer:?}");
            let told = answer.error();
            assert_eq!((&told["error"], &told["line"]), (&"malformed".into(), &json!(applied + 1)), "{told}");
        }
        whole(&place, &other);
    }
    // Between two lines, nothing tells that there was more.
    let other = place.other("between");
    place.write("cut.jsonl", &all[..fourth]);
    assert_eq!(counts(&place.json(&["import", "cut.jsonl", "--config", &other])), [4, 4, 0, 0]);
    whole(&place, &other);
}

#[test]
fn given_standard_input_without_a_last_line_end_when_imported_then_all_of_it_is() {
    let (place, other) = exported();
    let all = place.read("all.jsonl");
    let report = place.run_with(&["import", "-", "--config", &other], all.trim_end()).expect(0).stdout;
    assert_eq!(report, "Imported 3 experiments, 9 commits: 9 applied, 0 there already.\n");
    let report = place.run_with(&["import", "-", "--config", &other, "--json"], &all).expect(0).json();
    assert_eq!(counts(&report), [9, 0, 9, 0]);
}

#[test]
fn given_a_tampered_line_when_imported_then_it_is_corrupt_and_what_was_before_it_is_applied() {
    let (place, other) = exported();
    let tampered: Vec<_> = place.read("all.jsonl").lines().map(str::to_owned).collect();
    let tampered = [&tampered[..4], &[tampered[4].replace("alice", "mallory")], &tampered[5..]].concat();
    place.write("tampered.jsonl", &tampered.join("\n"));
    // Also where the target has the entry already, as it was.
    for (applied, already) in [(4, 0), (0, 4)] {
        let answer = place.run(&["import", "tampered.jsonl", "--json", "--config", &other]).expect(1);
        assert_eq!(counts(&answer.json()), [4, applied, already, 0]);
        let told = answer.error();
        let place = (&told["error"], &told["key"]["name"], &told["sequence"], &told["line"]);
        assert_eq!(place, (&"corrupt".into(), &"b".into(), &2.into(), &5.into()), "{told}");
    }
    let told = place.run(&["import", "tampered.jsonl", "--config", &other]).expect(1).stderr;
    assert!(told.contains("line 5: corrupt data of \"b\" at sequence 2") && told.contains("help:"), "{told}");
    whole(&place, &other);
}

#[test]
fn given_a_missing_line_when_imported_then_the_gap_is_named_and_other_experiments_go_on() {
    let (place, other) = exported();
    let all = place.read("all.jsonl");
    let without: Vec<_> = all.lines().enumerate().filter(|(index, _)| *index != 3).map(|(_, line)| line).collect();
    place.write("gap.jsonl", &without.join("\n"));
    let answer = place.run(&["import", "gap.jsonl", "--json", "--config", &other]).expect(1);
    let report = answer.json();
    assert_eq!(counts(&report), [8, 6, 0, 2]);
    let problem = &report["problems"][0];
    assert_eq!(
        (&problem["kind"], &problem["key"]["name"], &problem["sequence"], &problem["line"]),
        (&"gap".into(), &"b".into(), &2.into(), &4.into())
    );
    assert_eq!((report["problems"].as_array().unwrap().len(), &answer.error()["error"]), (1, &"gap".into()));
    let told = place.run(&["import", "gap.jsonl", "--config", &other]).expect(1);
    assert!(told.stdout.contains("\"b\", sequence 2, line 4: the target ends at 0, and 1 is missing"), "{told:?}");
    assert!(told.stderr.contains("export these experiments whole"), "{told:?}");
    whole(&place, &other);
}

#[test]
fn given_another_history_when_imported_then_it_is_3_and_kept_and_other_experiments_go_on() {
    let (place, other) = exported();
    place.done(&["transition", "b", "PendingApproval", "--config", &other]);
    let kept = place.done(&["export", "b", "--config", &other]).stdout;
    let answer = place.run(&["import", "all.jsonl", "--json", "--config", &other]).expect(3);
    let report = answer.json();
    assert_eq!(counts(&report), [9, 6, 0, 3]);
    let problem = &report["problems"][0];
    assert_eq!(
        (&problem["kind"], &problem["key"]["name"], &problem["sequence"], &problem["line"]),
        (&"diverged".into(), &"b".into(), &1.into(), &4.into())
    );
    assert_eq!(answer.error()["error"], "diverged");
    let told = place.run(&["import", "all.jsonl", "--config", &other]).expect(3);
    assert!(told.stdout.contains("\"b\", sequence 1, line 4: the target has another history"), "{told:?}");
    assert!(told.stderr.contains("governance log"), "{told:?}");
    assert_eq!(place.done(&["export", "b", "--config", &other]).stdout, kept);
    place.done(&["verify", "--all", "--config", &other]);
}

#[test]
fn given_only_the_end_of_a_history_when_imported_onto_another_one_then_it_is_not_appended() {
    let (place, other) = exported();
    place.done(&["transition", "a", "PendingApproval", "--config", &other]);
    let end: Vec<_> = place.read("all.jsonl").lines().skip(1).take(2).map(str::to_owned).collect();
    let told = place.run_with(&["import", "-", "--config", &other], &end.join("\n")).expect(1).stdout;
    assert!(told.contains("1 is missing before it, so nobody knows"), "{told}");
    assert_eq!(place.json(&["state", "a", "--config", &other])["sequence"], 1);
}

#[test]
fn given_a_store_that_is_ahead_when_imported_then_all_is_there_already_and_it_stays_ahead() {
    let (place, _) = exported();
    place.done(&["transition", "b", "Paused"]);
    let before = place.contents("governance.yaml");
    assert_eq!(counts(&place.json(&["import", "all.jsonl"])), [9, 0, 9, 0]);
    assert_eq!(place.contents("governance.yaml"), before);
}

#[test]
fn given_what_is_no_export_when_imported_then_it_is_2() {
    let (place, _) = exported();
    place.run(&["import", "nowhere.jsonl"]).expect(2);
    place.run(&["import", "."]).expect(2);
    let told = place.run(&["import", "governance.yaml"]).expect(2).stderr;
    assert!(told.contains("line 1 is not a log entry"), "{told}");
}
