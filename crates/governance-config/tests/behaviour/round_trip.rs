//! Given any configuration that code can build, when it is written and loaded, then it is the same.

use crate::generated;
use governance::{ApprovalGate, AutomaticGate, ErrorRate, Moves, Policy, Versioning};
use governance_config::{Format, GateConfig, GovernanceConfig, Loader, Persistence, PolicyConfig, Registry};
use governance_persistence::{Backplane, InMemoryBackplane, JsonObject, TimeToLive};
use governance_persistence_redis::RedisOptions;
use governance_persistence_sql::{Migrate, SqlOptions, Synchronous};
use proptest::prelude::*;
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// Texts with a liking for what YAML and interpolation could mistake.
fn text() -> impl Strategy<Value = String> {
    let tricky = prop::sample::select(vec![
        "${X}",
        "$${",
        "$",
        "${",
        "null",
        "~",
        "true",
        "yes",
        "0x1F",
        "1e3",
        "1_000",
        ".inf",
        "-",
        "- a",
        "a: b",
        "a #b",
        "#",
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "%",
        "@",
        "`",
        "'",
        "\"",
        "\\",
        "<<",
        "<<:",
        "---",
        "...",
        "\n",
        "\n\n",
        " ",
        "\t",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{1f}",
        "\u{7f}",
        "é",
        "🦀",
        "2024-01-01",
        "12:30:45",
        "[",
        "]",
        "{",
        "}",
        ",",
        "?",
    ]);
    prop_oneof![prop::collection::vec(tricky, 0..4).prop_map(|parts| parts.concat()), "[^\\x00]{0,12}",]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object(inner).prop_map(Value::from),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((text(), value), 0..4).prop_map(|members| members.into_iter().collect())
}

fn period() -> impl Strategy<Value = Duration> {
    let hour = Duration::from_secs(3_600).as_nanos() as u64;
    prop_oneof![
        (1..=hour).prop_map(Duration::from_nanos),
        (1..=3_600_000_u64).prop_map(Duration::from_millis),
        (1..=3_600_u64).prop_map(Duration::from_secs),
    ]
}

fn sqlite() -> impl Strategy<Value = SqlOptions> {
    let path = "[a-zA-Z0-9._${}/ '\":,#é-]{0,20}";
    let file = prop::option::of(1_u64 << 20..=u64::MAX);
    (path, period(), any::<bool>(), file).prop_filter_map("a path that SQLite takes", |(path, busy, normal, file)| {
        let options = SqlOptions::new(&format!("sqlite:x{path}x")).ok()?.busy_timeout(busy).expect("within the limits");
        let options = options.synchronous(if normal { Synchronous::Normal } else { Synchronous::Full });
        Some(match file {
            Some(bytes) => options.max_file_size(bytes).expect("within the limits"),
            None => options,
        })
    })
}

fn postgres() -> impl Strategy<Value = SqlOptions> {
    let password = "[a-zA-Z0-9._${} '\":,-]{0,20}";
    let url = (prop::sample::select(vec!["postgres", "postgresql", "POSTGRES"]), password, any::<bool>());
    let times = (period(), period(), period());
    (url, 1..=64_u32, times, 0..3_usize).prop_filter_map(
        "a URL that the driver takes",
        |((scheme, password, encrypted), writers, (statement, idle, lifetime), replicas)| {
            let parameters = if encrypted { "?sslmode=verify-full&sslrootcert=ca.crt" } else { "" };
            let options = SqlOptions::new(&format!("{scheme}://u:x{password}@h:5432/db{parameters}")).ok()?;
            let options = options.writers(writers).and_then(|options| options.statement_timeout(statement));
            let options = options.and_then(|options| options.idle_timeout(idle));
            let replicas = (0..replicas).map(|number| format!("{scheme}://u:x{password}@r{number}/db"));
            let options = options.and_then(|options| options.read_replicas(replicas));
            Some(options.and_then(|options| options.max_lifetime(lifetime)).expect("within the limits"))
        },
    )
}

