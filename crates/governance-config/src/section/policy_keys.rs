//! The keys of the built-in policies, and what they become.

use super::moves::{MoveKeys, MovesSection};
use crate::interpolation::escape;
use crate::reading::{At, Keys, Reading, Source};
use crate::setting::{
    Choice, Decimal, INTERPOLATED, List, Name, Named, Names, NamesOrAny, Percentage, Period, Pointer, Setting, Share,
    TimeOfDay,
};
use governance::{ConflictPrevention, ErrorRate, Moves, Policy, TimeWindow, TimeZone, TrafficLimit};
use governance_persistence::Severity;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

section! {
    /// What all built-in policies have.
    RuleKeys {
        /// The policy's name in records; left out, its type.
        optional "name" => name: Name,
        /// How bad it is not to comply. Only `critical`, the default, blocks a move.
        optional "severity" => severity: Choice<Severity>,
        /// The moves that it guards, in place of those that its type guards by itself.
        optional "moves" => moves: List<MovesSection>,
    }
}

section! {
    /// What `type: trafficLimit` has.
    TrafficKeys {
        /// The share of traffic that is allowed, in percent.
        required "maxTrafficPercentage" => max: Decimal<Percentage>,
        /// After so long in Running or Ramping without a change the limit is lifted.
        optional "minStableTime" => min_stable_time: Period,
        /// Where in the configuration the share stands, as a JSON Pointer. Left out, telemetry says it.
        optional "configuredAt" => configured_at: Pointer,
    }
}

section! {
    /// What `type: errorRate` has.
    ErrorKeys {
        /// The share of requests that may fail, from 0 to 1.
        required "maxErrorRate" => max: Decimal<Share>,
    }
}

section! {
    /// What `type: timeWindow` has.
    WindowKeys {
        /// When the window opens, every day.
        required "allowedStartTime" => start: TimeOfDay,
        /// When it closes; before the start it is a time of the next day.
        required "allowedEndTime" => end: TimeOfDay,
        /// By whose clocks: UTC, an offset from it, or a place. Left out, UTC.
        optional "timeZone" => time_zone: ZoneName,
    }
}

section! {
    /// What `type: conflictPrevention` has.
    ConflictKeys {
        /// The experiments that may not be live at the same time, or `any`.
        required "conflictingExperiments" => experiments: NamesOrAny,
    }
}

impl Named for Severity {
    const NAMES: &'static [(&'static str, Self)] =
        &[("info", Self::Info), ("warning", Self::Warning), ("error", Self::Error), ("critical", Self::Critical)];
}

/// The setters that the built-in policies have in common.
macro_rules! ruled {
    ($rule:expr, $policy:expr) => {{
        let mut policy = $policy;
        if let Some(name) = &$rule.name {
            policy = policy.named(name.get());
        }
        if let Some(Choice(severity)) = $rule.severity {
            policy = policy.severity(severity);
        }
        if let Some(moves) = $rule.moves() {
            policy = policy.on(moves);
        }
        policy
    }};
}

impl RuleKeys {
    /// The keys that say this.
    pub(super) fn of(policy: &impl Policy, moves: &[Moves]) -> Self {
        Self {
            name: Some(Name::of(policy.name())),
            severity: Some(Choice(Policy::severity(policy))),
            moves: Some(List(moves.iter().map(|moves| MovesSection(MoveKeys::of(*moves))).collect())),
        }
    }

    fn moves(&self) -> Option<Vec<Moves>> {
        self.moves.as_ref().and_then(|List(moves)| moves.iter().map(|section| section.0.pattern()).collect())
    }
}

impl TrafficKeys {
    pub(super) fn of(policy: &TrafficLimit) -> Self {
        Self {
            max: Some(Decimal::of(policy.get_percent())),
            min_stable_time: policy.get_min_stable_time().map(Period),
            configured_at: policy.get_configured_at().map(|pointer| Pointer(pointer.to_owned())),
        }
    }

    /// The policy; none when it is faulty, which was said.
    pub(super) fn policy(self, rule: &RuleKeys) -> Option<TrafficLimit> {
        let mut policy = TrafficLimit::percent(self.max?.0).ok()?;
        if let Some(Period(time)) = self.min_stable_time {
            policy = policy.min_stable_time(time);
        }
        if let Some(Pointer(pointer)) = self.configured_at {
            policy = policy.configured_at(pointer);
        }
        Some(ruled!(rule, policy))
    }
}

impl ErrorKeys {
    pub(super) fn of(policy: &ErrorRate) -> Self {
        Self { max: Some(Decimal::of(policy.get_max())) }
    }

    pub(super) fn policy(self, rule: &RuleKeys) -> Option<ErrorRate> {
        let policy = ErrorRate::at_most(self.max?.0).ok()?;
        Some(ruled!(rule, policy))
    }
}

impl WindowKeys {
    pub(super) fn of(policy: &TimeWindow) -> Self {
        Self {
            start: Some(TimeOfDay(policy.get_start())),
            end: Some(TimeOfDay(policy.get_end())),
            time_zone: Some(ZoneName(policy.get_time_zone().clone())),
        }
    }

    /// The policy; that the window is none is said here.
    pub(super) fn policy(self, rule: &RuleKeys, keys: &Keys<'_>, reading: &mut Reading<'_>) -> Option<TimeWindow> {
        let (start, end) = (self.start?, self.end?);
        let Ok(mut policy) = TimeWindow::daily(start.0, end.0) else {
            let at = keys.peek("allowedEndTime").unwrap_or_else(|| keys.at().clone());
            reading.fault(&at, "is the start, too: that could be all day, or never", "another time");
            return None;
        };
        if let Some(ZoneName(zone)) = self.time_zone {
            policy = policy.time_zone(zone);
        }
        Some(ruled!(rule, policy))
    }
}

impl ConflictKeys {
    pub(super) fn of(policy: &ConflictPrevention) -> Self {
        let experiments = policy.get_experiments().map(Names::of);
        Self { experiments: Some(experiments.map_or(NamesOrAny::Any, NamesOrAny::Names)) }
    }

    pub(super) fn policy(self, rule: &RuleKeys) -> Option<ConflictPrevention> {
        let policy = match self.experiments? {
            NamesOrAny::Any => ConflictPrevention::with_any(),
            NamesOrAny::Names(names) => ConflictPrevention::with(names.texts()),
        };
        Some(ruled!(rule, policy))
    }
}

/// A time zone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ZoneName(TimeZone);

const EXPECTED_ZONE: &str = "`UTC`, an offset such as `+05:30`, or an IANA name such as `Europe/Berlin`";

impl Setting for ZoneName {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let zone = reading.text(at, EXPECTED_ZONE)?.parse().ok();
        if zone.is_none() {
            reading.fault(at, format!("{} is no time zone", at.shown()), EXPECTED_ZONE);
        }
        zone.map(Self)
    }
}

impl Serialize for ZoneName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&escape(&self.0.to_string()))
    }
}

impl JsonSchema for ZoneName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TimeZone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = format!(r"^[-+][0-9]{{2}}:[0-5][0-9](:[0-5][0-9])?$|^[A-Za-z][A-Za-z0-9_+/-]*$|{INTERPOLATED}");
        json_schema!({ "type": "string", "pattern": pattern, "examples": ["UTC", "+05:30", "Europe/Berlin"] })
    }
}
