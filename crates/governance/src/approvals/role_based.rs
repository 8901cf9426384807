//! The gate that lets roles through.

use super::{ApprovalGate, GateDecision};
use crate::{Attempt, Error, Moves, Result};
use async_trait::async_trait;
use governance_persistence::{LifecycleState, Source};
use std::collections::BTreeSet;

/// Lets through who has one of its roles, as [`Actor`](crate::Actor) says, and nobody else.
///
/// ```
/// use governance::persistence::LifecycleState::Running;
/// use governance::{Moves, RoleBasedGate};
///
/// let gate = RoleBasedGate::new("operators", Moves::into(Running), ["operator", "sre"])?;
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleBasedGate {
    name: String,
    moves: Moves,
    roles: BTreeSet<String>,
}

impl RoleBasedGate {
    /// The gate of this name before these moves, for these roles.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] without a role, because nobody could pass.
    pub fn new<R: Into<String>>(
        name: impl Into<String>,
        moves: Moves,
        roles: impl IntoIterator<Item = R>,
    ) -> Result<Self> {
        let roles: BTreeSet<String> = roles.into_iter().map(Into::into).collect();
        if roles.is_empty() {
            return Err(Error::invalid("roles", "are none", "at least one; without it nobody could pass"));
        }
        Ok(Self { name: name.into(), moves, roles })
    }

    /// The moves that it stands before.
    pub fn get_moves(&self) -> Moves {
        self.moves
    }

    /// The roles that it lets through, in alphabetical order.
    pub fn get_roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(String::as_str)
    }
}

#[async_trait]
impl ApprovalGate for RoleBasedGate {
    fn name(&self) -> &str {
        &self.name
    }

    fn guards(&self, from: LifecycleState, to: LifecycleState) -> bool {
        self.moves.include(from, to)
    }

    async fn judge(&self, attempt: &Attempt<'_>) -> Result<GateDecision, Source> {
        let actor = attempt.actor();
        Ok(match self.roles.iter().find(|role| actor.has_role(role)) {
            Some(role) => GateDecision::approve_for(actor.name(), format!("has the role {role}")),
            None => {
                let roles: Vec<_> = self.roles.iter().map(String::as_str).collect();
                GateDecision::reject(format!("{} has none of the roles {}", actor.name(), roles.join(", ")))
            }
        })
    }
}
