//! An item of `approvalGates:`, whose other keys depend on its `type`.

use super::kind::{Kind, Sort};
use super::moves::{LifecycleMove, MoveKeys};
use super::table::Section;
use super::{cases, custom};
use crate::reading::{At, Keys, Reading};
use crate::setting::{Choice, Count, Labelled, Name, Named, Names, Setting};
use crate::{GateConfig, Registry, names};
use governance::{AutomaticGate, ManualGate, Moves, Quorum, RoleBasedGate, SelfApproval};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::borrow::Cow;

section! {
    /// The key that every gate has.
    GateTypeKeys {
        /// How it decides: a built-in type, or one that the program registered.
        required "type" => kind: Kind<GateType>,
    }
}

section! {
    /// The key that the built-in gates have, beside those of their moves.
    GateNameKeys {
        /// The gate's name in records. Left out, it is made of the type and the states, and stays the same for as
        /// long as they do.
        optional "name" => name: Name,
    }
}

section! {
    /// What `type: manual` has.
    QuorumKeys {
        /// How many different people have to approve.
        optional "approvals" => approvals: Count<1, { u32::MAX as u64 }>,
        /// Whether people may approve what they asked for themselves.
        optional "selfApproval" => self_approval: Choice<SelfApproval>,
    }
}

section! {
    /// What `type: roleBased` has.
    RoleKeys {
        /// The roles, compared byte for byte; one of them is enough.
        required "allowedRoles" => allowed_roles: Names,
    }
}

/// The built-in gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GateType {
    Automatic,
    Manual,
    RoleBased,
}

impl Named for GateType {
    const NAMES: &'static [(&'static str, Self)] = &[
        (GateConfig::BUILT_IN[0], Self::Automatic),
        (GateConfig::BUILT_IN[1], Self::Manual),
        (GateConfig::BUILT_IN[2], Self::RoleBased),
    ];
}

impl Sort for GateType {
    const CALLED: &'static str = "a gate";

    fn find<'r>(registry: &'r Registry, name: &str) -> Option<&'r str> {
        registry.find_gate(name)
    }

    fn registered(registry: &Registry) -> Vec<&str> {
        registry.gate_names()
    }
}

impl Named for SelfApproval {
    const NAMES: &'static [(&'static str, Self)] = &[("allowed", Self::Allowed), ("forbidden", Self::Forbidden)];
}

/// A gate.
#[derive(Debug)]
pub(crate) struct GateSection {
    pub(crate) gate: GateConfig,
    /// The name that a factory gave, if one was asked.
    made: Option<String>,
}

impl From<GateConfig> for GateSection {
    fn from(gate: GateConfig) -> Self {
        Self { gate, made: None }
    }
}

impl Labelled for GateSection {
    fn label(&self) -> Option<&str> {
        self.gate.name().or(self.made.as_deref())
    }
}

const OF_MANUAL: (&[&str], &str) = (QuorumKeys::KEYS, "`type: manual`");
const OF_ROLE_BASED: (&[&str], &str) = (RoleKeys::KEYS, "`type: roleBased`");

impl Setting for GateSection {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let mut keys = Keys::of(at, reading)?;
        match GateTypeKeys::read(&mut keys, reading).kind {
            Some(Kind::BuiltIn(kind)) => of_type(kind, &mut keys, reading).map(Self::from),
            Some(Kind::Custom(type_name)) => {
                let options = custom::of_section(keys, reading)?;
                let made = custom::made(reading.registry.gate(&type_name, &options), at, reading);
                let made = made.map(|gate| gate.name().to_owned());
                Some(Self { gate: GateConfig::Custom { type_name, options }, made })
            }
            Some(Kind::Undecided) | None => {
                keys.refuse_merges(reading);
                MoveKeys::check_what_is_there(&keys, reading);
                GateNameKeys::read(&mut keys, reading);
                QuorumKeys::read(&mut keys, reading);
                if keys.peek("allowedRoles").is_some() {
                    RoleKeys::read(&mut keys, reading);
                }
                None
            }
        }
    }
}

