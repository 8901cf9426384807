//! Given the samples and the committed schema, then the schema is fresh, and the samples hold to it.

use governance_config::{Format, Loader, json_schema};
use serde_json::{Value, json};
use std::path::PathBuf;

fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config-samples")
}

fn as_json(yaml: &str) -> Value {
    serde_yaml::from_str(yaml).expect("a sample is YAML")
}

fn is_valid(instance: &Value) -> bool {
    jsonschema::validator_for(&json_schema()).expect("it is a schema").is_valid(instance)
}

#[test]
fn the_committed_schema_is_fresh() {
    let committed = std::fs::read_to_string(samples().join("governance.schema.json")).unwrap_or_default();
    let committed: Value = serde_json::from_str(&committed).unwrap_or_default();
    assert!(
        committed == json_schema(),
        "config-samples/governance.schema.json is stale; refresh it:\n\
         cargo run -p governance-cli -- schema > config-samples/governance.schema.json"
    );
}

#[test]
fn every_sample_names_the_schema_holds_to_it_and_loads() {
    let mut seen = 0;
    for entry in std::fs::read_dir(samples()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# yaml-language-server: $schema=./governance.schema.json\n"), "{path:?}");
        assert!(is_valid(&as_json(&text)), "{path:?}");
        let server = if path.ends_with("mysql.yaml") { "mysql" } else { "postgres" };
        let cluster = if path.ends_with("redis-cluster.yaml") { "-cluster" } else { "" };
        let url = |name: &str| match name {
            "GOVERNANCE_DB_URL" => Some(format!("{server}://u:p@h/db")),
            "GOVERNANCE_REDIS_URL" => Some(format!("redis{cluster}://u:p@h")),
            _ => None,
        };
        Loader::new().variables(url).load_file(&path).unwrap_or_else(|faults| panic!("{faults:#?}"));
        seen += 1;
    }
    assert!(seen >= 6, "{seen} samples");
}

#[test]
fn the_schema_and_the_loader_agree() {
    for (persistence, valid) in [
        (json!({"type": "inMemory"}), true),
        (json!({"type": "In-Memory"}), true),
        (json!({"type": "inMemory", "options": {}, "retainHistory": true}), true),
        (json!({"type": "inMemory", "connectionString": "sqlite:x"}), false),
        (json!({"type": "inMemory", "retainHistory": false}), false),
        (json!({"type": "inMemory", "retention": {}}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x"}), true),
        (json!({"type": "sql", "connectionString": "${N}", "options": {"maxConnections": "${N}"}}), true),
        (json!({"type": "sql", "connectionString": "sqlite:x", "maxConnections": 1, "migrate": "on-connect"}), true),
        (
            json!({"type": "sql", "connectionString": "sqlite:x", "maxConnections": 1000, "busyTimeout": "00:01:00"}),
            true,
        ),
        (json!({"type": "sql", "connectionString": "sqlite:x", "maxFileSize": 1048576}), true),
        (json!({"type": "sql", "connectionString": "sqlite:x", "maxFileSize": 1048575}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x", "maxConnections": 1001}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x", "options": {"maxConnections": 0}}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x", "options": {"colour": 0}}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x", "acquireTimeout": 5}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x", "acquireTimeout": "1h30m"}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x", "migrate": "sometimes"}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x", "readReplicas": []}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x", "provider": "SQLite"}), true),
        (json!({"type": "sql", "connectionString": "sqlite:x", "provider": "postgres"}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x", "options": {"writers": 4}}), false),
        (json!({"type": "sql", "connectionString": "postgres://h/db", "options": {"busyTimeout": "5s"}}), false),
        (json!({"type": "sql", "connectionString": "postgresql://h/db", "maxFileSize": 1048576}), false),
        (json!({"type": "sql", "connectionString": "postgres://h/db", "writers": 65}), false),
        (json!({"type": "sql", "connectionString": "postgres://h/db", "writers": 64, "idleTimeout": "1m"}), true),
        (
            json!({"type": "sql", "provider": "PostgreSQL", "connectionString": "postgres://h/db",
                "options": {"statementTimeout": "5s", "maxLifetime": "1h", "writers": "${N}"}}),
            true,
        ),
        (json!({"type": "sql", "connectionString": "mysql://h/db", "options": {"busyTimeout": "5s"}}), false),
        (json!({"type": "sql", "connectionString": "mariadb://h/db", "synchronous": "full"}), false),
        (json!({"type": "sql", "connectionString": "mysql://h/db", "readReplicas": ["mariadb://i/db"]}), true),
        (
            json!({"type": "sql", "provider": "MySQL", "connectionString": "mariadb://h/db",
                "options": {"statementTimeout": "5s", "idleTimeout": "1m", "maxLifetime": "1h", "writers": 64}}),
            true,
        ),
        (json!({"type": "sql", "connectionString": "mysql://h/db", "provider": "mariadb"}), false),
        (json!({"type": "sql", "connectionString": ""}), false),
        (json!({"type": "sql"}), false),
        (json!({"type": "redis"}), false),
        (json!({"type": "redis", "connectionString": "redis://h"}), true),
        (
            json!({"type": "Redis", "connectionString": "redis-cluster://h", "keyPrefix": "", "poolSize": 2,
                "options": {"connectTimeout": "5s", "commandTimeout": "${N}", "maxReconnectDelay": "1s",
                    "allowEviction": "TRUE", "waitReplicas": 0, "waitTimeout": "1s"}}),
            true,
        ),
        (json!({"type": "redis", "connectionString": "redis://h", "allowEviction": false}), true),
        (json!({"type": "redis", "connectionString": "redis://h", "allowEviction": 1}), false),
        (json!({"type": "redis", "connectionString": "redis://h", "poolSize": 0}), false),
        (json!({"type": "redis", "connectionString": "redis://h", "waitReplicas": 101}), false),
        (json!({"type": "redis", "connectionString": "redis://h", "ephemeralTtl": "5s"}), false),
        (json!({"type": "redis", "connectionString": "redis://h", "options": {"migrate": "never"}}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x", "keyPrefix": "p"}), false),
        (json!({"type": "event-sourced"}), false),
        (json!({}), false),
    ] {
        let file = json!({"governance": {"persistence": persistence}});
        let text = file.to_string();
        let loads = Loader::new().variables(|_| Some("7".to_owned())).load_str("g.json", &text, Format::Json);
        assert_eq!(is_valid(&file), valid, "the schema on {text}");
        // What a variable holds is not the schema's to say.
        assert!(loads.is_ok() == valid || text.contains("${N}"), "the loader on {text}: {loads:#?}");
    }
    for file in [
        json!({}),
        json!({"governance": {}}),
        json!({"governance": {"persistence": {"type": "inMemory"}, "policies": {}}}),
        json!({"governance": {"persistence": {"type": "inMemory"}, "colour": 1}}),
        json!({"experimentFramework": {}}),
    ] {
        assert!(!is_valid(&file), "{file}");
    }
    assert!(is_valid(
        &json!({"x": 1, "experimentFramework": {"y": 1, "governance": {"persistence": {"type": "inMemory"}}}})
    ));
}
