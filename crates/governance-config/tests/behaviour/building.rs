//! Given a configuration, when it is built, then the managers do what it says.

use crate::given::load;
use governance::persistence::{Backplane, Error, ExperimentKey, InMemoryBackplane, Json, JsonObject, LifecycleState};
use governance::{Actor, ErrorRate, ManualGate, Moves, Telemetry, TransitionRequest};
use governance_config::{Diagnostics, Format, GateConfig, GovernanceConfig, Loader, Persistence, Registry};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn key() -> ExperimentKey {
    ExperimentKey::new("checkout").unwrap()
}

#[tokio::test]
async fn what_is_built_is_ready() {
    let config = load("governance: { persistence: { type: inMemory } }", Format::Yaml).unwrap();
    let governance = config.build(&Registry::default()).await.unwrap();

    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice");
    governance.lifecycle().transition(&key(), &submit).await.unwrap();

    assert_eq!(governance.lifecycle().state(&key()).await.unwrap().state, LifecycleState::PendingApproval);
}

#[tokio::test]
async fn what_is_built_connects_once_and_writes_to_what_it_connected_to() {
    static CONNECTED: AtomicUsize = AtomicUsize::new(0);
    let backplane = Arc::new(InMemoryBackplane::new());
    let shared = Arc::clone(&backplane);
    let registry = Registry::default()
        .register("in-house", move |_: JsonObject| {
            CONNECTED.fetch_add(1, Ordering::SeqCst);
            let shared = Arc::clone(&shared);
            async move { Ok(shared as Arc<dyn Backplane>) }
        })
        .unwrap();
    let persistence = Persistence::Custom { type_name: "in-house".to_owned(), options: JsonObject::empty() };

    let governance = GovernanceConfig::new(persistence).build(&registry).await.unwrap();
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice");
    governance.lifecycle().transition(&key(), &submit).await.unwrap();

    assert_eq!(CONNECTED.load(Ordering::SeqCst), 1);
    let head = backplane.head(&key(), governance::persistence::Consistency::Strong).await.unwrap();
    assert_eq!(head.sequence.get(), 1);
}

/// A registry with an in-house gate and policy.
fn in_house() -> Registry {
    let registry = Registry::default()
        .register_gate("in-house", |options: JsonObject| {
            let name = options.get("name").and_then(|name| name.as_str().map(str::to_owned));
            let name = name.ok_or_else(|| Error::invalid("name", "is missing", "the gate's name"))?;
            if name == "hunter2" {
                return Err(Error::invalid("name", "is hunter2", "another one").into());
            }
            Ok(ManualGate::new(name, Moves::into(LifecycleState::PendingApproval)))
        })
        .and_then(|registry| {
            registry.register_policy("in-house", |_| {
                Ok(ErrorRate::at_most(0.0)?.named("no-errors").on([Moves::into(LifecycleState::PendingApproval)]))
            })
        });
    registry.unwrap()
}

/// The configuration that this text is, loaded with those.
fn loaded(text: &str) -> Result<GovernanceConfig, Diagnostics> {
    let text = format!("governance:\n  persistence: {{ type: inMemory }}\n{text}");
    let variables = |name: &str| (name == "NAME").then(|| "hunter2".to_owned());
    Loader::new().registry(&in_house()).variables(variables).load_str("g.yaml", &text, Format::Yaml)
}

/// Governance as this text says.
async fn built(text: &str) -> governance::Result<governance::Governance> {
    let config = loaded(text).unwrap_or_else(|faults| panic!("{text}: {faults:#?}"));
    config.build(&in_house()).await
}

#[tokio::test]
async fn gates_policies_and_the_initial_state_are_in_force() {
    let governance = built(
        "  initialState: Approved
  approvalGates:
    - { type: roleBased, fromState: Approved, toState: any, allowedRoles: [sre], name: operators }
  policies:
    - { type: trafficLimit, maxTrafficPercentage: 10 }
",
    )
    .await
    .unwrap();
    let run = |actor: Actor, percent| {
        let measured = Telemetry::none().traffic_percentage(percent);
        TransitionRequest::to(LifecycleState::Running, actor).telemetry(measured)
    };

    let refused = governance.lifecycle().transition(&key(), &run("alice".into(), 50.0)).await.unwrap_err();
    let said = refused.to_string();
    assert!(said.contains("alice has none of the roles sre") && said.contains("where 10 % are allowed"), "{said}");

    let sre = Actor::new("carol").with_role("sre");
    governance.lifecycle().transition(&key(), &run(sre, 5.0)).await.unwrap();
}

