//! Given secrets in a file or in the environment, when something is wrong, then nothing that is
//! said has them.

use crate::given::persistence;
use governance_config::{Format, GovernanceConfig, Loader, Persistence, Registry};
use governance_persistence::{InMemoryBackplane, JsonObject};
use serde_json::json;
use std::sync::Arc;

const SECRET: &str = "hunter2";

/// All that could be printed of the faults.
fn all_that_is_said(text: &str, format: Format, value: &str) -> String {
    let loader = Loader::new().variables(|name| (name == "SECRET").then(|| value.to_owned()));
    told(&loader, text, format)
}

/// The same, by this loader.
fn told(loader: &Loader, text: &str, format: Format) -> String {
    let found = loader.load_str("g", text, format).expect_err("the text is faulty");
    let mut said = format!("{found} {found:?} {loader:?} {}", serde_json::to_string(&found).unwrap());
    let theme = miette::GraphicalTheme::unicode_nocolor();
    miette::GraphicalReportHandler::new_themed(theme).render_report(&mut said, &found).unwrap();
    for fault in &found {
        said += &format!("{fault} {fault:?}");
    }
    said
}

#[test]
fn a_value_from_a_variable_is_never_shown() {
    for keys in [
        "type: '${SECRET}'",
        "type: sql, connectionString: '${SECRET}'",
        "type: sql, connectionString: 'sqlite:${SECRET}?x'",
        "type: sql, connectionString: 'postgres://u:${SECRET}@h/db', provider: sqlite",
        "type: sql, connectionString: 'Server=h;Password=${SECRET}'",
        "type: sql, connectionString: 'postgres://u:${SECRET}@h'",
        "type: sql, connectionString: 'postgres://u:p@h:${SECRET}/db'",
        "type: sql, connectionString: 'postgres://u@h/db?password=${SECRET}'",
        "type: sql, connectionString: 'postgres://u@h/db?${SECRET}=1'",
        "type: sql, connectionString: 'postgres://u:x?${SECRET}@h/db'",
        "type: sql, connectionString: 'mysql://u:${SECRET}@h/db', provider: sqlite",
        "type: sql, connectionString: 'mariadb://u:${SECRET}@h'",
        "type: sql, connectionString: 'mysql://u:p@h:${SECRET}/db'",
        "type: sql, connectionString: 'mysql://u@h/db?password=${SECRET}'",
        "type: sql, connectionString: 'mysql://u@h/db?${SECRET}=1'",
        "type: sql, connectionString: 'mysql://u@h/db?ssl-mode=${SECRET}'",
        "type: sql, connectionString: 'mysql://u:x?${SECRET}@h/db'",
        "type: sql, connectionString: 'mysql://h/db', writers: '${SECRET}'",
        "type: sql, connectionString: 'mysql://h/db', readReplicas: ['mysql://u@h/db?${SECRET}=1']",
        "type: sql, connectionString: 'mysql://h/db', readReplicas: ['mysql://u:${SECRET}@h']",
        "type: sql, connectionString: 'sqlite:g.db', provider: '${SECRET}'",
        "type: sql, connectionString: 'postgres://h/db', statementTimeout: '${SECRET}'",
        "type: sql, connectionString: 'sqlite:g.db', maxConnections: '${SECRET}'",
        "type: sql, connectionString: 'sqlite:g.db', acquireTimeout: '${SECRET}'",
        "type: sql, connectionString: 'sqlite:g.db', migrate: '${SECRET}'",
        "type: inMemory, retainHistory: '${SECRET}'",
        "type: redis, connectionString: '${SECRET}'",
        "type: redis, connectionString: 'redis://u:${SECRET}@h/300'",
        "type: redis, connectionString: 'redis://u:p@h:${SECRET}'",
        "type: redis, connectionString: 'redis://u:p@h?${SECRET}=1'",
        "type: redis, connectionString: 'redis://u:x?${SECRET}@h'",
        "type: redis, connectionString: 'h:6379,password=${SECRET}'",
        "type: redis, connectionString: 'redis://h', keyPrefix: '{${SECRET}}'",
        "type: redis, connectionString: 'redis://h', poolSize: '${SECRET}'",
        "type: redis, connectionString: 'redis://h', commandTimeout: '${SECRET}'",
        "type: redis, connectionString: 'redis://h', allowEviction: '${SECRET}'",
        "type: redis, connectionString: 'redis://h', sentinelPassword: '${SECRET}'",
    ] {
        let said = all_that_is_said(&persistence(keys), Format::Yaml, SECRET);
        assert!(!said.contains(SECRET), "{keys}: {said}");
    }
    let text = persistence("type: sql, connectionString: 'sqlite:g.db', acquireTimeout: '${SECRET}'");
    assert!(!all_that_is_said(&text, Format::Yaml, "4711h").contains("4711"));
}

