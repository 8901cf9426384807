//! Who acts, on whose word, and with which roles.

use crate::failure::Failure;
use clap::Args;

/// Who writes.
#[derive(Debug, Args)]
pub(crate) struct ActorArgs {
    /// Who does it; without it, the user of this shell
    #[arg(long, env = "GOVERNANCE_ACTOR", hide_env_values = true, value_name = "NAME")]
    actor: Option<String>,
    /// A role that they have, for gates that ask for one; may be repeated, or a list with commas. The
    /// command trusts its operator: nobody checks who somebody is, nor which roles they have
    #[arg(
        long = "role",
        env = "GOVERNANCE_ROLES",
        hide_env_values = true,
        value_name = "ROLE",
        value_delimiter = ',',
        action = clap::ArgAction::Append
    )]
    roles: Vec<String>,
}

impl ActorArgs {
    /// The actor, who must have a name; an empty one is none, and so is an empty role.
    pub(crate) fn read(&self) -> Result<governance::Actor, Failure> {
        let named = |name: &String| !name.is_empty();
        let given = self.actor.clone().filter(named).or_else(|| std::env::var("USER").ok()).filter(named);
        let name = given.ok_or_else(|| {
            Failure::usage("nobody is named as the one who does it", "say --actor NAME, or set GOVERNANCE_ACTOR")
        })?;
        let roles = self.roles.iter().map(|role| role.trim()).filter(|role| !role.is_empty());
        Ok(governance::Actor::new(name).with_roles(roles))
    }
}
