//! What all policies of this crate have: a name, a severity, the moves they guard.

use crate::Moves;
use governance_persistence::{JsonObject, LifecycleState, Severity};
use serde_json::{Value, json};

/// The moves by which experiments are shown to more people.
pub(super) const INTO_LIVE: [Moves; 2] = [Moves::into(LifecycleState::Running), Moves::into(LifecycleState::Ramping)];

/// The moves by which experiments are shown to people that were shown to some before. One that was stopped for a
/// moment is among them: else a pause would be a way around.
pub(super) const LIVE_ON: [Moves; 4] = [
    Moves::between(LifecycleState::Running, LifecycleState::Ramping),
    Moves::between(LifecycleState::Ramping, LifecycleState::Running),
    Moves::between(LifecycleState::Paused, LifecycleState::Running),
    Moves::between(LifecycleState::Paused, LifecycleState::Ramping),
];

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) severity: Severity,
    pub(super) moves: Vec<Moves>,
}

impl Rule {
    pub(super) fn new(name: &str, moves: impl Into<Vec<Moves>>) -> Self {
        Self { name: name.to_owned(), severity: Severity::Critical, moves: moves.into() }
    }

    pub(super) fn guards(&self, from: LifecycleState, to: LifecycleState) -> bool {
        self.moves.iter().any(|moves| moves.include(from, to))
    }

    /// The parameters of a definition: these, the severity, and the moves.
    pub(super) fn parameters(&self, mut own: Value) -> JsonObject {
        if let Value::Object(members) = &mut own {
            members.retain(|_, value| !value.is_null());
            members.insert("severity".to_owned(), json!(self.severity));
            let moves: Vec<_> = self.moves.iter().map(|moves| parameter(*moves)).collect();
            members.insert("moves".to_owned(), moves.into());
        }
        // Texts and finite numbers, checked when the policy was made.
        JsonObject::try_from(own).unwrap_or_default()
    }
}

/// Moves as a definition has them, and a configuration.
fn parameter(moves: Moves) -> Value {
    let state = |state: Option<LifecycleState>| state.map_or_else(|| json!("any"), |state| json!(state));
    json!({ "fromState": state(moves.get_from()), "toState": state(moves.get_to()) })
}

/// The setters and the methods of [`Policy`](crate::Policy) that all have in common.
macro_rules! rule_setters {
    ($policy:ty) => {
        impl $policy {
            /// The same under this name, by which definitions and evaluations know it. Two policies of
            /// one kind need two names.
            #[must_use]
            pub fn named(mut self, name: impl Into<String>) -> Self {
                self.rule.name = name.into();
                self
            }

            /// The same with another severity; it is `Critical` by default, and nothing milder blocks.
            #[must_use]
            pub fn severity(mut self, severity: governance_persistence::Severity) -> Self {
                self.rule.severity = severity;
                self
            }

            /// The same, guarding these moves and no others.
            #[must_use]
            pub fn on(mut self, moves: impl IntoIterator<Item = crate::Moves>) -> Self {
                self.rule.moves = moves.into_iter().collect();
                self
            }

            /// The moves that it guards.
            pub fn get_moves(&self) -> &[crate::Moves] {
                &self.rule.moves
            }
        }
    };
}
pub(super) use rule_setters;

/// The methods of the trait that all have in common.
macro_rules! rule_methods {
    ($kind:literal) => {
        fn name(&self) -> &str {
            &self.rule.name
        }

        fn kind(&self) -> &str {
            $kind
        }

        fn severity(&self) -> governance_persistence::Severity {
            self.rule.severity
        }

        fn guards(
            &self,
            from: governance_persistence::LifecycleState,
            to: governance_persistence::LifecycleState,
        ) -> bool {
            self.rule.guards(from, to)
        }
    };
}
pub(super) use rule_methods;
