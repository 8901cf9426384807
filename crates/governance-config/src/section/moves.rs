//! Which moves a gate or a policy is about.

use super::table::Section;
use crate::names;
use crate::reading::{At, Keys, Reading};
use crate::setting::{Choice, Setting, names_schema};
use governance::{LifecycleTable, Moves};
use governance_persistence::LifecycleState;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;

section! {
    /// A pattern of moves.
    MoveKeys {
        /// The state that they leave, or `any`.
        required "fromState" => from: Choice<Option<LifecycleState>>,
        /// The state that they enter, or `any`.
        required "toState" => to: Choice<Option<LifecycleState>>,
    }
}

impl MoveKeys {
    /// The keys that say this.
    pub(super) fn of(moves: Moves) -> Self {
        Self { from: Some(Choice(moves.get_from())), to: Some(Choice(moves.get_to())) }
    }

    /// What the keys of this mapping say; none when one is faulty, or the lifecycle has no such move.
    pub(super) fn moves(keys: &mut Keys<'_>, reading: &mut Reading<'_>) -> Option<Moves> {
        let moves = Self::read(keys, reading).pattern()?;
        let table = LifecycleTable::standard();
        let successors = |from: LifecycleState| table.successors(from).into_iter().map(move |to| (from, to));
        if LifecycleState::ALL.into_iter().flat_map(successors).any(|(from, to)| moves.include(from, to)) {
            return Some(moves);
        }
        let (from, to) = (keys.peek("fromState")?, keys.peek("toState")?);
        let after = moves.get_from().map(|from| table.successors(from)).unwrap_or_default();
        if after.is_empty() {
            reading.fault(&from, format!("no move leaves {}", from.shown()), "a state that is not the end");
        } else {
            let after: Vec<_> = after.into_iter().map(LifecycleState::as_str).chain(["any"]).collect();
            let problem = format!("no move leads from {} to {}", from.shown(), to.shown());
            reading.fault(&to, problem, format!("one of: {}", names::listed(&after)));
        }
        None
    }

    /// What they say; none when one is faulty.
    pub(super) fn pattern(&self) -> Option<Moves> {
        Some(match (self.from?.0, self.to?.0) {
            (Some(from), Some(to)) => Moves::between(from, to),
            (Some(from), None) => Moves::out_of(from),
            (None, Some(to)) => Moves::into(to),
            (None, None) => Moves::all(),
        })
    }

    /// What of these keys there is, of a mapping whose type is not known: that one is missing is not said.
    pub(super) fn check_what_is_there(keys: &Keys<'_>, reading: &mut Reading<'_>) {
        for at in Self::KEYS.iter().filter_map(|key| keys.peek(key)) {
            Choice::<Option<LifecycleState>>::read(&at, reading);
        }
    }
}

/// A pattern of moves, as an item of a list.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct MovesSection(pub(super) MoveKeys);

impl Setting for MovesSection {
    fn read(at: &At<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let mut keys = Keys::of(at, reading)?;
        let moves = MoveKeys::moves(&mut keys, reading);
        keys.refuse_unknown(&[], &[], reading);
        moves.map(|moves| Self(MoveKeys::of(moves)))
    }
}

impl JsonSchema for MovesSection {
    fn schema_name() -> Cow<'static, str> {
        "Moves".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut keys = MoveKeys::json_schema(generator);
        keys.insert("allOf".to_owned(), json!([generator.subschema_for::<LifecycleMove>()]));
        keys
    }
}

/// The part of the schema that knows which moves the standard lifecycle has.
pub(super) struct LifecycleMove;

impl JsonSchema for LifecycleMove {
    fn schema_name() -> Cow<'static, str> {
        "LifecycleMove".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let table = LifecycleTable::standard();
        let from = |from: LifecycleState| {
            let after: Vec<_> = table.successors(from).into_iter().map(LifecycleState::as_str).collect();
            let then = match after.as_slice() {
                [] => json!({ "not": {}, "description": format!("No move leaves {from}.") }),
                after => Value::from(names_schema(&[after, &["any"]].concat())),
            };
            let is_it = json!({ "type": "string", "pattern": names::pattern(from.as_str()) });
            json!({
                "if": { "required": ["fromState"], "properties": { "fromState": is_it } },
                "then": { "properties": { "toState": then } },
            })
        };
        json_schema!({ "allOf": LifecycleState::ALL.map(from) })
    }
}
