//! Sending a script that writes, until it has all it needs to decide.

use super::Request;
use super::answer::Answer;
use crate::error;
use crate::keys::member;
use crate::link::{Command, Does};
use crate::script::Script;
use crate::store::Store;
use bytes::Bytes;
use governance_persistence::{Error, ExperimentKey, Result};

/// How often a script may ask for something else to be named. Lists move on to another chunk only every 1,024
/// records.
const QUESTIONS: usize = 32;
impl Store {
    pub(super) async fn apply(&self, script: &Script, request: &Request<'_>) -> Result<Answer> {
        let keys = self.layout.of(request.key);
        let mut listed = false;
        for _ in 0..QUESTIONS {
            let chunks = self.ends.of(request.key);
            let (names, arguments) = (request.keys(&keys, &chunks), request.arguments(listed, &chunks));
            let failed = |failure| error::on(request.key, &names[0], "committing", failure, Does::Write);
            let mut written = self.link.write(script, &names, &arguments).await.map_err(failed)?;
            match Answer::decode(request.key, written.take_reply())? {
                Answer::Unlisted => {
                    self.list(request.key).await?;
                    listed = true;
                }
                Answer::Elsewhere(entries) => self.ends.remember(request.key, entries),
                answer if answer.wrote_nothing() => return Ok(answer),
                answer => {
                    if answer.is_the_first_commit() {
                        // Who repairs the listing may have taken out what had no commit yet. The commit stands
                        // whether this succeeds or not.
                        let _ = self.list(request.key).await;
                    }
                    written.confirm().await.map_err(failed)?;
                    return Ok(answer);
                }
            }
        }
        Err(Error::not_applied("committing: the lists moved on all the time", None))
    }

    /// Adds the experiment to the listing. It comes before the first commit: what has none is left out by who
    /// reads, but what is not there would be missed.
    async fn list(&self, key: &ExperimentKey) -> Result<()> {
        let listing = self.layout.experiments();
        let add = [Bytes::from(listing.clone()), Bytes::from_static(b"0"), Bytes::from(member(key))];
        // Nothing of the commit is done by it.
        let failed = |failure| error::of_listing(&listing, "listing the experiment", failure);
        self.link.put(Command::on("ZADD", add)).await.map_err(failed)?.confirm().await.map_err(failed)
    }
}
