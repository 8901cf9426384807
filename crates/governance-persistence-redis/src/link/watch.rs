//! Whether what a cluster answers to a write can be taken at its word.
//!
//! The client follows redirections by sending again. It sends again after a cut, too; then an answer that nothing
//! was done is about the last time only.

use super::{Failure, Reply};
use fred::error::Error;
use fred::types::Resp3Frame;
use fred::types::config::Server;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

/// The reply; a refusal that follows a cut is marked, because what was sent before it may have been done.
pub(super) fn judge(
    answer: Result<Resp3Frame, Error>,
    mut cuts: Receiver<(Error, Option<Server>)>,
) -> Result<Reply, Failure> {
    let failure = match answer.map_err(|error| Failure::of_client(error, true)).and_then(Reply::of_frame) {
        Ok(reply) => return Ok(reply),
        Err(failure) => failure,
    };
    if matches!(cuts.try_recv(), Err(TryRecvError::Empty)) {
        return Err(failure);
    }
    Err(failure.after_a_cut())
}