/// Connection strings that are refused, each with the secret in it.
const CONNECTIONS: [&str; 24] = [
    "postgres://user:hunter2@host",
    "postgres://user:hunter2@host:port/db",
    "postgres://user@host/db?password=hunter2",
    "postgres://user@host/db?sslmode=require&password=hunter2",
    "postgres://user:x?hunter2@host/db",
    "postgres://user:x?hunter2=1@host/db",
    "postgres://host/db?user=u&password=x?hunter2",
    "mysql://user:hunter2@host",
    "mariadb://user:hunter2@host:port/db",
    "mysql://user@host/db?password=hunter2",
    "mysql://user@host/db?ssl-mode=required&password=hunter2",
    "mysql://user@host/db?ssl-mode=hunter2",
    "mysql://user:x?hunter2@host/db",
    "mysql://user:x?hunter2=1@host/db",
    "mysql://host/db?user=u&password=x?hunter2",
    "mongodb://user:x/hunter2@host/db",
    "Server=host;Password=hunter2;Database=db",
    "Host=host;Pwd=hunter2",
    "nonsense?token=hunter2",
    "Server=host;Password=x&hunter2",
    "Host=host;Username=u;PSW=hunter2",
    "mysql:u:hunter2@host",
    "something nobody foresaw hunter2",
    "reader:hunter2@replica/db",
];

