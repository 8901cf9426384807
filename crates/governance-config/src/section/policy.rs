//! An item of `policies:`, whose other keys depend on its `type`.

use super::kind::{Kind, Sort};
use super::policy_keys::{ConflictKeys, ErrorKeys, RuleKeys, TrafficKeys, WindowKeys};
use super::table::Section;
use super::{cases, custom};
use crate::reading::{At, Keys, Reading};
use crate::setting::{Labelled, Named, Setting};
use crate::{PolicyConfig, Registry, names};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;

section! {
    /// The key that every policy has.
    PolicyTypeKeys {
        /// What it goes by: a built-in type, or one that the program registered.
        required "type" => kind: Kind<PolicyType>,
    }
}

/// The built-in policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PolicyType {
    TrafficLimit,
    ErrorRate,
    TimeWindow,
    ConflictPrevention,
}

impl Named for PolicyType {
    const NAMES: &'static [(&'static str, Self)] = &[
        (PolicyConfig::BUILT_IN[0], Self::TrafficLimit),
        (PolicyConfig::BUILT_IN[1], Self::ErrorRate),
        (PolicyConfig::BUILT_IN[2], Self::TimeWindow),
        (PolicyConfig::BUILT_IN[3], Self::ConflictPrevention),
    ];
}

impl Sort for PolicyType {
    const CALLED: &'static str = "a policy";

    fn find<'r>(registry: &'r Registry, name: &str) -> Option<&'r str> {
        registry.find_policy(name)
    }

    fn registered(registry: &Registry) -> Vec<&str> {
        registry.policy_names()
    }
}

/// A policy.
#[derive(Debug)]
pub(crate) struct PolicySection {
    pub(crate) policy: PolicyConfig,
    /// The name that a factory gave, if one was asked.
    made: Option<String>,
}

impl From<PolicyConfig> for PolicySection {
    fn from(policy: PolicyConfig) -> Self {
        Self { policy, made: None }
    }
}

impl Labelled for PolicySection {
    fn label(&self) -> Option<&str> {
        self.policy.name().or(self.made.as_deref())
    }
}

/// The keys of each type, for the others to say whose they are.
const OWN: [(&[&str], &str); 4] = [
    (TrafficKeys::KEYS, "`type: trafficLimit`"),
    (ErrorKeys::KEYS, "`type: errorRate`"),
    (WindowKeys::KEYS, "`type: timeWindow`"),
    (ConflictKeys::KEYS, "`type: conflictPrevention`"),
];

impl Setting for PolicySection {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let mut keys = Keys::of(at, reading)?;
        match PolicyTypeKeys::read(&mut keys, reading).kind {
            Some(Kind::BuiltIn(kind)) => {
                let policy = of_type(kind, &mut keys, reading);
                keys.refuse_unknown(&OWN, &[], reading);
                policy.map(Self::from)
            }
            Some(Kind::Custom(type_name)) => {
                let options = custom::of_section(keys, reading)?;
                let made = custom::made(reading.registry.policy(&type_name, &options), at, reading);
                let made = made.map(|policy| policy.name().to_owned());
                Some(Self { policy: PolicyConfig::Custom { type_name, options }, made })
            }
            Some(Kind::Undecided) | None => {
                keys.refuse_merges(reading);
                RuleKeys::read(&mut keys, reading);
                None
            }
        }
    }
}

fn of_type(kind: PolicyType, keys: &mut Keys<'_>, reading: &mut Reading<'_>) -> Option<PolicyConfig> {
    let rule = RuleKeys::read(keys, reading);
    match kind {
        PolicyType::TrafficLimit => TrafficKeys::read(keys, reading).policy(&rule).map(PolicyConfig::from),
        PolicyType::ErrorRate => ErrorKeys::read(keys, reading).policy(&rule).map(PolicyConfig::from),
        PolicyType::TimeWindow => {
            let window = WindowKeys::read(keys, reading);
            window.policy(&rule, keys, reading).map(PolicyConfig::from)
        }
        PolicyType::ConflictPrevention => ConflictKeys::read(keys, reading).policy(&rule).map(PolicyConfig::from),
    }
}

#[derive(Serialize)]
struct Written {
    #[serde(flatten)]
    kind: PolicyTypeKeys,
    #[serde(flatten)]
    own: Option<Own>,
    #[serde(flatten)]
    rule: Option<RuleKeys>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Value>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Own {
    Traffic(TrafficKeys),
    Errors(ErrorKeys),
    Window(WindowKeys),
    Conflicts(ConflictKeys),
}

impl Written {
    fn of(kind: PolicyType, own: Own, rule: RuleKeys) -> Self {
        let kind = PolicyTypeKeys { kind: Some(Kind::BuiltIn(kind)) };
        Self { kind, own: Some(own), rule: Some(rule), options: None }
    }
}

impl Serialize for PolicySection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match &self.policy {
            PolicyConfig::TrafficLimit(policy) => {
                let rule = RuleKeys::of(policy, policy.get_moves());
                Written::of(PolicyType::TrafficLimit, Own::Traffic(TrafficKeys::of(policy)), rule)
            }
            PolicyConfig::ErrorRate(policy) => {
                let rule = RuleKeys::of(policy, policy.get_moves());
                Written::of(PolicyType::ErrorRate, Own::Errors(ErrorKeys::of(policy)), rule)
            }
            PolicyConfig::TimeWindow(policy) => {
                let rule = RuleKeys::of(policy, policy.get_moves());
                Written::of(PolicyType::TimeWindow, Own::Window(WindowKeys::of(policy)), rule)
            }
            PolicyConfig::ConflictPrevention(policy) => {
                let rule = RuleKeys::of(policy, policy.get_moves());
                Written::of(PolicyType::ConflictPrevention, Own::Conflicts(ConflictKeys::of(policy)), rule)
            }
            PolicyConfig::Custom { type_name, options } => Written {
                kind: PolicyTypeKeys { kind: Some(Kind::Custom(type_name.clone())) },
                own: None,
                rule: None,
                options: Some(custom::written(options)),
            },
        };
        written.serialize(serializer)
    }
}

impl JsonSchema for PolicySection {
    fn schema_name() -> Cow<'static, str> {
        "Policy".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kind = PolicyTypeKeys::json_schema(generator);
        let rule = RuleKeys::json_schema(generator);
        let case = |of: PolicyType, own: Schema| {
            cases::when(&names::pattern(of.name()), &cases::merged(&[&kind, &own, &rule], None))
        };
        json_schema!({
            "description": "A policy that guards moves.",
            "type": "object",
            "required": ["type"],
            "properties": kind.get("properties"),
            "allOf": [
                case(PolicyType::TrafficLimit, TrafficKeys::json_schema(generator)),
                case(PolicyType::ErrorRate, ErrorKeys::json_schema(generator)),
                case(PolicyType::TimeWindow, WindowKeys::json_schema(generator)),
                case(PolicyType::ConflictPrevention, ConflictKeys::json_schema(generator)),
            ],
        })
    }
}