fn mysql() -> impl Strategy<Value = SqlOptions> {
    let password = "[a-zA-Z0-9._${} '\":,-]{0,20}";
    let url = (prop::sample::select(vec!["mysql", "mariadb", "MySQL"]), password, any::<bool>());
    (url, 1..=64_u32, (period(), period(), period()), 0..3_usize).prop_filter_map(
        "a URL that the driver takes",
        |((scheme, password, encrypted), writers, (statement, idle, lifetime), replicas)| {
            let parameters = if encrypted { "?ssl-mode=verify_identity&ssl-ca=ca.crt" } else { "" };
            let replicas = (0..replicas).map(|number| format!("mysql://u:x{password}@r{number}/db"));
            let options = SqlOptions::new(&format!("{scheme}://u:x{password}@h:3306/db{parameters}")).ok()?;
            let options = options.read_replicas(replicas).expect("the same password").writers(writers);
            let options = options.and_then(|options| options.statement_timeout(statement));
            let options = options.and_then(|options| options.idle_timeout(idle));
            Some(options.and_then(|options| options.max_lifetime(lifetime)).expect("within the limits"))
        },
    )
}

fn sql() -> impl Strategy<Value = SqlOptions> {
    let of_engine = prop_oneof![sqlite(), postgres(), mysql()];
    (of_engine, 1..=1_000_u32, period(), any::<bool>()).prop_map(|(options, connections, acquire, migrate)| {
        let options = options.max_connections(connections).and_then(|options| options.acquire_timeout(acquire));
        options.expect("within the limits").migrate(if migrate { Migrate::OnConnect } else { Migrate::Never })
    })
}

fn redis() -> impl Strategy<Value = RedisOptions> {
    let password = "[a-zA-Z0-9._${} '\":,-]{0,20}";
    let schemes = vec!["redis", "redis-cluster", "valkey", "REDIS"];
    let texts = (prop::sample::select(schemes), password, "[^\\x00-\\x1f\\x7f-\\x9f{}]{0,12}");
    let times = (period(), period(), period());
    (texts, 1..=1_000_usize, times, 0..=100_usize, any::<bool>()).prop_filter_map(
        "a URL and a prefix that Redis takes",
        |((scheme, password, prefix), connections, (connect, command, reconnect), replicas, evict)| {
            let options = RedisOptions::new(&format!("{scheme}://u:x{password}@h:6379")).ok()?.prefix(&prefix).ok()?;
            let options = options.connections(connections).and_then(|options| options.connect_timeout(connect));
            let options = options.and_then(|options| options.command_timeout(command));
            let options = options.and_then(|options| options.max_reconnect_delay(reconnect));
            let options = options.and_then(|options| options.wait_replicas(replicas)).expect("within the limits");
            Some(options.allow_eviction(evict))
        },
    )
}

fn options() -> impl Strategy<Value = JsonObject> {
    object(json()).prop_filter_map("a JSON object", |options| JsonObject::try_from(Value::Object(options)).ok())
}

fn persistence() -> impl Strategy<Value = Persistence> {
    let custom = options().prop_map(|options| Persistence::Custom { type_name: "in-house".to_owned(), options });
    let engines = prop_oneof![sql().prop_map(Persistence::Sql), redis().prop_map(Persistence::Redis)];
    prop_oneof![Just(Persistence::InMemory), engines, custom]
}

/// The first of each name; two gates or policies of one name cannot be built.
fn distinct<T>(items: Vec<T>, name: impl Fn(&T) -> Option<String>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.into_iter().filter(|item| name(item).is_none_or(|name| seen.insert(name))).collect()
}

fn gate_name(gate: &GateConfig) -> Option<String> {
    match gate {
        GateConfig::Automatic(gate) => Some(gate.name().to_owned()),
        GateConfig::Manual(gate) => Some(gate.name().to_owned()),
        GateConfig::RoleBased(gate) => Some(gate.name().to_owned()),
        _ => None,
    }
}

