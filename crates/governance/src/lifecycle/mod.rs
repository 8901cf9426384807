//! The lifecycle manager: where an experiment is, where it was, and how it moves on.

mod carry;
mod judge;
mod metadata;
mod moves;
mod request;
mod standing;
mod subject;
mod table;
mod transitioned;
mod way;

pub(crate) use carry::{out as carry_out, permitted};
pub(crate) use judge::Gates;
pub(crate) use metadata::{OURS, check_metadata, with_ours, without_ours};
pub use moves::Moves;
pub use request::TransitionRequest;
pub use standing::Standing;
pub(crate) use subject::{Choice, Intent, Subject, is_live};
pub use table::LifecycleTable;
pub use transitioned::Transitioned;
pub(crate) use way::may_guard;

use crate::setup::Setup;
use crate::{Listing, Operation, Result};
use governance_persistence::{ExperimentKey, LifecycleState, Page, Recorded, StateTransition};
use std::sync::Arc;

/// Moves experiments through their lifecycle.
///
/// ```
/// use governance::persistence::{ExperimentKey, InMemoryBackplane, LifecycleState};
/// use governance::{Governance, Listing, TransitionRequest};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let governance = Governance::builder().persistence(InMemoryBackplane::new()).build()?;
/// let lifecycle = governance.lifecycle();
/// let checkout = ExperimentKey::new("checkout")?.in_tenant("acme")?;
///
/// let submit = TransitionRequest::to(LifecycleState::PendingApproval, "alice").reason("ready for review");
/// let submitted = lifecycle.transition(&checkout, &submit).await?;
/// assert_eq!(submitted.transition.from, LifecycleState::Draft); // where every experiment begins
///
/// let approve = TransitionRequest::to(LifecycleState::Approved, "bob").if_match(submitted.state.etag);
/// lifecycle.transition(&checkout, &approve).await?;
/// let too_late = lifecycle.transition(&checkout, &approve).await.unwrap_err();
/// assert!(too_late.is_conflict()); // the state that it was about is gone
///
/// let history = lifecycle.history(&checkout, &Listing::new().newest_first()).await?;
/// assert_eq!(history.items[0].record.actor, "bob");
/// # Ok::<(), governance::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # How a move is made
///
/// The manager reads where the experiment stands, judges, and commits everything at once: the new
/// state, the transition, and what it was judged by. The commit says `At` what was read, so that
/// nothing at all may have been recorded meanwhile, not even an approval or an evaluation. If only
/// records were added, the manager judges again, until its
/// [deadline](crate::GovernanceBuilder::deadline). If the state was changed, the move is off:
/// [`Error::Conflict`](crate::Error::Conflict) has who changed it to what.
#[derive(Clone, Debug)]
pub struct Lifecycle(pub(crate) Arc<Setup>);

impl Lifecycle {
    /// Where the experiment stands.
    ///
    /// # Errors
    ///
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn state(&self, key: &ExperimentKey) -> Result<Standing> {
        let head = self.0.head(key).await?;
        Ok(Standing { state: self.0.state_at(&head), head })
    }

    /// The states that the lifecycle allows next. Gates and policies may still refuse.
    ///
    /// # Errors
    ///
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn allowed(&self, key: &ExperimentKey) -> Result<Vec<LifecycleState>> {
        Ok(self.0.table.successors(self.state(key).await?.state))
    }

    /// A page of the moves that were made.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`](crate::Error::Invalid) when the cursor came from another listing;
    /// [`Error::Backplane`](crate::Error::Backplane).
    pub async fn history(&self, key: &ExperimentKey, listing: &Listing) -> Result<Page<Recorded<StateTransition>>> {
        self.0.page(key, listing).await
    }

    /// Makes a move, if the lifecycle has it, every gate before it is open, and no policy blocks it.
    /// What refuses it is recorded.
    ///
    /// # Errors
    ///
    /// [`Error::NotAllowed`](crate::Error::NotAllowed) when the lifecycle has no such move;
    /// [`Error::Refused`](crate::Error::Refused) with all objections of gates and policies;
    /// [`Error::Conflict`](crate::Error::Conflict) when the state is another one than the request
    /// says, or was changed meanwhile; [`Error::Contended`](crate::Error::Contended) when others
    /// kept recording until the deadline; [`Error::Backplane`](crate::Error::Backplane), whose
    /// outcome tells whether to ask again under the same commit id.
    pub async fn transition(&self, key: &ExperimentKey, request: &TransitionRequest) -> Result<Transitioned> {
        carry::out(&self.0, key, request, Operation::Transition).await
    }
}
