//! The command on a PostgreSQL and on a MariaDB server: the same answers as on a file, and what only a server
//! can lack.

use crate::gates::walk_through_gates;
use crate::place::Answer;
use crate::server::{Engine, Schema};
use serde_json::json;
use std::process::Command;

/// Makes a test of each engine out of each of these.
macro_rules! on_each_server {
    ($($test:ident),* $(,)?) => {
        mod postgres {
            $(#[test] fn $test() { super::$test(super::Engine::Postgres); })*
        }
        mod mysql {
            $(#[test] fn $test() { super::$test(super::Engine::Mysql); })*
        }
    };
}

on_each_server!(
    given_a_server_when_the_demo_is_played_then_it_verifies_and_travels_to_a_file_and_back,
    given_gates_on_a_server_when_an_experiment_goes_its_way_then_each_lets_through_whom_it_may,
    given_a_file_when_copied_to_a_server_and_again_when_it_has_grown_then_both_are_the_same,
    given_an_empty_schema_when_migrated_up_and_down_then_status_follows,
    given_only_the_variable_when_migrated_then_no_configuration_is_needed_and_one_goes_before,
    given_a_server_that_cannot_be_used_when_asked_then_the_exit_code_says_whose_turn_it_is,
    given_options_of_the_other_engine_when_validated_then_each_is_told,
);

fn given_a_server_when_the_demo_is_played_then_it_verifies_and_travels_to_a_file_and_back(engine: Engine) {
    let (Some(schema), Some(second)) = (Schema::or_skip(engine), Schema::or_skip(engine)) else { return };
    let place = schema.place();
    let name = place.demo();
    place.done(&["verify", "--all"]);
    assert_eq!(place.json(&["state", &name])["state"]["lifecycleState"], "RolledBack");

    let file = place.other("file");
    let copied = place.json(&["copy", "--to", &file, "--all"]);
    assert_eq!((&copied["applied"], &copied["refused"]), (&15.into(), &0.into()));
    place.done(&["verify", "--all", "--config", &file]);
    assert_eq!(place.contents(&file), place.contents("governance.yaml"));

    let back = second.place();
    back.write("all.jsonl", &place.contents(&file));
    assert_eq!(back.json(&["import", "all.jsonl"])["applied"], 15);
    assert_eq!(back.json(&["import", "all.jsonl"])["alreadyApplied"], 15);
    back.done(&["verify", "--all"]);
    assert_eq!(back.contents("governance.yaml"), place.contents("governance.yaml"));
}

fn given_gates_on_a_server_when_an_experiment_goes_its_way_then_each_lets_through_whom_it_may(engine: Engine) {
    let Some(schema) = Schema::or_skip(engine) else { return };
    walk_through_gates(schema.place());
}

fn given_a_file_when_copied_to_a_server_and_again_when_it_has_grown_then_both_are_the_same(engine: Engine) {
    let Some(schema) = Schema::or_skip(engine) else { return };
    let place = schema.place();
    let file = place.other("file");
    place.done(&["demo", "--config", &file]);
    let args = ["copy", "--config", &file, "--to", "governance.yaml", "--all"];
    assert_eq!(place.json(&args)["applied"], 15);
    place.done(&["transition", "a", "PendingApproval", "--config", &file]);
    assert_eq!(place.json(&args)["applied"], 1);
    assert_eq!(place.contents("governance.yaml"), place.contents(&file));
}

fn given_an_empty_schema_when_migrated_up_and_down_then_status_follows(engine: Engine) {
    let Some(schema) = Schema::or_skip(engine) else { return };
    let place = engine.place(&schema.url(), "migrate: never");
    let told = place.run(&["experiments"]).expect(2).stderr;
    assert!(told.contains("governance migrate up"), "{told}");
    let applied = || -> Vec<bool> {
        place.json(&["migrate", "status"]).as_array().unwrap().iter().map(|m| m["applied"] == true).collect()
    };
    assert!(applied().iter().all(|applied| !applied));
    let sql = place.done(&["migrate", "up", "--dry-run"]).stdout;
    let (table, trigger) = match engine {
        Engine::Postgres => ("CREATE TABLE \"experiment_states\"", "ENABLE ALWAYS TRIGGER"),
        Engine::Mysql => {
            ("CREATE TABLE IF NOT EXISTS `experiment_states`", "CREATE TRIGGER experiment_states_no_rewind")
        }
    };
    assert!(sql.contains(table) && sql.contains(trigger), "{sql}");
    assert!(applied().iter().all(|applied| !applied));

    let names = place.json(&["migrate", "up"])["applied"].as_array().unwrap().len();
    assert_eq!(applied(), vec![true; names]);
    assert_eq!(place.json(&["migrate", "up"]), json!({"applied": []}));
    place.demo();
    place.run(&["migrate", "down", "--steps", "1"]).expect(2);
    place.done(&["migrate", "down", "--steps", &names.to_string(), "--yes"]);
    assert_eq!(applied(), vec![false; names]);
}

fn given_only_the_variable_when_migrated_then_no_configuration_is_needed_and_one_goes_before(engine: Engine) {
    let Some(schema) = Schema::or_skip(engine) else { return };
    let place = engine.place(&schema.url(), "migrate: never");
    let output = place.command().env_remove("GOVERNANCE_CONFIG").args(["migrate", "up"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(place.json(&["migrate", "status"])[0]["applied"], true);

    let file = place.other("file");
    let status = place.json(&["migrate", "status", "--config", &file]);
    assert_eq!(status[0]["applied"], false, "the configuration's database is another");
}

fn given_a_server_that_cannot_be_used_when_asked_then_the_exit_code_says_whose_turn_it_is(engine: Engine) {
    let Some(schema) = Schema::or_skip(engine) else { return };
    for (url, code, words) in [
        (schema.url_of_stranger(), 2, "refused by the server"),
        (schema.url_with_wrong_password(), 2, "refused by the server"),
        (schema.url_of_no_database(), 2, "a database that does not exist"),
        (schema.url_with("sslmod=require"), 2, "unknown parameter"),
        (engine.url_of_nobody(), 5, "nothing was applied"),
    ] {
        let place = engine.place(&url, "acquireTimeout: 500ms");
        let told = place.run(&["state", "x"]).expect(code);
        assert_told(&told, words);
        let told = place.command().env_remove("GOVERNANCE_CONFIG").args(["migrate", "status"]).output().unwrap();
        assert_eq!(told.status.code(), Some(code), "{told:?}");
        assert!(!String::from_utf8_lossy(&told.stderr).contains("hunter2"), "{told:?}");
    }
}

/// The words are told, and no password.
fn assert_told(told: &Answer, words: &str) {
    // A diagnostic breaks its lines where it likes.
    let said = told.stderr.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(words) && !said.contains("hunter2"), "{told:#?}");
}

fn given_options_of_the_other_engine_when_validated_then_each_is_told(engine: Engine) {
    let place = engine.place(&engine.url_of_nobody(), "busyTimeout: 5s, synchronous: full");
    let told = place.run(&["validate", "governance.yaml", "--json"]).expect(2);
    assert_eq!(told.json()[0]["diagnostics"].as_array().unwrap().len(), 2, "{told:?}");
    assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
}

#[test]
fn given_a_server_of_each_engine_when_copied_from_one_to_the_other_then_both_are_the_same() {
    let (Some(from), Some(to)) = (Schema::or_skip(Engine::Postgres), Schema::or_skip(Engine::Mysql)) else { return };
    let (from, to) = (from.place(), to.place());
    from.demo();
    to.write("all.jsonl", &from.contents("governance.yaml"));
    assert_eq!(to.json(&["import", "all.jsonl"])["applied"], 15);
    to.done(&["verify", "--all"]);
    assert_eq!(to.contents("governance.yaml"), from.contents("governance.yaml"));
}

#[test]
fn given_the_sql_of_a_dry_run_when_mariadbs_client_has_run_it_then_it_does_what_the_command_does() {
    let Some(schema) = Schema::or_skip(Engine::Mysql) else { return };
    let place = schema.engine.place(&schema.url(), "migrate: never");
    place.write("up.sql", &place.done(&["migrate", "up", "--dry-run"]).stdout);
    let [user, password, host, port] = schema.authority();
    let mut client = Command::new("mariadb");
    client.args(["--no-defaults", "--user", user, "--host", host, "--port", port, "--database", schema.name()]);
    client.env("MYSQL_PWD", password).stdin(std::fs::File::open(place.path("up.sql")).unwrap());
    let output = client.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    // The command finds all of it there, and remembers that it is.
    place.done(&["migrate", "up"]);
    place.demo();
    place.done(&["verify", "--all"]);
}
