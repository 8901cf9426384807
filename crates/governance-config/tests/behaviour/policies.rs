//! Given policies in a file, when it is loaded, then they are those that code would build, or what
//! is wrong with them is said.

use crate::given::load;
use governance::persistence::{LifecycleState, Severity};
use governance::{ConflictPrevention, ErrorRate, Moves, TimeWindow, TrafficLimit};
use governance_config::{Format, GovernanceConfig, Persistence, PolicyConfig};
use std::time::Duration;
use time::macros::{offset, time};

fn text(policies: &str) -> String {
    format!("governance:\n  persistence: {{ type: inMemory }}\n  policies:\n{policies}")
}

fn of(policies: &str) -> Vec<PolicyConfig> {
    let text = text(policies);
    load(&text, Format::Yaml).unwrap_or_else(|faults| panic!("{text}: {faults:#?}")).policies
}

/// The one fault of a policy with these keys: problem and what would be right.
fn fault(keys: &str) -> String {
    let found = load(&text(&format!("    - {{ {keys} }}\n")), Format::Yaml).expect_err(keys);
    let said: Vec<_> = found.iter().map(|fault| format!("{fault} | {}", fault.expected)).collect();
    assert_eq!(said.len(), 1, "{keys}: {said:#?}");
    said.concat()
}

#[test]
fn policies_are_those_that_code_builds() {
    let read = of("
    - { type: trafficLimit, maxTrafficPercentage: 10.0, minStableTime: '00:30:00' }
    - { type: errorRate, maxErrorRate: 0.05 }
    - { type: timeWindow, allowedStartTime: 09:00, allowedEndTime: 17:00 }
    - { type: conflictPrevention, conflictingExperiments: [checkout-redesign, new-basket] }
");
    let config = GovernanceConfig::new(Persistence::InMemory)
        .policy(TrafficLimit::percent(10.0).unwrap().min_stable_time(Duration::from_secs(1_800)))
        .policy(ErrorRate::at_most(0.05).unwrap())
        .policy(TimeWindow::daily(time!(09:00), time!(17:00)).unwrap())
        .policy(ConflictPrevention::with(["new-basket", "checkout-redesign"]));
    assert_eq!(read, config.policies);
}

#[test]
fn a_policy_may_have_a_name_a_severity_and_moves_of_its_own() {
    let read = of("
    - type: Traffic-Limit
      name: half
      maxTrafficPercentage: '${HALF:-50}'
      configuredAt: /rollout/percent
      severity: Warning
      moves: [{ fromState: Ramping, toState: running }, { fromState: any, toState: Paused }]
    - { type: conflictPrevention, conflictingExperiments: any, moves: [] }
    - { type: timeWindow, name: berlin, allowedStartTime: '22:00', allowedEndTime: '04:00:30', timeZone: Europe/Berlin }
    - { type: timeWindow, name: delhi, allowedStartTime: '09:00', allowedEndTime: '17:00', timeZone: '+05:30' }
");
    let moves = [Moves::between(LifecycleState::Ramping, LifecycleState::Running), Moves::into(LifecycleState::Paused)];
    let half = TrafficLimit::percent(50.0).unwrap().configured_at("/rollout/percent").named("half");
    let berlin = TimeWindow::daily(time!(22:00), time!(04:00:30)).unwrap().time_zone("Europe/Berlin".parse().unwrap());
    let delhi = TimeWindow::daily(time!(09:00), time!(17:00)).unwrap().offset(offset!(+5:30));
    let config = GovernanceConfig::new(Persistence::InMemory)
        .policy(half.severity(Severity::Warning).on(moves))
        .policy(ConflictPrevention::with_any().on([]))
        .policy(berlin.named("berlin"))
        .policy(delhi.named("delhi"));
    assert_eq!(read, config.policies);
}

#[test]
fn what_is_wrong_with_a_policy_is_said() {
    const WINDOW: &str = "type: timeWindow, allowedStartTime: '09:00'";
    for (keys, words) in [
        ("type: trafficLimits, maxTrafficPercentage: 5", "did you mean `trafficLimit`?"),
        ("type: oracle, anything: 5", "the type `oracle` of a policy is unknown"),
        ("type: trafficLimit", "policies[0]: `maxTrafficPercentage` is missing"),
        ("type: trafficLimit, maxTrafficPercentage: 100.1", "`100.1` is out of range"),
        ("type: trafficLimit, maxTrafficPercentage: -1", "out of range"),
        ("type: trafficLimit, maxTrafficPercentage: 10%", "`10%` is not a number"),
        ("type: trafficLimit, maxTrafficPercentage: .inf", "is not a number"),
        ("type: trafficLimit, maxTrafficPercentage: 5, minStableTime: 30", "has no unit"),
        (
            "type: trafficLimit, maxTrafficPercentage: 5, configuredAt: traffic",
            "no JSON Pointer | a JSON Pointer such as",
        ),
        ("type: trafficLimit, maxTrafficPercentage: 5, maxErrorRate: 0", "`maxErrorRate` belongs to `type: errorRate`"),
        ("type: errorRate, maxErrorRate: 5", "`5` is out of range | a share from 0 to 1"),
        ("type: errorRate, maxErrorRate: ~", "has no value"),
        ("type: errorRate, maxErrorRate: 0.1, severity: fatal", "one of: `info`, `warning`, `error`, `critical`"),
        ("type: errorRate, maxErrorRate: 0.1, moves: [{ toState: Running }]", "moves[0]: `fromState` is missing"),
        ("type: errorRate, maxErrorRate: 0.1, moves: [{ fromState: any, toState: any, x: 1 }]", "moves[0].x: the key"),
        ("type: errorRate, maxErrorRate: 0.1, moves: Running", "a list"),
        (&format!("{WINDOW}, allowedEndTime: '24:00'"), "`24:00` is no time of the day"),
        (&format!("{WINDOW}, allowedEndTime: 5pm"), "midnight is `00:00`"),
        (&format!("{WINDOW}, allowedEndTime: '09:00:00'"), "allowedEndTime: is the start, too"),
        (&format!("{WINDOW}, allowedEndTime: '17:00', timeZone: CET+1"), "`Europe/Berlin`"),
        (
            "type: conflictPrevention, conflictingExperiments: checkout",
            "`checkout` is no list | a list of names, or `any`",
        ),
        ("type: conflictPrevention, conflictingExperiments: []", "is empty"),
    ] {
        let said = fault(keys);
        assert!(said.contains(words), "{keys}: {said}");
    }
    let twice = text("    - { type: errorRate, maxErrorRate: 0.1 }\n    - { type: errorRate, maxErrorRate: 0.2 }\n");
    let found = load(&twice, Format::Yaml).unwrap_err();
    let said: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["governance.policies[1]: has the name of governance.policies[0]"]);
}