fn of_type(kind: GateType, keys: &mut Keys<'_>, reading: &mut Reading<'_>) -> Option<GateConfig> {
    let named = GateNameKeys::read(keys, reading);
    let moves = MoveKeys::moves(keys, reading);
    let name = |moves| named.name.as_ref().map_or_else(|| default_name(kind, moves), |name| name.get().to_owned());
    match kind {
        GateType::Automatic => {
            keys.refuse_unknown(&[OF_MANUAL, OF_ROLE_BASED], &[], reading);
            moves.map(|moves| AutomaticGate::new(name(moves), moves).into())
        }
        GateType::Manual => {
            let quorum = QuorumKeys::read(keys, reading).quorum();
            keys.refuse_unknown(&[OF_ROLE_BASED], &[], reading);
            moves.map(|moves| ManualGate::new(name(moves), moves).quorum(quorum).into())
        }
        GateType::RoleBased => {
            let roles = RoleKeys::read(keys, reading).allowed_roles;
            keys.refuse_unknown(&[OF_MANUAL], &[], reading);
            let (moves, roles) = (moves?, roles?);
            // There is a role, so that it is one.
            RoleBasedGate::new(name(moves), moves, roles.texts()).ok().map(GateConfig::from)
        }
    }
}

/// The name of a gate that says none: of its type and its moves, and not of its place, so that it
/// stays the gate it is when another one is put before it.
fn default_name(kind: GateType, moves: Moves) -> String {
    format!("{}-{}-{}", kind.name(), moves.get_from().name(), moves.get_to().name())
}

impl QuorumKeys {
    fn of(quorum: Quorum) -> Self {
        let approvals = Some(Count(quorum.approvals().into()));
        Self { approvals, self_approval: Some(Choice(quorum.get_self_approval())) }
    }

    fn quorum(&self) -> Quorum {
        let approvals = self.approvals.and_then(|Count(approvals)| u32::try_from(approvals).ok());
        let quorum = approvals.and_then(|approvals| Quorum::of(approvals).ok()).unwrap_or(Quorum::ONE);
        self.self_approval.map_or(quorum, |Choice(rule)| quorum.self_approval(rule))
    }
}

#[derive(Serialize)]
struct Written {
    #[serde(flatten)]
    kind: GateTypeKeys,
    #[serde(flatten)]
    named: Option<GateNameKeys>,
    #[serde(flatten)]
    moves: Option<MoveKeys>,
    #[serde(flatten)]
    quorum: Option<QuorumKeys>,
    #[serde(flatten)]
    roles: Option<RoleKeys>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Value>,
}

impl Written {
    fn of(kind: GateType, gate: &GateConfig, moves: Moves) -> Self {
        let kind = GateTypeKeys { kind: Some(Kind::BuiltIn(kind)) };
        let named = Some(GateNameKeys { name: gate.name().map(Name::of) });
        Self { kind, named, moves: Some(MoveKeys::of(moves)), quorum: None, roles: None, options: None }
    }
}

impl Serialize for GateSection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match &self.gate {
            GateConfig::Automatic(gate) => Written::of(GateType::Automatic, &self.gate, gate.get_moves()),
            GateConfig::Manual(gate) => {
                let quorum = Some(QuorumKeys::of(gate.get_quorum()));
                Written { quorum, ..Written::of(GateType::Manual, &self.gate, gate.get_moves()) }
            }
            GateConfig::RoleBased(gate) => {
                let roles = Some(RoleKeys { allowed_roles: Some(Names::of(gate.get_roles())) });
                Written { roles, ..Written::of(GateType::RoleBased, &self.gate, gate.get_moves()) }
            }
            GateConfig::Custom { type_name, options } => Written {
                kind: GateTypeKeys { kind: Some(Kind::Custom(type_name.clone())) },
                named: None,
                moves: None,
                quorum: None,
                roles: None,
                options: Some(custom::written(options)),
            },
        };
        written.serialize(serializer)
    }
}

impl JsonSchema for GateSection {
    fn schema_name() -> Cow<'static, str> {
        "ApprovalGate".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kind = GateTypeKeys::json_schema(generator);
        let (name, moves) = (GateNameKeys::json_schema(generator), MoveKeys::json_schema(generator));
        let (quorum, roles) = (QuorumKeys::json_schema(generator), RoleKeys::json_schema(generator));
        let lifecycle = generator.subschema_for::<LifecycleMove>();
        let case = |of: GateType, own: &[&Schema]| {
            let mut keys = cases::merged(&[&[&kind, &name, &moves], own].concat(), None);
            keys["allOf"] = json!([lifecycle]);
            cases::when(&names::pattern(of.name()), &keys)
        };
        json_schema!({
            "description": "A gate before moves.",
            "type": "object",
            "required": ["type"],
            "properties": kind.get("properties"),
            "allOf": [
                case(GateType::Automatic, &[]),
                case(GateType::Manual, &[&quorum]),
                case(GateType::RoleBased, &[&roles]),
            ],
        })
    }
}
