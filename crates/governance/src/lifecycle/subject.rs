//! Which configuration a move is about.

use crate::setup::Setup;
use crate::{Error, Result};
use governance_persistence::{
    Backplane, ConfigurationVersion, Consistency, Head, LifecycleState, LookUp, Recorded, VersionNumber,
    VersionReference,
};

/// Which configuration the caller wants the move to be about.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    /// What follows from the move: before approval the latest version, then the one in effect.
    InEffect,
    /// This version.
    Version(VersionNumber),
}

/// The configuration that a move is about.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The version; none if the experiment has none.
    pub(crate) version: Option<ConfigurationVersion>,
    /// The latest version there is.
    pub(crate) latest: Option<Recorded<ConfigurationVersion>>,
    /// Does the move put it in effect?
    pub(crate) takes_effect: bool,
    /// Does the move put it in effect in place of what was approved? Then the gates into
    /// Approved stand before the move, too.
    pub(crate) replaces_approved: bool,
}

impl Subject {
    pub(crate) fn reference(&self) -> Option<VersionReference> {
        self.version.as_ref().map(ConfigurationVersion::reference)
    }

    pub(crate) async fn of(
        setup: &Setup,
        head: &Head,
        from: LifecycleState,
        to: LifecycleState,
        choice: &Choice,
    ) -> Result<Self> {
        let latest = match head.latest_version {
            Some(_) => find(setup, head, LookUp::LatestVersion).await?,
            None => None,
        };
        let in_effect = head.state.as_ref().and_then(|state| state.configuration_version);
        let takes_effect = is_live(to) || to == LifecycleState::Approved;
        let number = match choice {
            Choice::Version(_) if !takes_effect => return Err(no_effect(to)),
            Choice::Version(number) => Some(*number),
            Choice::InEffect if keeps_configuration(from, to) => in_effect,
            Choice::InEffect => None,
        };
        let version = match (number, &latest) {
            (Some(number), Some(latest)) if latest.record.number != number => {
                let missing = || Error::NoSuchVersion { key: head.key.clone(), number, latest: head.latest_version };
                Some(find(setup, head, LookUp::Version(number)).await?.ok_or_else(missing)?.record)
            }
            (Some(number), None) => {
                return Err(Error::NoSuchVersion { key: head.key.clone(), number, latest: None });
            }
            (_, latest) => latest.as_ref().map(|latest| latest.record.clone()),
        };
        let wanted = version.as_ref().map(|version| version.number);
        let replaces_approved = is_live(to) && was_approved(from) && (wanted != in_effect || !trusted(from));
        Ok(Self { version, latest, takes_effect, replaces_approved })
    }
}

/// Is the experiment shown to anybody in this state?
pub(crate) fn is_live(state: LifecycleState) -> bool {
    matches!(state, LifecycleState::Running | LifecycleState::Ramping)
}

/// Does the move by itself leave the configuration as it is? From Approved on, what is in effect
/// stays so; the first move behind Approved, though, meets what was written since.
fn keeps_configuration(from: LifecycleState, to: LifecycleState) -> bool {
    match to {
        LifecycleState::Running | LifecycleState::Ramping => from != LifecycleState::Approved,
        LifecycleState::Paused | LifecycleState::RolledBack | LifecycleState::Archived => true,
        _ => false,
    }
}

/// Has the experiment been through Approved when it is in this state?
fn was_approved(state: LifecycleState) -> bool {
    is_live(state) || matches!(state, LifecycleState::Approved | LifecycleState::Paused | LifecycleState::RolledBack)
}

/// Is what is in effect in this state what was approved? A rollback puts in effect what it restores,
/// whether or not that was ever approved.
fn trusted(state: LifecycleState) -> bool {
    state != LifecycleState::RolledBack
}

async fn find(setup: &Setup, head: &Head, look_up: LookUp<'_>) -> Result<Option<Recorded<ConfigurationVersion>>> {
    let mut found = setup.backplane.look_up(&head.key, look_up, Consistency::Strong).await?;
    Ok(found.pop().map(Recorded::typed).transpose()?)
}

fn no_effect(to: LifecycleState) -> Error {
    let problem = format!("is named for a move to {to}, which puts no configuration in effect");
    Error::invalid("version", problem, "a version only for a move to Approved, Running or Ramping")
}