#[tokio::test]
async fn versions_are_appended_by_transitions_only_where_the_file_says_so() {
    for (keys, appended) in
        [("", false), ("  enableAutoVersioning: false\n", false), ("  enableAutoVersioning: true\n", true)]
    {
        let governance = built(keys).await.unwrap();
        let carries = TransitionRequest::to(LifecycleState::PendingApproval, "alice")
            .configuration(Json::parse(r#"{"traffic": 5}"#).unwrap());
        let answer = governance.lifecycle().transition(&key(), &carries).await;
        assert_eq!(answer.is_ok(), appended, "{keys}: {answer:?}");
        assert_eq!(governance.versions().latest(&key()).await.unwrap().is_some(), appended, "{keys}");
    }
}

#[tokio::test]
async fn registered_gates_and_policies_get_their_options_and_are_in_force() {
    let governance = built(
        "  approvalGates: [{ type: InHouse, options: { name: board } }]
  policies: [{ type: in-house }]
",
    )
    .await
    .unwrap();
    let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice");
    let refused = governance.lifecycle().transition(&key(), &submit).await.unwrap_err();
    let said = refused.to_string();
    assert!(said.contains("board") && said.contains("no-errors"), "{said}");

    let own = GateConfig::Custom { type_name: "in-house".to_owned(), options: JsonObject::empty() };
    let config = GovernanceConfig::new(Persistence::InMemory).approval_gate(own);
    let error = config.build(&Registry::default()).await.unwrap_err();
    assert!(error.to_string().contains("in-house is not registered"), "{error}");
}

#[tokio::test]
async fn what_a_registered_type_refuses_is_told_with_its_line_and_beside_all_else() {
    let faults = loaded(
        "  approvalGates:
    - { type: in-house }
    - { type: in-house, name: b }
    - { type: in-house, options: { name: b } }
    - { type: automatic, fromState: Draft, toState: Nowhere }
  policies:
    - { type: in-house }
    - { type: errorRate, maxErrorRate: 0.5, name: no-errors }
",
    )
    .unwrap_err();
    let told: Vec<_> = faults.iter().map(|fault| (fault.line, fault.column, fault.to_string())).collect();
    let at = |line, column| (Some(line), Some(column));
    let places: Vec<_> = told.iter().map(|(line, column, _)| (*line, *column)).collect();
    assert_eq!(places, [at(4, 7), at(6, 7), at(7, 53), at(10, 7)], "{told:#?}");
    assert_eq!(told[0].2, "governance.approvalGates[0]: is refused by its type: name is missing");
    assert_eq!(faults.iter().next().unwrap().expected, "the gate's name");
    assert_eq!(told[1].2, "governance.approvalGates[2]: has the name of governance.approvalGates[1]");
    assert_eq!(told[3].2, "governance.policies[1]: has the name of governance.policies[0]");

    // What came from a variable is shown by no diagnostic; so the type says it when governance is built.
    let error = built("  approvalGates: [{ type: in-house, options: { name: '${NAME}' } }]\n").await.unwrap_err();
    assert!(error.to_string().contains("name is hunter2"), "{error}");
}

#[test]
fn built_in_gates_and_policies_keep_their_names() {
    let gate = |name: &str| Registry::default().register_gate(name, |_| Ok(ManualGate::new("g", Moves::all())));
    let policy = |name: &str| Registry::default().register_policy(name, |_| ErrorRate::at_most(0.5));
    assert!(["automatic", "Manual", "role-based", "", "a b"].iter().all(|name| gate(name).is_err()));
    assert!(["traffic-limit", "ERRORRATE", "timeWindow", "$"].iter().all(|name| policy(name).is_err()));
    // A sort knows only its own.
    assert!(gate("errorRate").is_ok() && policy("manual").is_ok());
}
