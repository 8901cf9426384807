//! Given a valid file, when it is loaded, then it is the configuration that code would build.

use crate::given::{load, persistence};
use governance_config::{Format, GovernanceConfig, Loader, Persistence, Registry};
use governance_persistence::{Backplane, InMemoryBackplane, JsonObject};
use governance_persistence_sql::{Migrate, SqlOptions, Synchronous};
use serde_json::json;
use std::{sync::Arc, time::Duration};

fn of(keys: &str) -> Persistence {
    load(&persistence(keys), Format::Yaml).unwrap_or_else(|faults| panic!("{keys}: {faults:#?}")).persistence
}

fn sqlite() -> SqlOptions {
    SqlOptions::new("sqlite:g.db").unwrap()
}

#[test]
fn the_section_stands_at_the_top_or_in_the_wrapper_beside_what_belongs_to_others() {
    for text in [
        "governance: { persistence: { type: inMemory } }",
        "experimentFramework: { governance: { persistence: { type: inMemory } } }",
        "experimentFramework:\n  settings: !custom &a { x: [*b], x: 1 }\n  governance: { persistence: { type: inMemory } }\nother: 5\n"
            .replace("[*b]", "[&b 1, *b]")
            .as_str(),
        "experimentFramework: 5\ngovernance: { persistence: { type: inMemory } }",
        "--- # a comment\n\"governance\": {\"persistence\": {\"type\": \"inMemory\"}}\n...\n",
    ] {
        let config = load(text, Format::Yaml).unwrap_or_else(|faults| panic!("{text}: {faults:#?}"));
        assert_eq!(config, GovernanceConfig::new(Persistence::InMemory));
    }
    let json =
        r#"{"$schema": "x", "experimentFramework": {"a": [], "governance": {"persistence": {"type": "inMemory"}}}}"#;
    assert_eq!(load(json, Format::Json).unwrap().persistence, Persistence::InMemory);
}

#[test]
fn names_that_are_values_are_matched_without_regard_to_case_and_hyphens() {
    for name in ["inMemory", "in-memory", "INMEMORY", "InMemory", "in-Memory"] {
        assert_eq!(of(&format!("type: {name}")), Persistence::InMemory);
    }
    let keys = "type: SQL, provider: SQLite, connectionString: 'sqlite:g.db', migrate: on-connect, synchronous: Normal";
    let expected = sqlite().migrate(Migrate::OnConnect).synchronous(Synchronous::Normal);
    assert_eq!(of(keys), Persistence::Sql(expected));
}

#[test]
fn options_stand_under_options_or_flat() {
    let expected = sqlite()
        .max_connections(8)
        .and_then(|options| options.acquire_timeout(Duration::from_millis(250)))
        .and_then(|options| options.busy_timeout(Duration::from_secs(60)))
        .and_then(|options| options.max_file_size(1 << 30))
        .unwrap();
    let options = "maxConnections: 8, acquireTimeout: 250ms, busyTimeout: '00:01:00', maxFileSize: 1073741824";
    let url = "type: sql, connectionString: 'sqlite:g.db'";
    assert_eq!(of(&format!("{url}, {options}")), Persistence::Sql(expected.clone()));
    assert_eq!(of(&format!("{url}, options: {{ {options} }}")), Persistence::Sql(expected));
    assert_eq!(of(&format!("{url}, options: {{}}")), Persistence::Sql(sqlite()));
}

#[test]
fn a_server_has_options_of_its_own() {
    for (url, providers) in [
        ("postgres://user:p%40ss@host:5432/db?sslmode=require", ["postgresql", "PostgreSQL"]),
        ("mysql://user:p%40ss@host:3306/db?ssl-mode=required", ["mysql", "MySQL"]),
        ("mariadb://user:p%40ss@host/db", ["mysql", "MySQL"]),
    ] {
        assert_server_options(url, providers);
    }
}

fn assert_server_options(url: &str, providers: [&str; 2]) {
    let expected = SqlOptions::new(url)
        .and_then(|options| options.writers(8))
        .and_then(|options| options.statement_timeout(Duration::from_secs(10)))
        .and_then(|options| options.idle_timeout(Duration::from_secs(60)))
        .and_then(|options| options.max_lifetime(Duration::from_secs(120)))
        .unwrap();
    let options = "writers: 8, statementTimeout: 10s, idleTimeout: 1m, maxLifetime: '00:02:00'";
    for provider in providers {
        let keys = format!("type: sql, provider: {provider}, connectionString: '{url}', options: {{ {options} }}");
        assert_eq!(of(&keys), Persistence::Sql(expected.clone()), "{keys}");
    }
    for keys in [options.to_owned(), format!("options: {{ {options} }}")] {
        assert_eq!(of(&format!("type: sql, connectionString: '{url}', {keys}")), Persistence::Sql(expected.clone()));
    }
}

