//! The version manager: what an experiment's configuration is, was, and how the two differ.

mod create;
mod diff;
mod rollback;

pub(crate) use create::next as next_version;
pub use create::{Created, NewVersion};
pub use diff::{Change, Diff, PatchOperation};
pub(crate) use rollback::restored;
pub use rollback::{RollbackRequest, RolledBack};

use crate::setup::Setup;
use crate::{Error, Listing, Result};
use governance_persistence::{BackplaneExt, ConfigurationVersion, ExperimentKey, Page, Recorded, VersionNumber};
use std::sync::Arc;

/// What a transition that carries a configuration does with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Versioning {
    /// It is refused: versions are written by [`Versions::create`].
    #[default]
    Explicit,
    /// A changed configuration is appended as the next version, in the commit of the transition.
    Automatic,
}

/// Keeps an experiment's configurations, numbered, each with its hash.
///
/// ```
/// use governance::persistence::{ExperimentKey, Json, VersionNumber};
/// use governance::{Governance, NewVersion, RollbackRequest};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let versions = Governance::builder().build()?.versions();
/// let checkout = ExperimentKey::new("checkout")?;
/// let first = versions.create(&checkout, &NewVersion::of(Json::parse(r#"{"traffic": 10}"#)?, "alice")).await?;
/// let second = NewVersion::of(Json::parse(r#"{"traffic": 50}"#)?, "bob").based_on(first.version.number);
/// let second = versions.create(&checkout, &second).await?;
///
/// let diff = versions.diff(&checkout, first.version.number, second.version.number).await?;
/// assert_eq!(diff.to_string(), "Modified /traffic: 10 -> 50");
///
/// let back = versions.rollback(&checkout, &RollbackRequest::to(VersionNumber::FIRST, "carol")).await?;
/// assert_eq!(back.version.number.get(), 3);
/// assert_eq!(back.version.rolled_back_from, Some(second.version.number));
/// assert_eq!(back.version.restored_version, Some(first.version.number));
/// # Ok::<(), governance::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What is in effect
///
/// To write a version puts nothing in effect; a move does, and goes through gates. On entering
/// `Approved`, and by the first move behind it, the latest version takes effect; later moves keep
/// what is in effect unless they [name](crate::TransitionRequest::version) another version or
/// [carry](crate::TransitionRequest::configuration) one, which then has to
/// [pass](crate::TransitionRequest::version) the gates that the one in effect passed.
#[derive(Clone, Debug)]
pub struct Versions(pub(crate) Arc<Setup>);

impl Versions {
    /// Writes the next version.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when it is based on a version that is not the latest one;
    /// [`Error::Contended`] when others kept recording until the deadline; [`Error::Backplane`].
    pub async fn create(&self, key: &ExperimentKey, new: &NewVersion) -> Result<Created> {
        create::out(&self.0, key, new).await
    }

    /// The version of this number.
    ///
    /// # Errors
    ///
    /// [`Error::Backplane`].
    pub async fn get(
        &self,
        key: &ExperimentKey,
        number: VersionNumber,
    ) -> Result<Option<Recorded<ConfigurationVersion>>> {
        Ok(self.0.backplane.get_configuration_version(key, number).await?)
    }

    /// The latest version.
    ///
    /// # Errors
    ///
    /// [`Error::Backplane`].
    pub async fn latest(&self, key: &ExperimentKey) -> Result<Option<Recorded<ConfigurationVersion>>> {
        Ok(self.0.backplane.get_latest_configuration_version(key).await?)
    }

    /// A page of the versions.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the cursor came from another listing; [`Error::Backplane`].
    pub async fn list(&self, key: &ExperimentKey, listing: &Listing) -> Result<Page<Recorded<ConfigurationVersion>>> {
        self.0.page(key, listing).await
    }

    /// What changed from one version to another; either may be the newer one.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchVersion`]; [`Error::Backplane`].
    pub async fn diff(&self, key: &ExperimentKey, from: VersionNumber, to: VersionNumber) -> Result<Diff> {
        let (before, after) = (self.existing(key, from).await?, self.existing(key, to).await?);
        Ok(Diff::between(&before.configuration, &after.configuration))
    }

    /// Brings an earlier version back, as the next one.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchVersion`] when the target is missing; [`Error::Invalid`] when it is the latest
    /// already; where the rollback moves the experiment, as
    /// [`Lifecycle::transition`](crate::Lifecycle::transition).
    pub async fn rollback(&self, key: &ExperimentKey, request: &RollbackRequest) -> Result<RolledBack> {
        rollback::out(&self.0, key, request).await
    }

    async fn existing(&self, key: &ExperimentKey, number: VersionNumber) -> Result<ConfigurationVersion> {
        if let Some(found) = self.get(key, number).await? {
            return Ok(found.record);
        }
        let latest = self.0.head(key).await?.latest_version;
        Err(Error::NoSuchVersion { key: key.clone(), number, latest })
    }
}
