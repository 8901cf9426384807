//! Given the samples and the committed schema, then the schema is fresh, and the samples hold to it.

use governance_config::{Format, Loader, Registry, json_schema};
use governance_persistence::InMemoryBackplane;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config-samples")
}

fn as_json(yaml: &str) -> Value {
    serde_yaml::from_str(yaml).expect("a sample is YAML")
}

fn is_valid(instance: &Value) -> bool {
    static VALIDATOR: LazyLock<Validator> =
        LazyLock::new(|| jsonschema::validator_for(&json_schema()).expect("it is a schema"));
    VALIDATOR.is_valid(instance)
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
        if path.ends_with("governance.schema.json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let names_it = if is_json {
            "{\n  \"$schema\": \"./governance.schema.json\",\n"
        } else {
            "# yaml-language-server: $schema=./governance.schema.json\n"
        };
        assert!(text.starts_with(names_it), "{path:?}");
        assert!(is_valid(&as_json(&text)), "{path:?}"); // JSON is YAML, too
        let server = if path.ends_with("mysql.yaml") { "mysql" } else { "postgres" };
        let cluster = if path.ends_with("redis-cluster.yaml") { "-cluster" } else { "" };
        let url = |name: &str| match name {
            "GOVERNANCE_DB_URL" if !path.ends_with("full.yaml") => Some(format!("{server}://u:p@h/db")),
            "GOVERNANCE_REDIS_URL" => Some(format!("redis{cluster}://u:p@h")),
            _ => None,
        };
        let config = Loader::new().variables(url).load_file(&path).unwrap_or_else(|faults| panic!("{faults:#?}"));
        assert!(!config.approval_gates.is_empty() && !config.policies.is_empty(), "{path:?}");
        config.builder_on(Arc::new(InMemoryBackplane::new()), &Registry::default()).unwrap().build().unwrap();
        seen += 1;
    }
    assert!(seen >= 8, "{seen} samples");
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
        (json!({"type": "sql", "connectionString": "sqlite:x", "maxConnections": 2.0}), true),
        (json!({"type": "sql", "connectionString": "sqlite:x", "maxConnections": "2.0"}), true),
        (json!({"type": "sql", "connectionString": "sqlite:x", "maxConnections": "2.5"}), false),
        (json!({"type": "sql", "connectionString": 5}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x "}), false),
        (json!({"type": "sql", "connectionString": "sqlite:x\ny"}), false),
        (json!({"type": "redis", "connectionString": "redis://h", "keyPrefix": 5}), true),
        (
            json!({"type": "redis", "connectionString": "redis-sentinel://h?service=s", "sentinelPassword": 123456}),
            true,
        ),
        (json!({"type": "redis", "connectionString": "redis://h", "sentinelPassword": null}), false),
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

#[test]
fn the_schema_and_the_loader_agree_on_gates_and_policies() {
    let moves = |keys: Value| {
        let mut gate = json!({"fromState": "Draft", "toState": "any"});
        gate.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        gate
    };
    let window = |start: &str, zone: &str| json!({"policies": [{"type": "timeWindow", "allowedStartTime": start, "allowedEndTime": "17:00", "timeZone": zone}]});
    let gate =
        |from: &str, to: &str| json!({"approvalGates": [{"type": "automatic", "fromState": from, "toState": to}]});
    let on = |from: &str, to: &str| json!({"policies": [{"type": "errorRate", "maxErrorRate": 1, "moves": [{"fromState": from, "toState": to}]}]});
    for (keys, valid) in [
        (json!({"initialState": "pending-approval", "enableAutoVersioning": "TRUE", "deadline": "0s"}), true),
        (json!({"approvalRequestsExpireAfter": "7d", "approvalGates": [], "policies": []}), true),
        (json!({"initialState": "any"}), false),
        (json!({"enableAutoVersioning": 1}), false),
        (json!({"deadline": 5}), false),
        (json!({"rememberFor": "0s"}), true),
        (json!({"rememberFor": 1}), false),
        (json!({"approvalGates": [moves(json!({"type": "Automatic", "name": "g"}))]}), true),
        (
            json!({"approvalGates": [moves(json!({"type": "manual", "approvals": 2, "selfApproval": "forbidden"}))]}),
            true,
        ),
        (json!({"approvalGates": [moves(json!({"type": "role-based", "allowedRoles": ["sre"]}))]}), true),
        (json!({"approvalGates": [moves(json!({"type": "role-based", "allowedRoles": []}))]}), false),
        (json!({"approvalGates": [moves(json!({"type": "roleBased"}))]}), false),
        (json!({"approvalGates": [moves(json!({"type": "manual", "allowedRoles": ["sre"]}))]}), false),
        (json!({"approvalGates": [moves(json!({"type": "manual", "approvals": 0}))]}), false),
        (json!({"approvalGates": [{"type": "manual", "toState": "Approved"}]}), false),
        (json!({"approvalGates": [{"fromState": "any", "toState": "Approved"}]}), false),
        (json!({"approvalGates": {}}), false),
        (json!({"policies": [{"type": "trafficLimit", "maxTrafficPercentage": "7.5", "configuredAt": "/a"}]}), true),
        (json!({"policies": [{"type": "trafficLimit", "maxTrafficPercentage": 150}]}), false),
        (json!({"policies": [{"type": "trafficLimit", "maxTrafficPercentage": 5, "configuredAt": "a"}]}), false),
        (json!({"policies": [{"type": "errorRate", "maxErrorRate": "five"}]}), false),
        (json!({"policies": [{"type": "errorRate", "maxErrorRate": 1, "severity": "Info", "moves": []}]}), true),
        (json!({"policies": [{"type": "errorRate", "maxErrorRate": 1, "moves": [{"toState": "any"}]}]}), false),
        (json!({"policies": [{"type": "conflictPrevention", "conflictingExperiments": "any"}]}), true),
        (json!({"policies": [{"type": "conflictPrevention", "conflictingExperiments": []}]}), false),
        (json!({"approvalGates": [moves(json!({"type": "roleBased", "name": 5, "allowedRoles": [123, true]}))]}), true),
        (json!({"approvalGates": [moves(json!({"type": "roleBased", "allowedRoles": [null]}))]}), false),
        (json!({"approvalGates": [moves(json!({"type": "roleBased", "allowedRoles": [["sre"]]}))]}), false),
        (json!({"approvalGates": [moves(json!({"type": "manual", "approvals": 2.0}))]}), true),
        (json!({"approvalGates": [moves(json!({"type": "manual", "approvals": 2.5}))]}), false),
        (json!({"approvalGates": [moves(json!({"type": "automatic", "name": "é".repeat(200)}))]}), true),
        (json!({"approvalGates": [moves(json!({"type": "automatic", "name": "é".repeat(201)}))]}), false),
        (json!({"approvalGates": [moves(json!({"type": "automatic", "name": " g"}))]}), false),
        (json!({"approvalGates": [moves(json!({"type": "automatic", "name": "g\u{a0}"}))]}), false),
        (json!({"approvalGates": [moves(json!({"type": "automatic", "name": "a\tb"}))]}), false),
        (json!({"approvalGates": [moves(json!({"type": "automatic", "name": "a b"}))]}), true),
        (json!({"approvalGates": [moves(json!({"type": "automatic", "name": ""}))]}), false),
        (json!({"policies": [{"type": "errorRate", "maxErrorRate": 1, "name": "p "}]}), false),
        (json!({"approvalRequestsExpireAfter": "0s"}), false),
        (json!({"approvalRequestsExpireAfter": "00:00:00"}), false),
        (json!({"approvalRequestsExpireAfter": "00:00:01"}), true),
        (json!({"approvalRequestsExpireAfter": "0366d"}), true),
        (json!({"approvalRequestsExpireAfter": "367d"}), false),
        (json!({"approvalRequestsExpireAfter": "90m"}), true),
        (gate("Draft", "Approved"), false),
        (gate("draft", "pending-approval"), true),
        (gate("Running", "Running"), false),
        (gate("Archived", "any"), false),
        (gate("any", "Archived"), true),
        (gate("${X:-Draft}", "Archived"), true),
        (on("Draft", "Running"), false),
        (on("Rolled-Back", "Draft"), true),
        (window("09:00", "Europe/Berlin"), true),
        (window("09:00:30.5", "-03:30"), true),
        (window("24:00", "UTC"), false),
        (window("09:00", "+3"), false),
    ] {
        let mut file = json!({"governance": {"persistence": {"type": "inMemory"}}});
        file["governance"].as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let text = file.to_string();
        assert_eq!(is_valid(&file), valid, "the schema on {text}");
        let loads = Loader::new().load_str("g.json", &text, Format::Json);
        assert_eq!(loads.is_ok(), valid, "the loader on {text}: {loads:#?}");
    }
}

#[test]
fn what_only_the_loader_can_tell_passes_the_schema() {
    let window = |end: &str, zone: &str| json!({"policies": [{"type": "timeWindow", "allowedStartTime": "09:00", "allowedEndTime": end, "timeZone": zone}]});
    let gate = json!({"type": "automatic", "fromState": "Draft", "toState": "any"});
    for keys in [
        json!({"approvalRequestsExpireAfter": "9000h"}),
        json!({"persistence": {"type": "sql", "connectionString": "sqlite:x", "acquireTimeout": "2h"}}),
        json!({"persistence": {"type": "sql", "connectionString": "sqlite:x", "maxConnections": "1001"}}),
        json!({"persistence": {"type": "sql", "connectionString": "sqlite:x", "provider": "mysql"}}),
        json!({"persistence": {"type": "sql", "connectionString": "oracle:x"}}),
        json!({"persistence": {"type": "sql", "connectionString": "sqlite:x", "migrate": "never", "options": {"migrate": "never"}}}),
        json!({"persistence": {"type": "redis", "connectionString": "redis://h", "keyPrefix": "{p}"}}),
        json!({"approvalGates": [gate, gate]}),
        json!({"approvalGates": [{"type": "in-house"}]}),
        json!({"initialState": "${NO_SUCH}"}),
        window("09:00", "UTC"),
        window("17:00", "Europe/Nowhere"),
    ] {
        let mut file = json!({"governance": {"persistence": {"type": "inMemory"}}});
        file["governance"].as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let text = file.to_string();
        assert!(is_valid(&file), "{text}");
        let loads = Loader::new().variables(|_| None).load_str("g.json", &text, Format::Json);
        assert!(loads.is_err(), "{text}");
    }
}
