//! Which configuration a move is about.

use super::judge::is_judged;
use super::way;
use crate::setup::Setup;
use crate::versions::{next_version, restored};
use crate::{Error, Result, Versioning};
use governance_persistence::{
    Backplane, CommitId, ConfigurationDraft, ConfigurationVersion, Consistency, Head, Json, LifecycleState, LookUp,
    RecordId, RecordKind, Recorded, VersionNumber, VersionReference,
};

/// Which configuration the caller wants the move to be about.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    /// What follows from the move: before approval the latest version, then the one in effect.
    InEffect,
    /// This version.
    Version(VersionNumber),
    /// This content: the latest version if that has it, else a new version.
    Content(Json),
    /// What this earlier version has, brought back as a new version.
    Restored(VersionNumber),
}

/// The configuration that a move is about.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Its number; none if the experiment has none, or none in effect that could stay.
    pub(crate) number: Option<VersionNumber>,
    /// The version, where the commit brings it or somebody judges the move: nobody else asks what is in it.
    pub(crate) version: Option<ConfigurationVersion>,
    /// Is it new, so that the commit has to bring it?
    pub(crate) is_new: bool,
    /// The latest version there is, where somebody judges the move.
    pub(crate) latest: Option<Recorded<ConfigurationVersion>>,
    /// Does the move put it in effect?
    pub(crate) takes_effect: bool,
    /// Does the move put it in effect although another one passed the gates and policies on the way
    /// behind the experiment? Then they judge the move, too.
    pub(crate) is_new_to_the_way: bool,
}

impl Subject {
    /// The configuration that records of the judgement name.
    pub(crate) fn reference(&self) -> Option<VersionReference> {
        self.version.as_ref().map(ConfigurationVersion::reference)
    }

    /// The same where nobody had to look what is in it.
    pub(crate) async fn looked_up(&self, setup: &Setup, head: &Head) -> Result<Option<VersionReference>> {
        match (self.reference(), self.number) {
            (None, Some(number)) => {
                let found = find(setup, head, LookUp::Version(number)).await?;
                Ok(found.map(|found| found.record.reference()))
            }
            (reference, _) => Ok(reference),
        }
    }

    pub(crate) async fn of(setup: &Setup, head: &Head, intent: &Intent<'_>) -> Result<Self> {
        let Intent { from, to, choice, .. } = *intent;
        let in_effect = head.state.as_ref().and_then(|state| state.configuration_version);
        let takes_effect = is_live(to) || to == LifecycleState::Approved || matches!(choice, Choice::Restored(_));
        let (mut latest, mut version, mut is_new) = (None, None, false);
        let mut number = match choice {
            Choice::Version(_) if !takes_effect => return Err(no_effect(to)),
            Choice::Version(number) => Some(*number),
            Choice::InEffect if keeps_configuration(from, to) => in_effect,
            Choice::InEffect => head.latest_version,
            Choice::Content(content) => {
                latest = find_latest(setup, head).await?;
                let draft = carried(setup, content, latest.as_ref(), intent.actor)?;
                version = draft.map(|draft| intent.numbered(setup, head, draft)).transpose()?;
                head.latest_version
            }
            Choice::Restored(target) => {
                let draft = restored(setup, head, (in_effect, *target), intent.actor).await?;
                version = Some(intent.numbered(setup, head, draft)?);
                None
            }
        };
        if let Some(new) = &version {
            (number, is_new) = (Some(new.number), true);
        } else if takes_effect && number != head.latest_version {
            // What a state says to be in effect may never have been written here. That is no reason to
            // keep an experiment from being stopped, but nothing to put in effect.
            version = existing(setup, head, number).await?;
            number = version.as_ref().map(|version| version.number);
        }
        if let (None, Choice::Version(number)) = (number, choice) {
            let (key, latest) = (head.key.clone(), head.latest_version);
            return Err(Error::NoSuchVersion { key, number: *number, latest });
        }
        // Where nothing moves, policies are evaluated.
        let is_judged = from == to || is_judged(setup, from, to);
        if is_judged && latest.is_none() {
            latest = find_latest(setup, head).await?;
        }
        let is_new_to_the_way = way::is_new_to(setup, head, (from, to), number, latest.as_ref()).await?;
        if is_judged || is_new_to_the_way {
            if latest.is_none() {
                latest = find_latest(setup, head).await?;
            }
            if version.is_none() && number == head.latest_version {
                version = latest.as_ref().map(|latest| latest.record.clone());
            } else if version.is_none() {
                version = existing(setup, head, number).await?;
            }
        }
        Ok(Self { number, version, is_new, latest, takes_effect, is_new_to_the_way })
    }
}

