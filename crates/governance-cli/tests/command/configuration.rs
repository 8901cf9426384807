//! Configuration files: `validate`, `schema`, and faulty files everywhere else.

use crate::place::Place;

const FAULTY: &str = "governance:\n  persistence:\n    type: sql\n    conectionString: sqlite:governance.db\n";

#[test]
fn given_an_unknown_key_when_any_command_runs_then_it_is_2_with_file_line_and_column() {
    let place = Place::with_configuration(FAULTY);
    for args in [&["experiments"][..], &["migrate", "status"], &["demo"]] {
        let told = place.run(args).expect(2).stderr;
        assert!(told.contains("governance.yaml:4:5") && told.contains("connectionString"), "{args:?}: {told}");
    }
    let told = place.run(&["experiments", "--json"]).expect(2).error();
    assert_eq!(told["error"], "configuration");
    assert!(!told["diagnostics"].as_array().unwrap().is_empty(), "{told}");
}

#[test]
fn given_good_and_faulty_files_when_validated_then_each_is_told_and_it_is_2() {
    let place = Place::new();
    place.done(&["validate", "governance.yaml"]);
    place.write("faulty.yaml", FAULTY);
    let told = place.run(&["validate", "governance.yaml", "faulty.yaml", "missing.yaml"]).expect(2);
    assert!(told.stdout.contains("governance.yaml is valid"), "{told:?}");
    assert!(told.stdout.contains("faulty.yaml:4:5") && told.stdout.contains("missing.yaml"), "{told:?}");
    assert!(told.stderr.contains("2 of 3 files are not valid"), "{told:?}");

    let told = place.run(&["validate", "governance.yaml", "faulty.yaml", "--json"]).expect(2);
    let files = told.json();
    assert_eq!((&files[0]["valid"], &files[1]["valid"]), (&true.into(), &false.into()));
    let mut places =
        files[1]["diagnostics"].as_array().unwrap().iter().map(|d| (d["line"].clone(), d["column"].clone()));
    assert!(places.any(|place| place == (4.into(), 5.into())), "{files}");
    assert_eq!(told.error()["error"], "configuration");
}

#[test]
fn given_no_configuration_when_the_schema_is_printed_then_it_is_a_json_schema() {
    let schema = Place::new().done(&["schema"]).json();
    assert!(schema["$schema"].as_str().unwrap().contains("json-schema.org"), "{schema}");
}

#[test]
fn given_files_that_cannot_be_read_when_configured_then_it_is_2() {
    let place = Place::new();
    for path in ["missing.yaml", "."] {
        place.run(&["--config", path, "experiments"]).expect(2);
    }
}
