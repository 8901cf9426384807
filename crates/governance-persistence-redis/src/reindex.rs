//! The listing of experiments, brought in line with the experiments. The listing lives in one slot of a cluster
//! and the experiments in many, so that no script can keep both.

use crate::error;
use crate::keys::{member, of_member};
use crate::link::{Command, Does, Failure, Masters, Part, Reply};
use crate::store::Store;
use bytes::Bytes;
use futures_util::future::try_join_all;
use governance_persistence::{Error, Result};
use std::collections::HashSet;

/// Whether to change anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reindex {
    /// Find out what would be done, and do nothing.
    DryRun,
    /// Do it.
    Repair,
}

/// What [`RedisBackplane::reindex`](crate::RedisBackplane::reindex) has found and done, so far or in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reindexed {
    /// How many heads of experiments the servers have told of. While keys move, one may be told twice.
    pub scanned: u64,
    /// How many members of the listing were looked at.
    pub checked: u64,
    /// Experiments that have history and were not listed rightly: they were added, or would be.
    pub added: u64,
    /// Members that were listed and are no experiment that has history: they were removed, or would be.
    pub removed: u64,
    /// How many experiments are listed in the end, or would be.
    pub experiments: u64,
}

/// How often all servers are scanned again because slots have moved meanwhile.
const SCANS: usize = 5;
const DOING: &str = "reindexing";

impl Store {
    pub(crate) async fn reindex(&self, how: Reindex, progress: impl FnMut(&Reindexed) + Send) -> Result<Reindexed> {
        let mut run = Run { store: self, how, progress, told: Reindexed::default() };
        let missing = run.add_missing().await?;
        let dangling = run.remove_dangling().await?;
        let listed = self.number("ZCARD", vec![Bytes::from(self.layout.experiments())]).await?;
        run.told.experiments = match how {
            Reindex::Repair => listed,
            Reindex::DryRun => (listed + missing).saturating_sub(dangling),
        };
        (run.progress)(&run.told);
        Ok(run.told)
    }

    async fn ask(&self, name: &'static str, arguments: Vec<Bytes>) -> Result<Reply> {
        // Each says or makes the same when it is sent again.
        let reply = self.link.send(Command::on(name, arguments), Does::Read).await;
        reply.map_err(|failure| error::of_listing(&self.layout.experiments(), DOING, failure))
    }

    async fn number(&self, name: &'static str, arguments: Vec<Bytes>) -> Result<u64> {
        let number = self.ask(name, arguments).await?.integer();
        Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default())
    }

    async fn masters(&self) -> Result<Masters> {
        self.link.masters().await.map_err(of_failure)
    }

    /// Is a slot on its way from one of these to another?
    async fn moves_slots(&self, masters: &Masters) -> Result<bool> {
        let each = try_join_all(masters.each.iter().map(|master| self.link.moves_slots(master))).await;
        Ok(each.map_err(of_failure)?.contains(&true))
    }

    /// Does the member of the listing name an experiment that has history?
    async fn has_history(&self, member: &[u8]) -> Result<bool> {
        let Some(key) = of_member(member) else { return Ok(false) };
        Ok(self.number("EXISTS", vec![Bytes::from(self.layout.of(&key).head())]).await? > 0)
    }

    /// Those of these members of which it is `has`.
    async fn with_history(&self, members: &[Bytes], has: bool) -> Result<Vec<Bytes>> {
        let known = try_join_all(members.iter().map(|member| self.has_history(member))).await?;
        let wanted = members.iter().zip(known).filter(|(_, known)| *known == has);
        Ok(wanted.map(|(member, _)| member.clone()).collect())
    }
}

fn of_failure(failure: Failure) -> Error {
    error::of(DOING, failure, Does::Read)
}

struct Run<'a, P> {
    store: &'a Store,
    how: Reindex,
    progress: P,
    told: Reindexed,
}

