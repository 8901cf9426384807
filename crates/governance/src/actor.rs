//! Who acts.

use std::collections::BTreeSet;

/// Who acts, as the caller's authentication established it: a name, and the roles that come with it.
///
/// Gates trust the roles that stand here, and no others. Build an actor where the caller was
/// authenticated, out of a verified token say, and never from what a request claims about itself;
/// metadata of a request is kept for the record and grants nothing.
///
/// Names, like roles, are compared byte for byte: `alice` and `Alice` are two people to a gate that counts
/// approvers, or keeps people from approving what they asked for. So a person needs one name, the canonical one that
/// the authentication has, and not one that was typed in.
///
/// ```
/// use governance::Actor;
///
/// let alice = Actor::new("alice").with_role("operator").with_role("sre");
/// assert!(alice.has_role("sre"));
/// assert!(!alice.has_role("SRE")); // compared byte for byte
/// assert!(Actor::from("bob").roles().next().is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    name: String,
    roles: BTreeSet<String>,
}

impl Actor {
    /// The actor of this name, without a role.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), roles: BTreeSet::new() }
    }

    /// The same with one more role.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.roles.insert(role.into());
        self
    }

    /// The same with these roles, too.
    #[must_use]
    pub fn with_roles<R: Into<String>>(mut self, roles: impl IntoIterator<Item = R>) -> Self {
        self.roles.extend(roles.into_iter().map(Into::into));
        self
    }

    /// The name, as it stands in records.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The roles, in alphabetical order.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(String::as_str)
    }

    /// Has the actor this very role?
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.contains(role)
    }
}

impl From<&str> for Actor {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Actor {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}