#[test]
fn a_scalar_is_read_as_the_type_its_key_wants_after_interpolation() {
    let expected = sqlite().max_connections(16).unwrap();
    for count in ["16", "'16'", "'${N}'", "'${UNSET:-16}'", "'1${SIX:-6}'"] {
        let keys = format!("type: sql, connectionString: 'sqlite:${{FILE:-g.db}}', maxConnections: {count}");
        assert_eq!(of(&keys), Persistence::Sql(expected.clone()), "{count}");
    }
    let block = "governance:\n  persistence:\n    type: ${T:-sql}\n    connectionString: sqlite:g.db\n    maxConnections: ${N}\n    retainHistory: ${H:-true}\n";
    assert_eq!(load(block, Format::Yaml).unwrap().persistence, Persistence::Sql(expected));
}

#[test]
fn a_value_can_never_become_syntax() {
    let hostile = "x\", \"maxConnections\": 5, \"y\": \"\nmigrate: onConnect";
    let loader = Loader::new().variables(|_| Some(hostile.to_owned()));
    let text = "governance: { persistence: { type: sql, connectionString: 'sqlite:${X}' } }";
    let found = loader.load_str("g.yaml", text, Format::Yaml).unwrap_err();
    assert_eq!(found.len(), 1);
    assert!(found.iter().all(|fault| fault.problem.contains("control character")), "{found:#?}");
}

#[test]
fn an_escaped_variable_is_a_literal() {
    let keys = "type: sql, connectionString: 'sqlite:$${N}.db'";
    assert_eq!(of(keys), Persistence::Sql(SqlOptions::new("sqlite:${N}.db").unwrap()));
}

async fn in_house(options: JsonObject) -> governance_persistence::Result<Arc<dyn Backplane>> {
    match options.get("fail") {
        Some(_) => Err(governance_persistence::Error::invalid("fail", "was asked for", "no such thing")),
        None => Ok(Arc::new(InMemoryBackplane::new())),
    }
}

#[tokio::test]
async fn a_registered_type_gets_its_options() {
    let registry = Registry::default().register("in-house", in_house).unwrap();
    let text = "
governance:
  persistence:
    type: InHouse
    region: &r eu-${N}
    replicas: [1, 2.5, true, null, ~, 0x10, '7', text, *r, { a: 1e2, b: '$${x}' }]
    retainHistory: true
    options: { type: inner, retainHistory: 'no' }
";
    let loader = Loader::new().registry(&registry).variables(|_| Some("7".to_owned()));
    let config = loader.load_str("g.yaml", text, Format::Yaml).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let options = JsonObject::try_from(json!({
        "region": "eu-7",
        "replicas": [1, 2.5, true, null, null, 16, "7", "text", "eu-7", {"a": 100.0, "b": "${x}"}],
        "type": "inner",
        "retainHistory": "no",
    }));
    let expected = Persistence::Custom { type_name: "in-house".to_owned(), options: options.unwrap() };
    assert_eq!(config.persistence, expected);
    config.connect(&registry).await.unwrap().ping().await.unwrap();

    let error = config.connect(&Registry::default()).await.unwrap_err();
    assert!(error.to_string().contains("in-house is not registered"), "{error}");
    let text = "governance: { persistence: { type: in-house, fail: 1 } }";
    let failing = Loader::new().registry(&registry).load_str("g.yaml", text, Format::Yaml).unwrap();
    assert!(failing.connect(&registry).await.unwrap_err().to_string().contains("was asked for"));
}

#[test]
fn a_type_is_registered_once_and_never_over_a_built_in_one() {
    for name in ["sql", "In-Memory", "redis", "tiered", "", "a b", "-", "${X}"] {
        assert!(Registry::default().register(name, in_house).is_err(), "{name}");
    }
    let registry = Registry::default().register("in-house", in_house).unwrap();
    assert!(registry.register("InHouse", in_house).is_err());
}

#[tokio::test]
async fn the_built_in_types_connect() {
    let memory = GovernanceConfig::new(Persistence::InMemory).connect(&Registry::default()).await.unwrap();
    memory.ping().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("g.db").display());
    let options = SqlOptions::new(&url).unwrap().migrate(Migrate::OnConnect);
    let sql = GovernanceConfig::new(Persistence::Sql(options)).connect(&Registry::default()).await.unwrap();
    sql.ping().await.unwrap();
    sql.close().await.unwrap();
}