#[test]
fn a_secret_that_stands_in_the_file_is_masked() {
    for url in CONNECTIONS {
        let yaml = format!("governance:\n  persistence:\n    type: sql\n    connectionString: {url}\n");
        let said = all_that_is_said(&yaml, Format::Yaml, "");
        assert!(!said.contains(SECRET) && said.contains("*******"), "{said}");
        let json = format!(r#"{{"governance": {{"persistence": {{"type": "sql", "connectionString": "{url}"}}}}}}"#);
        let said = all_that_is_said(&json, Format::Json, "");
        assert!(!said.contains(SECRET) && said.contains("*******"), "{said}");
    }
    let said = all_that_is_said("governance: { persistence: { type: inMemory, password: hunter2 } }", Format::Yaml, "");
    assert!(!said.contains(SECRET), "{said}");
}

#[test]
fn a_secret_of_a_replica_is_masked_wherever_it_stands() {
    let place = "governance:\n  persistence:\n    type: sql\n    connectionString: mysql://h/db\n";
    for url in CONNECTIONS {
        for key in ["readReplicas", "options: { pool: 1 }\n    readReplicas", "readreplica"] {
            for value in [format!("\n      - {url}"), format!("['{url}']"), format!("[['{url}']]"), format!("'{url}'")]
            {
                let yaml = format!("{place}    {key}: {value}\n");
                let said = all_that_is_said(&yaml, Format::Yaml, "");
                assert!(!said.contains(SECRET) && !said.contains("hunter"), "{yaml}: {said}");
            }
        }
        let keys = format!(r#""type": "sql", "connectionString": "mysql://h/db", "readReplicas": ["{url}"]"#);
        let said = all_that_is_said(&format!(r#"{{"governance": {{"persistence": {{{keys}}}}}}}"#), Format::Json, "");
        assert!(!said.contains(SECRET) && said.contains("*******"), "{said}");
    }
}

#[test]
fn a_secret_of_a_connection_in_the_wrong_brackets_is_masked() {
    for keys in [
        "connectionString: ['u:hunter2@h']",
        "connectionString: { u:hunter2@h }",
        "connectionString: mysql://h/db, readReplicas: { reader:hunter2@replica/db }",
        "connectionString: mysql://h/db, readReplicas: [{ url: 'reader:hunter2@replica/db' }]",
        "connectionString: 'mysql:u:hunter2@${SECRET} '",
    ] {
        let said = all_that_is_said(&persistence(&format!("type: sql, {keys}")), Format::Yaml, "");
        assert!(!said.contains(SECRET), "{keys}: {said}");
    }
}

#[test]
fn a_secret_in_a_text_that_cannot_be_parsed_is_masked() {
    for (keys, format) in [
        ("governance:\n  connectionString: mysql:u:hunter2@h: x", Format::Yaml),
        ("governance:\n  connectionString: Server=h;PSW: hunter2: x", Format::Yaml),
        ("governance:\n  readReplicas: [größe, reader:hunter2: x: y", Format::Yaml),
        ("governance:\n  replicas:\n    - reader:hunter2@replica/db: x: y", Format::Yaml),
        (r#"{"governance": {"connectionString": "mysql:u:hunter2@h",, }}"#, Format::Json),
        (r#"{"governance": {"größe": 1, "readReplicas": ["nobody:hunter2"],, }}"#, Format::Json),
    ] {
        let said = all_that_is_said(keys, format, "");
        assert!(!said.contains(SECRET) && said.contains("*******"), "{keys}: {said}");
    }
    let large = format!("connectionString: mysql:u:hunter2@h{}", "\n".repeat(1 << 20));
    assert!(!all_that_is_said(&large, Format::Yaml, "").contains(SECRET));
}

#[test]
fn a_secret_beside_a_fault_of_another_key_is_masked() {
    for url in [
        "postgres://user:hunter2@host/db",
        "postgres://user:hunter2@host/db?sslmode=require",
        "mysql://user:hunter2@host/db",
        "mariadb://user:hunter2@host/db?ssl-mode=required",
    ] {
        let keys = format!("type: sql, connectionString: '{url}', provider: sqlite, busyTimeout: 5s, colour: red");
        let said = all_that_is_said(&persistence(&keys), Format::Yaml, "");
        assert!(!said.contains(SECRET) && said.contains("*******"), "{said}");
    }
}

#[test]
fn debug_shows_no_url() {
    for url in ["postgres://user:hunter2@host/db", "mysql://user:hunter2@host/db"] {
        let options = governance_persistence_sql::SqlOptions::new(url).unwrap();
        let config = GovernanceConfig::new(Persistence::Sql(options));
        assert!(!format!("{config:?}").contains(SECRET));
    }
}

#[test]
fn a_secret_in_odd_spellings_is_masked() {
    let quoted = r#"{"governance": {"persistence": {"type": "sql", "connectionString": "S=h;Password=\"hunter2\""}}}"#;
    assert!(!all_that_is_said(quoted, Format::Json, "").contains(SECRET));
    let folded =
        "governance:\n  persistence:\n    type: sql\n    connectionString: \"postgres://u:hunter2\n      x@h\"\n";
    assert!(!all_that_is_said(folded, Format::Yaml, "").contains(SECRET));
    let misspelled = "governance: { persistence: { type: sql, conectionstring: 'x hunter2' } }";
    assert!(!all_that_is_said(misspelled, Format::Yaml, "").contains(SECRET));
    let beside = r#"{"governance": {"persistence": {"type": "inMemory", "api_key": "hunter2"}}}"#;
    assert!(!all_that_is_said(beside, Format::Json, "").contains(SECRET));
}

#[test]
fn a_secret_of_redis_that_stands_in_the_file_is_masked() {
    for keys in [
        "connectionString: redis://user:hunter2@host/x",
        "connectionString: redis://user:x?hunter2@host",
        "connectionString: redis://user:x?hunter2=1@host",
        "connectionString: redis-cluster://user:hunter2@host/1",
        "connectionString: host:6379,password=hunter2,ssl=true",
        "connectionString: postgres://user:hunter2@host/db",
        "connectionString: something nobody foresaw hunter2",
        "connectionString: redis://user:hunter2@host\n    poolSize: 0",
        "connectionString: redis://host\n    sentinelPassword: hunter2",
    ] {
        let yaml = format!("governance:\n  persistence:\n    type: redis\n    {keys}\n");
        let said = all_that_is_said(&yaml, Format::Yaml, "");
        assert!(!said.contains(SECRET), "{said}");
    }
    let options = governance_persistence_redis::RedisOptions::new("redis://user:hunter2@host").unwrap();
    let config = GovernanceConfig::new(Persistence::Redis(options.sentinel_password(SECRET)));
    assert!(!format!("{config:?}").contains(SECRET));
}

#[test]
fn a_secret_among_the_options_of_a_custom_type_is_masked_whatever_its_notation() {
    let registry = Registry::default().register("in-house", |_| async { Ok(Arc::new(InMemoryBackplane::new()) as _) });
    let registry = registry.unwrap();
    let loader = Loader::new().variables(|_| None).registry(&registry);
    let said = |text: &str, format| told(&loader, text, format);
    for (options, secret) in [
        ("password: 0123456", "0123456"),
        ("password: 18446744073709551616", "18446744073709551616"),
        ("api_key: .inf", ".inf"),
        ("tokens: [0123456]", "0123456"),
        ("vault: { secrets: { a: [{ b: 0123456 }] } }", "0123456"),
        ("password:\n        0123456", "0123456"),
        ("password:\n        hunter2${UNSET}", SECRET),
        ("password:\n        'hunter2\n\n        ${UNSET}'", SECRET),
        ("password: |\n        hunter2\n        ${UNSET}", SECRET),
        ("password: >-\n\n        ${UNSET}\n        hunter2", SECRET),
        ("tokens:\n        - a\n        - hunter2${UNSET}", SECRET),
    ] {
        let yaml = format!("governance:\n  persistence:\n    type: in-house\n    options:\n      {options}\n");
        let said = said(&yaml, Format::Yaml);
        assert!(!said.contains(secret), "{yaml}: {said}");
    }
    for options in [
        r#""password": 18446744073709551616"#,
        "\"password\":\n 18446744073709551616",
        r#""secrets": {"a": [18446744073709551616]}"#,
    ] {
        let json = format!(r#"{{"governance": {{"persistence": {{"type": "in-house", "options": {{{options}}}}}}}}}"#);
        let said = said(&json, Format::Json);
        assert!(!said.contains("18446744073709551616"), "{json}: {said}");
    }
    // What is no secret is shown, and so is the variable that has one.
    let port = said(&persistence("type: in-house, port: 0123456, password: '${UNSET}'"), Format::Yaml);
    assert!(port.contains("`0123456` begins with a zero") && port.contains("password: '${UNSET}'"), "{port}");
}

#[test]
fn a_secret_on_the_next_line_is_masked() {
    for value in ["hunter2${UNSET}", "'hunter2\n\n        ${UNSET}'", "[hunter2, '${UNSET}']", "{ value: hunter2 }"] {
        let keys = format!("connectionString: redis://h\n    sentinelPassword:\n        {value}");
        let said =
            all_that_is_said(&format!("governance:\n  persistence:\n    type: redis\n    {keys}\n"), Format::Yaml, "");
        assert!(!said.contains(SECRET), "{said}");
    }
}

#[test]
fn debug_shows_no_option_of_a_custom_type() {
    let options = JsonObject::try_from(json!({"password": SECRET})).unwrap();
    let config = GovernanceConfig::new(Persistence::Custom { type_name: "own".to_owned(), options });
    assert!(!format!("{config:?}").contains(SECRET));
}
