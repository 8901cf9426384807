//! Given a file with several faults, when it is loaded, then all are reported, each at its place.

use crate::given::{assert_found, faults};
use governance_config::Format;

const SEVEN_IN_YAML: &str = "\
# Größe: a comment whose characters are longer than a byte
experimentFramework:
  settings: { colour: blue, colour: red }
  governance:
    initialState: Drafts
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
                (5, 19, "governance.initialState", "did you mean `Draft`?"),
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
    "policies": {},
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
                (4, 17, "governance.policies", "is a mapping | a list"),
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

const SEVEN_OF_GOVERNANCE_IN_YAML: &str = "\
governance:
  persistence:
    type: sql
    connectionString: sqlite:${NO_SUCH_FILE}
  approvalGates:
    - { type: oracle, fromState: Draft, toState: PendingApproval }
    - type: manual
      fromState: PendingApproval
      toState: Aproved
    - { type: roleBased, fromState: Approved, toState: Running }
  policies:
    - { type: trafficLimit, maxTrafficPercentage: 150 }
    - type: errorRate
      maxErrorRate: five
    - { type: timeWindow, allowedStartTime: \"09:00\", allowedEndTime: \"17:00\", timezone: UTC }
";

const SEVEN_OF_GOVERNANCE_IN_JSON: &str = r#"{
  "governance": {
    "persistence": { "type": "sql", "connectionString": "sqlite:${NO_SUCH_FILE}" },
    "approvalGates": [
      { "type": "oracle", "fromState": "Draft", "toState": "PendingApproval" },
      { "type": "manual", "fromState": "PendingApproval", "toState": "Aproved" },
      { "type": "roleBased", "fromState": "Approved", "toState": "Running" }
    ],
    "policies": [
      { "type": "trafficLimit", "maxTrafficPercentage": 150 },
      { "type": "errorRate", "maxErrorRate": "five" },
      { "type": "timeWindow", "allowedStartTime": "09:00", "allowedEndTime": "17:00", "timezone": "UTC" }
    ]
  }
}"#;

/// What the seven faults are, wherever they stand.
const SEVEN: [(&str, &str); 7] = [
    ("persistence.connectionString", "the variable NO_SUCH_FILE is not set"),
    ("approvalGates[0].type", "the type `oracle` of a gate is unknown | one of: `automatic`, `manual`, `roleBased`"),
    ("approvalGates[1].toState", "did you mean `Approved`?"),
    ("approvalGates[2]", "`allowedRoles` is missing | `allowedRoles:` in it"),
    ("policies[0].maxTrafficPercentage", "`150` is out of range | percent, from 0 to 100"),
    ("policies[1].maxErrorRate", "`five` is not a number | a share from 0 to 1"),
    ("policies[2].timezone", "the key `timezone` is unknown"),
];

#[test]
fn seven_faults_of_gates_and_policies_are_seven_diagnostics() {
    for (text, format, places) in [
        (SEVEN_OF_GOVERNANCE_IN_YAML, Format::Yaml, [(4, 23), (6, 15), (9, 16), (10, 7), (12, 51), (14, 21), (15, 79)]),
        (SEVEN_OF_GOVERNANCE_IN_JSON, Format::Json, [(3, 57), (5, 17), (6, 70), (7, 7), (10, 57), (11, 46), (12, 87)]),
    ] {
        let found = faults(text, format);
        let paths: Vec<_> = SEVEN.iter().map(|(path, _)| format!("governance.{path}")).collect();
        let expected: Vec<_> = places
            .iter()
            .zip(&paths)
            .zip(SEVEN)
            .map(|(((line, column), path), (_, words))| (*line, *column, path.as_str(), words))
            .collect();
        assert_found(&found, &expected);
        let timezone = found.iter().last().unwrap();
        assert!(timezone.expected.contains("did you mean `timeZone`?"), "{}", timezone.expected);
    }
}
