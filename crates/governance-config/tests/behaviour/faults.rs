//! Given a file with several faults, when it is loaded, then all are reported, each at its place.

use crate::given::{assert_found, faults};
use governance_config::Format;

const SEVEN_IN_YAML: &str = "\
# Größe: a comment whose characters are longer than a byte
experimentFramework:
  settings: { colour: blue, colour: red }
  governance:
    initialState: Draft
    persistence:
      type: sql
      provider: sqlserver
      conectionString: sqlite:x.db
      options:
        { synchronous: \"größer\", maxConnections: 0 }
      acquireTimeout: soon
";

#[test]
fn seven_faults_in_yaml_are_seven_diagnostics() {
    for text in [SEVEN_IN_YAML.to_owned(), SEVEN_IN_YAML.replace('\n', "\r\n"), format!("\u{feff}{SEVEN_IN_YAML}")] {
        assert_found(
            &faults(&text, Format::Yaml),
            &[
                (5, 5, "governance.initialState", "not built yet"),
                (6, 5, "governance.persistence", "`connectionString` is missing"),
                (8, 17, "governance.persistence.provider", "SQL Server, which is not supported"),
                (9, 7, "governance.persistence.conectionString", "did you mean `connectionString`?"),
                (11, 24, "governance.persistence.options.synchronous", "`größer` is unknown"),
                (11, 50, "governance.persistence.options.maxConnections", "from 1 to 1000"),
                (12, 23, "governance.persistence.acquireTimeout", "`soon` is not a duration"),
            ],
        );
    }
}

const SEVEN_IN_JSON: &str = r#"{
  "$schema": "./governance.schema.json",
  "governance": {
    "policies": [],
    "persistence": {"größe": 1, "type": "sql",
      "connectionString": "sqlite:a.db", "connectionString": "sqlite:b.db",
      "maxConnections": "many",
      "options": {
        "busyTimeout": 5, "maxConnections": 5,
        "migrate": ["never"],
        "synchronous": "ful"
      }
    }
  }
}"#;

#[test]
fn seven_faults_in_json_are_seven_diagnostics() {
    for text in [SEVEN_IN_JSON.to_owned(), SEVEN_IN_JSON.replace('\n', "\r\n"), format!("\u{feff}{SEVEN_IN_JSON}")] {
        assert_found(
            &faults(&text, Format::Json),
            &[
                (4, 5, "governance.policies", "not built yet"),
                (5, 21, "governance.persistence.größe", "the key `größe` is unknown"),
                (6, 42, "governance.persistence.connectionString", "stands twice"),
                (9, 24, "governance.persistence.options.busyTimeout", "`5` has no unit"),
                (9, 27, "governance.persistence.options.maxConnections", "both under `options` and beside `type`"),
                (10, 20, "governance.persistence.options.migrate", "is a list"),
                (11, 24, "governance.persistence.options.synchronous", "did you mean `full`?"),
            ],
        );
    }
}

#[test]
fn the_same_faults_are_found_in_either_notation() {
    let json = r#"{"governance": {"persistence": {
        "type": "sql", "connectionString": "sqlite:", "maxFileSize": 5, "migrate": null, "keyPrefix": "p",
        "readReplicas": [], "retainHistory": false, "retention": {}, "options": {"x": 1}}}}"#;
    let of = |format| faults(json, format).iter().map(|fault| (fault.line, fault.column, fault.to_string())).collect();
    let (in_json, in_yaml): (Vec<_>, Vec<_>) = (of(Format::Json), of(Format::Yaml));
    assert_eq!(in_json.len(), 8, "{in_json:#?}");
    assert_eq!(in_json, in_yaml);
}

#[test]
fn a_rendered_fault_shows_its_line_and_what_would_be_right() {
    let found = faults(SEVEN_IN_YAML, Format::Yaml);
    let mut rendered = String::new();
    let theme = miette::GraphicalTheme::unicode_nocolor();
    miette::GraphicalReportHandler::new_themed(theme).render_report(&mut rendered, &found).unwrap();
    for shown in [
        "7 faults in g.yaml",
        "[g.yaml:9:7]",
        "conectionString: sqlite:x.db",
        "did you mean `connectionString`?",
        "[g.yaml:11:50]",
        r#"{ synchronous: "größer", maxConnections: 0 }"#,
    ] {
        assert!(rendered.contains(shown), "{shown} is missing in:\n{rendered}");
    }
}

#[test]
fn diagnostics_serialize_for_programs() {
    let found = faults("governance: { persistence: { type: sqll } }", Format::Yaml);
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json[0]["file"], "g.yaml");
    assert_eq!((&json[0]["line"], &json[0]["column"]), (&1.into(), &15.into()));
    assert_eq!(json[1]["column"], 36);
    assert_eq!(json[1]["path"], "governance.persistence.type");
    assert_eq!(json[1]["problem"], "the type `sqll` is unknown");
    assert_eq!(json.as_array().unwrap().len(), found.len());
}