/// What a request says about the move and its configuration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intent<'a> {
    pub(crate) commit_id: CommitId,
    pub(crate) from: LifecycleState,
    pub(crate) to: LifecycleState,
    pub(crate) actor: &'a str,
    pub(crate) reason: Option<&'a str>,
    pub(crate) choice: &'a Choice,
}

impl Intent<'_> {
    /// The new version that the move brings.
    fn numbered(&self, setup: &Setup, head: &Head, draft: ConfigurationDraft) -> Result<ConfigurationVersion> {
        let id = RecordId::of_commit(RecordKind::Version, self.commit_id);
        let draft = draft.with_id(id).in_state(self.from).at(setup.now());
        let draft = match self.reason {
            Some(reason) => draft.with_description(reason),
            None => draft,
        };
        Ok(draft.numbered(next_version(head)?))
    }
}

/// The carried configuration as a new version, if it is another one than the latest.
fn carried(
    setup: &Setup,
    content: &Json,
    latest: Option<&Recorded<ConfigurationVersion>>,
    actor: &str,
) -> Result<Option<ConfigurationDraft>> {
    if latest.is_some_and(|latest| latest.record.configuration == *content) {
        return Ok(None);
    }
    match setup.versioning {
        Versioning::Automatic => Ok(Some(ConfigurationDraft::new(content.clone(), actor))),
        Versioning::Explicit => {
            let expected =
                "the latest one; write the change by `Versions::create` first, or set `Versioning::Automatic`";
            Err(Error::invalid("configuration", "is a changed one", expected))
        }
    }
}

/// The version of this number, if there is one.
async fn existing(setup: &Setup, head: &Head, number: Option<VersionNumber>) -> Result<Option<ConfigurationVersion>> {
    match number {
        Some(number) => Ok(find(setup, head, LookUp::Version(number)).await?.map(|found| found.record)),
        None => Ok(None),
    }
}

/// The latest version, if there is any.
pub(super) async fn find_latest(setup: &Setup, head: &Head) -> Result<Option<Recorded<ConfigurationVersion>>> {
    match head.latest_version {
        Some(_) => find(setup, head, LookUp::LatestVersion).await,
        None => Ok(None),
    }
}

/// Is the experiment shown to anybody in this state?
pub(crate) fn is_live(state: LifecycleState) -> bool {
    matches!(state, LifecycleState::Running | LifecycleState::Ramping)
}

/// Does the move by itself leave the configuration as it is? From Approved on, what is in effect
/// stays so, nothing if it is nothing; the first move behind Approved, though, meets what was written
/// since. Where nothing moves, nothing changes.
fn keeps_configuration(from: LifecycleState, to: LifecycleState) -> bool {
    match to {
        LifecycleState::Running | LifecycleState::Ramping => from != LifecycleState::Approved,
        LifecycleState::Approved => from == LifecycleState::Approved,
        LifecycleState::Paused | LifecycleState::RolledBack | LifecycleState::Archived => true,
        _ => false,
    }
}

/// The version that the look-up finds, with its place.
pub(super) async fn find(
    setup: &Setup,
    head: &Head,
    look_up: LookUp<'_>,
) -> Result<Option<Recorded<ConfigurationVersion>>> {
    let mut found = setup.backplane.look_up(&head.key, look_up, Consistency::Strong).await?;
    Ok(found.pop().map(Recorded::typed).transpose()?)
}

fn no_effect(to: LifecycleState) -> Error {
    let problem = format!("is named for a move to {to}, which puts no configuration in effect");
    Error::invalid("version", problem, "a version only for a move to Approved, Running or Ramping")
}