impl<P: FnMut(&Reindexed) + Send> Run<'_, P> {
    /// Adds the experiments that the servers have and the listing has not. Of a dry run, says by how many the
    /// listing would grow.
    async fn add_missing(&mut self) -> Result<u64> {
        let pattern = self.store.layout.heads();
        // Of a dry run only: the servers may tell of a head twice. With each, whether it is not listed at all.
        let mut missing = HashSet::new();
        for _ in 0..SCANS {
            let masters = self.store.masters().await?;
            let mut is_moving = self.store.moves_slots(&masters).await?;
            for master in &masters.each {
                let mut from = None;
                loop {
                    let part = self.store.link.scan(master, from.as_ref(), &pattern).await.map_err(of_failure)?;
                    let keys = part.keys.iter().filter_map(|name| self.store.layout.of_head(name));
                    let members: Vec<Bytes> = keys.map(|key| Bytes::from(member(&key))).collect();
                    self.told.scanned += members.len() as u64;
                    self.add(members, &mut missing).await?;
                    (self.progress)(&self.told);
                    from = part.next;
                    if from.is_none() {
                        break;
                    }
                }
            }
            // A head that moved from a server not yet scanned to one that was, would have been missed.
            is_moving |= self.store.moves_slots(&masters).await?;
            if !is_moving && self.store.masters().await? == masters {
                return Ok(missing.iter().filter(|(_, is_absent)| *is_absent).count() as u64);
            }
        }
        let why = "reindexing: slots of the cluster moved all the time, or one was left between two servers";
        Err(Error::not_applied(why, None))
    }

    async fn add(&mut self, members: Vec<Bytes>, missing: &mut HashSet<(Bytes, bool)>) -> Result<()> {
        if members.is_empty() {
            return Ok(());
        }
        let listing = Bytes::from(self.store.layout.experiments());
        let ask = std::iter::once(listing.clone()).chain(members.iter().cloned()).collect();
        let scores = self.store.ask("ZMSCORE", ask).await?.into_list();
        // With another score than zero it would be out of order.
        let lacking = members.into_iter().zip(scores).filter(|(_, score)| score.text() != Some("0"));
        let lacking: Vec<(Bytes, bool)> = lacking.map(|(member, score)| (member, score == Reply::Nil)).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        match self.how {
            Reindex::DryRun => {
                missing.extend(lacking);
                self.told.added = missing.len() as u64;
            }
            Reindex::Repair => {
                let scored = lacking.into_iter().flat_map(|(member, _)| [Bytes::from_static(b"0"), member]);
                let add = [listing, Bytes::from_static(b"CH")].into_iter().chain(scored).collect();
                self.told.added += self.store.number("ZADD", add).await?;
            }
        }
        Ok(())
    }

    /// Removes what is listed and has no history. Says how many are to be removed.
    ///
    /// A writer lists an experiment before its first commit, and again after it. So what was removed is looked at
    /// once more: either its first commit is there then, or the writer has yet to list it again.
    async fn remove_dangling(&mut self) -> Result<u64> {
        let listing = Bytes::from(self.store.layout.experiments());
        let mut dangling = HashSet::new();
        let mut from = Bytes::from_static(b"0");
        loop {
            let count = [Bytes::from_static(b"COUNT"), Bytes::from_static(b"500")];
            let scan = [listing.clone(), from].into_iter().chain(count).collect();
            let part = Part::of(self.store.ask("ZSCAN", scan).await?).map_err(of_failure)?;
            // Each with its score behind it.
            let members: Vec<Bytes> = part.keys.into_iter().step_by(2).collect();
            self.told.checked += members.len() as u64;
            let mut without = self.store.with_history(&members, false).await?;
            without.retain(|member| !dangling.contains(member));
            if self.how == Reindex::Repair {
                self.remove(&without).await?;
            }
            dangling.extend(without);
            self.told.removed = dangling.len() as u64;
            (self.progress)(&self.told);
            match part.next {
                Some(next) => from = next,
                None => break,
            }
        }
        if self.how == Reindex::Repair {
            // Those of writers that were slow, or never came to list theirs again.
            let removed: Vec<Bytes> = dangling.iter().cloned().collect();
            for removed in removed.chunks(500) {
                let restored = self.restore(removed).await?;
                self.told.removed = self.told.removed.saturating_sub(restored);
            }
        }
        Ok(self.told.removed)
    }

    async fn remove(&self, members: &[Bytes]) -> Result<()> {
        if members.is_empty() {
            return Ok(());
        }
        let listing = Bytes::from(self.store.layout.experiments());
        self.store.ask("ZREM", std::iter::once(listing).chain(members.iter().cloned()).collect()).await?;
        self.restore(members).await.map(|_| ())
    }

    /// Adds those again that have history by now. Says how many have.
    async fn restore(&self, members: &[Bytes]) -> Result<u64> {
        let back = self.store.with_history(members, true).await?;
        if !back.is_empty() {
            let scored = back.iter().flat_map(|member| [Bytes::from_static(b"0"), member.clone()]);
            let listing = Bytes::from(self.store.layout.experiments());
            self.store.ask("ZADD", std::iter::once(listing).chain(scored).collect()).await?;
        }
        Ok(back.len() as u64)
    }
}