fn policy_name(policy: &PolicyConfig) -> Option<String> {
    match policy {
        PolicyConfig::TrafficLimit(policy) => Some(policy.name().to_owned()),
        PolicyConfig::ErrorRate(policy) => Some(policy.name().to_owned()),
        PolicyConfig::TimeWindow(policy) => Some(policy.name().to_owned()),
        PolicyConfig::ConflictPrevention(policy) => Some(policy.name().to_owned()),
        _ => None,
    }
}

fn config() -> impl Strategy<Value = GovernanceConfig> {
    let gates = prop::collection::vec(generated::gate(text().boxed(), options()), 0..4);
    let policies = prop::collection::vec(generated::policy(text().boxed(), options()), 0..4);
    let waiting = prop::option::of(1..=366 * 86_400_000_u64);
    let periods = (prop::option::of(any::<Duration>()), prop::option::of(any::<Duration>()));
    (persistence(), generated::state(), any::<bool>(), waiting, periods, gates, policies).prop_map(
        |(persistence, initial, automatic, waiting, (deadline, remember_for), gates, policies)| {
            let mut config = GovernanceConfig::new(persistence).initial_state(initial);
            config.versioning = if automatic { Versioning::Automatic } else { Versioning::Explicit };
            config.deadline = deadline;
            config.remember_for = remember_for;
            config.approval_requests_expire_after =
                waiting.map(|millis| TimeToLive::new(Duration::from_millis(millis)).expect("within the limits"));
            config.approval_gates = distinct(gates, gate_name);
            config.policies = distinct(policies, policy_name);
            config
        },
    )
}

/// What is made by a registered type has a name that no other has.
fn unique() -> String {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    format!("in-house {}", MADE.fetch_add(1, Ordering::Relaxed))
}

fn registry() -> Registry {
    let everywhere = Moves::all();
    let registry = Registry::default()
        .register("in-house", |_: JsonObject| async { Ok(Arc::new(InMemoryBackplane::new()) as Arc<dyn Backplane>) })
        .and_then(|registry| registry.register_gate("in-house", move |_| Ok(AutomaticGate::new(unique(), everywhere))))
        .and_then(|registry| registry.register_policy("in-house", |_| Ok(ErrorRate::at_most(0.5)?.named(unique()))));
    registry.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_built_is_what_is_loaded(config in config()) {
        let registry = registry();
        let loader = Loader::new().registry(&registry).variables(|_| None);
        let (yaml, json) = (config.to_yaml(), config.to_json());
        let from_yaml = loader.load_str("g.yaml", &yaml, Format::Yaml);
        prop_assert_eq!(from_yaml.as_ref().ok(), Some(&config), "{:?}\n{:#?}", yaml, from_yaml);
        let from_json = loader.load_str("g.json", &json, Format::Json);
        prop_assert_eq!(from_json.as_ref().ok(), Some(&config), "{:?}\n{:#?}", json, from_json);
    }
}

#[test]
fn only_the_options_of_the_engine_are_written() {
    for (url, has, has_not) in [
        ("sqlite:g.db", ["busyTimeout", "synchronous"], ["writers", "statementTimeout"]),
        ("postgres://u:p@h/db", ["writers", "maxLifetime"], ["busyTimeout", "synchronous"]),
        ("mysql://u:p@h/db", ["writers", "maxLifetime"], ["busyTimeout", "synchronous"]),
    ] {
        let config = GovernanceConfig::new(Persistence::Sql(SqlOptions::new(url).unwrap()));
        for written in [config.to_yaml(), config.to_json()] {
            assert!(has.iter().all(|key| written.contains(key)), "{written}");
            assert!(!has_not.iter().any(|key| written.contains(key)), "{written}");
        }
    }
}
