//! Reading: history in both directions and by pages, the log, tables, broken pipes.

use crate::place::Place;
use serde_json::{Value, json};
use std::io::Read;
use std::process::Stdio;

fn places(history: &Value) -> Vec<(u64, u64)> {
    let place = |item: &Value| (item["sequence"].as_u64().unwrap(), item["ordinal"].as_u64().unwrap());
    history.as_array().unwrap().iter().map(place).collect()
}

#[test]
fn given_records_of_all_kinds_when_read_without_a_kind_then_they_come_by_place() {
    let place = Place::new();
    let name = place.demo();
    let oldest = places(&place.json(&["history", &name]));
    assert_eq!(oldest.len(), 25);
    assert!(oldest.is_sorted());
    let mut newest = places(&place.json(&["history", &name, "--newest"]));
    newest.reverse();
    assert_eq!(newest, oldest);
    assert_eq!(places(&place.json(&["history", &name, "--newest", "--limit", "2"])), [(15, 1), (15, 0)]);
}

#[test]
fn given_one_kind_when_paged_by_cursor_then_the_pages_are_the_whole() {
    let place = Place::new();
    let name = place.demo();
    let all = place.json(&["history", &name, "--kind", "transition"]);
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut args = vec!["history", &name, "--kind", "transition", "--limit", "2"];
        if !cursor.is_empty() {
            args.extend(["--cursor", &cursor]);
        }
        let page = place.json(&args);
        pages.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(Value::from(pages), all);

    let elsewhere = ["history", &name, "--kind", "approval", "--cursor", &cursor, "--json"];
    assert_eq!(place.run(&elsewhere).expect(2).error()["error"], "invalid");
}

#[test]
fn given_a_range_of_time_when_history_is_read_then_only_what_was_recorded_in_it_comes() {
    let place = Place::new();
    let name = place.demo();
    let log = place.json(&["log", &name]);
    let at = |sequence: usize| log[sequence - 1]["recordedAt"].as_str().unwrap();
    let between = place.json(&["history", &name, "--since", at(2), "--until", at(4)]);
    assert!(places(&between).iter().all(|(sequence, _)| (2..=4).contains(sequence)), "{between}");
    let future = place.json(&["history", &name, "--since", "9999-01-01T00:00:00+01:00"]);
    assert_eq!(future, json!([]));
}

#[test]
fn given_a_log_when_read_after_a_sequence_then_it_goes_on_from_there() {
    let place = Place::new();
    let name = place.demo();
    let sequences = |args: &[&str]| -> Vec<u64> {
        place.json(args).as_array().unwrap().iter().map(|entry| entry["sequence"].as_u64().unwrap()).collect()
    };
    assert_eq!(sequences(&["log", &name, "--after", "12"]), [13, 14, 15]);
    assert_eq!(sequences(&["log", &name, "--after", "2", "--limit", "2"]), [3, 4]);
    assert_eq!(sequences(&["log", &name, "--after", "15"]), [0; 0]);
}

#[test]
fn given_a_reason_of_several_lines_when_listed_then_the_table_stays_readable() {
    let place = Place::new();
    let reason = "first line\n\tindented\r\nlast line";
    place.done(&["transition", "checkout", "PendingApproval", "--reason", reason]);
    let table = place.done(&["history", "checkout"]).stdout;
    let lines: Vec<_> = table.lines().collect();
    let column = lines[0].find("WHY").unwrap();
    let why: Vec<_> = lines[1..]
        .iter()
        .filter_map(|line| Some(line.chars().collect::<Vec<_>>().get(column..)?.iter().collect::<String>()))
        .collect();
    assert_eq!(why.iter().map(|line| line.trim_end()).collect::<Vec<_>>(), ["first line", "    indented", "last line"]);
}

#[test]
fn given_a_reader_that_stops_early_when_a_list_is_written_then_there_is_no_complaint() {
    let place = Place::new();
    let name = place.demo();
    for args in [&["history", name.as_str()][..], &["log", &name, "--json"], &["schema"], &["--help"]] {
        let mut child = place.command().args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut complaint = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        assert!(child.wait().unwrap().success() && complaint.is_empty(), "{args:?}: {complaint}");
    }
}
