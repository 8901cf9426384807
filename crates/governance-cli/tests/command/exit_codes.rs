//! Each exit code of `--help`, and what is told with it.

use crate::place::Place;

const ETAG: &str = "0191f3c4-7c1e-7a3b-8f64-1b2f6d9b0c55";

#[test]
fn given_no_configuration_when_run_then_it_is_2_and_says_what_to_do() {
    let place = Place::new();
    let output = place.command().env_remove("GOVERNANCE_CONFIG").args(["state", "x"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("--config FILE") && told.contains("GOVERNANCE_CONFIG"), "{told}");
}

#[test]
fn given_variables_that_are_empty_when_run_then_they_count_as_unset() {
    let place = Place::new();
    let output = place.command().env("GOVERNANCE_CONFIG", "").args(["state", "x"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("there is no configuration"), "{told}");
    let mut command = place.command();
    command.env("GOVERNANCE_ACTOR", "").env("GOVERNANCE_ROLES", "").env("USER", "dana");
    let output = command.args(["transition", "x", "PendingApproval"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(place.json(&["state", "x"])["state"]["lastModifiedBy"], "dana");
}

#[test]
fn given_a_misspelt_state_when_run_then_it_is_2_and_suggests_the_right_one() {
    let place = Place::new();
    let told = place.run(&["transition", "checkout", "Runing"]).expect(2).stderr;
    assert!(told.contains("'Running'"), "{told}");
    let told = place.run(&["experiments", "--state", "Archivd", "--json"]).expect(2).error();
    assert!(told["error"] == "usage" && told["message"].as_str().unwrap().contains("'Archived'"), "{told}");
}

#[test]
fn given_an_invalid_name_when_run_then_it_is_2_and_lists_every_fault() {
    let place = Place::new();
    let told = place.run(&["state", " x", "--tenant", "a\tb", "--json"]).expect(2).error();
    let fields: Vec<_> = told["faults"].as_array().unwrap().iter().map(|fault| fault["field"].clone()).collect();
    assert_eq!((told["error"].as_str(), fields), (Some("invalid"), vec!["tenant".into(), "name".into()]));
}

#[test]
fn given_malformed_values_when_run_then_each_is_2_and_says_what_would_be_right() {
    let place = Place::new();
    for (args, right) in [
        (&["transition", "x", "Draft", "--if-match", "v7"][..], "a UUID"),
        (&["history", "x", "--since", "yesterday"], "RFC 3339"),
        (&["history", "x", "--kind", "approval", "--cursor", "!"], "unchanged"),
        (&["history", "x", "--kind", "aproval"], "'approval'"),
        (&["version", "show", "x", "0"], "whole number from 1"),
        (&["log", "x", "--after", "-1"], "whole number from 0"),
        (&["transition", "x", "Draft", "--if-absent", "--if-match", ETAG], "cannot be used with"),
        (&["transition", "x", "Running", "--traffic", "500"], "percent, from 0 to 100"),
        (&["evaluate", "x", "--error-rate", "5"], "a share from 0 to 1"),
        (&["request", "x", "Running", "--version", "1", "--restoring", "2"], "cannot be used with"),
    ] {
        let told = place.run(args).expect(2).stderr;
        assert!(told.contains(right), "{args:?}: {told}");
    }
}

#[test]
fn given_nobody_to_name_when_something_is_written_then_it_is_2_and_says_how_to_name_one() {
    let place = Place::new();
    let output = place.command().env_remove("GOVERNANCE_ACTOR").args(["transition", "x", "Draft"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--actor NAME"));
    let output = place
        .command()
        .env_remove("GOVERNANCE_ACTOR")
        .env("USER", "dana")
        .args(["transition", "x", "Archived"])
        .output();
    assert_eq!(output.unwrap().status.code(), Some(0));
    assert_eq!(place.json(&["state", "x"])["state"]["lastModifiedBy"], "dana");
}

#[test]
fn given_an_unknown_experiment_when_asked_for_by_name_then_it_is_4() {
    let place = Place::new();
    place.write("one.json", "1");
    for args in [
        &["state", "nobody"][..],
        &["history", "nobody"],
        &["log", "nobody"],
        &["verify", "nobody"],
        &["export", "nobody"],
        &["copy", "nobody", "--to", "governance.yaml"],
        &["version", "list", "nobody"],
        &["version", "show", "nobody"],
        &["version", "diff", "nobody", "1", "2"],
        &["rollback", "nobody", "--to", "1"],
        &["approve", "nobody", "--to", "Approved"],
        &["reject", "nobody"],
        &["pending", "nobody"],
        &["evaluate", "nobody"],
        &["policies", "nobody"],
    ] {
        let told = place.run(&[args, &["--json"]].concat()).expect(4).error();
        assert_eq!(told["error"], "notFound", "{args:?}");
    }
    place.done(&["version", "put", "nobody", "one.json"]);
    place.run(&["version", "show", "nobody", "2"]).expect(4);
    // The same name in another tenant is another experiment.
    place.run(&["state", "nobody", "--tenant", "acme"]).expect(4);
}

#[test]
fn given_a_database_that_is_busy_when_written_then_it_is_5_and_nothing_is_written() {
    let place = Place::with_configuration(
        "governance:\n  persistence:\n    type: sql\n    connectionString: sqlite:governance.db\n    \
         options: { migrate: onConnect, busyTimeout: 50ms }\n",
    );
    place.done(&["transition", "checkout", "PendingApproval"]);
    let other = place.database();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let told = place.run(&["transition", "checkout", "Approved", "--json"]).expect(5).error();
    assert_eq!((told["error"].as_str(), told["outcome"].as_str()), (Some("unavailable"), Some("notApplied")));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(place.json(&["state", "checkout"])["sequence"], 1);
}

#[test]
fn given_help_and_version_when_asked_then_it_is_0() {
    let place = Place::new();
    let help = place.done(&["--help"]).stdout;
    assert!(help.contains("Exit codes:") && help.contains("GOVERNANCE_CONFIG"), "{help}");
    assert!(place.done(&["--version"]).stdout.starts_with("governance "));
}
