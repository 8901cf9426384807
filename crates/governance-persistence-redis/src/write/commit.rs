//! A commit.

use super::Request;
use super::answer::Answer;
use crate::script::COMMIT;
use crate::store::Store;
use governance_persistence::{Commit, Error, Receipt, Result};

impl Store {
    pub(crate) async fn commit(&self, commit: &Commit) -> Result<Receipt> {
        let request = Request::of_commit(commit)?;
        let key = commit.key().clone();
        match self.apply(&COMMIT, &request).await? {
            Answer::Applied { sequence, recorded_at } => Ok(Receipt::applied(commit, sequence, recorded_at)),
            Answer::Replayed { sequence, recorded_at } => Ok(Receipt::replayed(commit, sequence, recorded_at)),
            Answer::CommitIdReused { sequence } => Err(Error::CommitIdReused { key, commit_id: commit.id(), sequence }),
            // The script has decided; what it was is found in the head that it saw.
            Answer::Conflict(head) => Err(match commit.check_against(&head) {
                Err(conflict) => conflict,
                Ok(()) => unexpected("a conflict with a head that meets the commit"),
            }),
            Answer::RecordIdReused { index, sequence } => Err(match commit.records().get(index) {
                Some(record) => Error::RecordIdReused { key, kind: record.kind(), id: record.id(), sequence },
                None => unexpected("a record that the commit does not have"),
            }),
            _ => Err(unexpected("what is no answer to a commit")),
        }
    }
}

pub(super) fn unexpected(what: &str) -> Error {
    Error::Backend { reason: format!("the script answered {what}").into(), source: None }
}
