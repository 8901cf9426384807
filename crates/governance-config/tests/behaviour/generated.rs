//! Generated gates and policies: any that files can have.

use governance::persistence::limits::MAX_LABEL_CHARS;
use governance::persistence::{JsonObject, LifecycleState, Severity};
use governance::{
    AutomaticGate, ConflictPrevention, ErrorRate, ManualGate, Moves, Quorum, RoleBasedGate, SelfApproval, TimeWindow,
    TimeZone, TrafficLimit,
};
use governance_config::{GateConfig, PolicyConfig};
use proptest::prelude::*;
use std::time::Duration;
use time::{Time, UtcOffset};

pub(crate) fn state() -> impl Strategy<Value = LifecycleState> {
    prop::sample::select(LifecycleState::ALL.to_vec())
}

fn moves() -> impl Strategy<Value = Moves> {
    (prop::option::of(state()), prop::option::of(state()))
        .prop_map(|(from, to)| match (from, to) {
            (Some(from), Some(to)) => Moves::between(from, to),
            (Some(from), None) => Moves::out_of(from),
            (None, Some(to)) => Moves::into(to),
            (None, None) => Moves::all(),
        })
        .prop_filter("the lifecycle has such a move", |moves| {
            LifecycleState::ALL.into_iter().any(|from| from.successors().iter().any(|to| moves.include(from, *to)))
        })
}

/// A text that fits into a record.
fn name(text: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    text.prop_map(|text| {
        let line: String = text.chars().filter(|c| !c.is_control()).take(MAX_LABEL_CHARS).collect();
        Some(line.trim()).filter(|line| !line.is_empty()).unwrap_or("name").to_owned()
    })
}

fn names(text: BoxedStrategy<String>) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(name(text), 1..4)
}

/// A gate; `text` and `options` are what its names and its options are made of.
pub(crate) fn gate(
    text: BoxedStrategy<String>,
    options: impl Strategy<Value = JsonObject>,
) -> impl Strategy<Value = GateConfig> {
    let quorum = (1..=u32::MAX, any::<bool>()).prop_map(|(approvals, forbidden)| {
        let rule = if forbidden { SelfApproval::Forbidden } else { SelfApproval::Allowed };
        Quorum::of(approvals).unwrap().self_approval(rule)
    });
    prop_oneof![
        (name(text.clone()), moves()).prop_map(|(name, moves)| AutomaticGate::new(name, moves).into()),
        (name(text.clone()), moves(), quorum)
            .prop_map(|(name, moves, quorum)| ManualGate::new(name, moves).quorum(quorum).into()),
        (name(text.clone()), moves(), names(text)).prop_map(|(name, moves, roles)| RoleBasedGate::new(
            name, moves, roles
        )
        .unwrap()
        .into()),
        options.prop_map(|options| GateConfig::Custom { type_name: "in-house".to_owned(), options }),
    ]
}

fn severity() -> impl Strategy<Value = Severity> {
    prop::sample::select(Severity::ALL.to_vec())
}

/// What all built-in policies have: a name, a severity, and moves if not those of the type.
fn rule(text: BoxedStrategy<String>) -> BoxedStrategy<(String, Severity, Option<Vec<Moves>>)> {
    (name(text), severity(), prop::option::of(prop::collection::vec(moves(), 0..3))).boxed()
}

macro_rules! ruled {
    ($policy:expr, $rule:expr) => {{
        let (name, severity, moves) = $rule;
        let policy = $policy.named(name).severity(severity);
        PolicyConfig::from(match moves {
            Some(moves) => policy.on(moves),
            None => policy,
        })
    }};
}

fn time_of_day() -> impl Strategy<Value = Time> {
    let nanosecond = prop_oneof![Just(0), 0..1_000_000_000_u32];
    (0..24_u8, 0..60_u8, prop_oneof![Just(0), 0..60_u8], nanosecond)
        .prop_map(|(hour, minute, second, nanosecond)| Time::from_hms_nano(hour, minute, second, nanosecond).unwrap())
}

fn zone() -> impl Strategy<Value = TimeZone> {
    let places = vec!["UTC", "Etc/UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata"];
    prop_oneof![
        prop::sample::select(places).prop_map(|name| name.parse().unwrap()),
        (-86_399..=86_399_i32).prop_map(|seconds| TimeZone::fixed(UtcOffset::from_whole_seconds(seconds).unwrap())),
    ]
}

/// A policy; `text` and `options` are what its names and its options are made of.
pub(crate) fn policy(
    text: BoxedStrategy<String>,
    options: impl Strategy<Value = JsonObject>,
) -> impl Strategy<Value = PolicyConfig> {
    let rule = rule(text.clone());
    let stable = prop::option::of(any::<Duration>());
    let pointer = prop::option::of(prop::sample::select(vec!["", "/", "/traffic", "/a/0", "/${X}/~0~1", "/é b"]));
    let traffic = (0.0..=100.0, stable, pointer, rule.clone()).prop_map(|(max, stable, pointer, rule)| {
        let policy = TrafficLimit::percent(max).unwrap();
        let policy = stable.into_iter().fold(policy, TrafficLimit::min_stable_time);
        ruled!(pointer.into_iter().fold(policy, TrafficLimit::configured_at), rule)
    });
    let window = (time_of_day(), time_of_day(), zone(), rule.clone())
        .prop_filter("a window", |(start, end, ..)| start != end)
        .prop_map(|(start, end, zone, rule)| ruled!(TimeWindow::daily(start, end).unwrap().time_zone(zone), rule));
    let conflicts = (prop::option::of(names(text)), rule.clone()).prop_map(|(names, rule)| match names {
        Some(names) => ruled!(ConflictPrevention::with(names), rule),
        None => ruled!(ConflictPrevention::with_any(), rule),
    });
    prop_oneof![
        traffic,
        (0.0..=1.0, rule).prop_map(|(max, rule)| ruled!(ErrorRate::at_most(max).unwrap(), rule)),
        window,
        conflicts,
        options.prop_map(|options| PolicyConfig::Custom { type_name: "in-house".to_owned(), options }),
    ]
}
