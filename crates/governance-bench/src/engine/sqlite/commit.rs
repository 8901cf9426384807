//! The limit of a commit: our statements in a bare loop, prepared, one commit a transaction.

use super::open::open;
use crate::measure::Loop;
use crate::work::Commits;
use anyhow::{Context, Result, bail, ensure};
use governance_persistence::{Commit, Expected, Record, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;

pub(super) const AGAINST: &str = "a bare rusqlite loop, our statements";

/// The arguments of the statements, made ready.
pub(super) struct Arguments {
    commit: Commit,
    commit_id: String,
    expected: Option<String>,
    fingerprint: String,
    state: String,
    record_id: String,
}

pub(super) struct BareCommitter {
    connection: Connection,
    commits: Commits,
}

impl BareCommitter {
    pub(super) fn open(file: &Path, commits: Commits) -> Result<Self> {
        Ok(Self { connection: open(file)?, commits })
    }

    fn transaction(&self, arguments: &Arguments) -> Result<()> {
        self.run("BEGIN IMMEDIATE")?;
        let (id, sequence, recorded_at) = self.head(arguments)?;
        self.log(arguments, (id, sequence, recorded_at))?;
        self.transition(arguments, (id, sequence))?;
        self.run("COMMIT")
    }

    fn run(&self, sql: &str) -> Result<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    fn head(&self, arguments: &Arguments) -> Result<(i64, i64, i64)> {
        let key = arguments.commit.key();
        let scope = |part: Option<&str>| part.unwrap_or_default().to_owned();
        let (tenant, environment) = (scope(key.tenant()), scope(key.environment()));
        let found = self
            .connection
            .prepare_cached(
                "SELECT id, sequence, recorded_at, etag FROM experiment_states \
                 WHERE tenant = ?1 AND environment = ?2 AND name = ?3",
            )?
            .query_row(params![tenant, environment, key.name()], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, Option<String>>(3)?,
                ))
            })
            .optional()?;
        let state = arguments.commit.state().context("the commit sets no state")?;
        let now = Timestamp::now().unix_micros();
        let Some((id, sequence, recorded_at, etag)) = found else {
            let id = self
                .connection
                .prepare_cached(
                    "INSERT INTO experiment_states (tenant, environment, name, sequence, latest_version, recorded_at, \
                     pruned_through, etag, lifecycle_state, last_modified, last_modified_by, metadata) \
                     VALUES (?1, ?2, ?3, 1, 0, ?4, 0, ?5, ?6, ?7, ?8, ?9)",
                )?
                .insert(params![
                    tenant,
                    environment,
                    key.name(),
                    now,
                    arguments.commit_id,
                    state.lifecycle_state.as_str(),
                    state.last_modified.unix_micros(),
                    state.last_modified_by,
                    state.metadata.as_str(),
                ])?;
            return Ok((id, 1, now));
        };
        ensure!(arguments.expected.is_none() || arguments.expected == etag, "{key} is not as expected");
        let (sequence, recorded_at) = (sequence + 1, recorded_at.max(now));
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE experiment_states SET sequence = ?2, recorded_at = ?3, etag = ?4, lifecycle_state = ?5, \
                 configuration_version = NULL, last_modified = ?6, last_modified_by = ?7, metadata = ?8 WHERE id = ?1",
            )?
            .execute(params![
                id,
                sequence,
                recorded_at,
                arguments.commit_id,
                state.lifecycle_state.as_str(),
                state.last_modified.unix_micros(),
                state.last_modified_by,
                state.metadata.as_str(),
            ])?;
        ensure!(changed == 1, "{key} is gone");
        Ok((id, sequence, recorded_at))
    }

    fn log(&self, arguments: &Arguments, (id, sequence, recorded_at): (i64, i64, i64)) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO governance_commits (experiment_id, sequence, commit_id, fingerprint, recorded_at, state) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![id, sequence, arguments.commit_id, arguments.fingerprint, recorded_at, arguments.state])?;
        Ok(())
    }

    fn transition(&self, arguments: &Arguments, (id, sequence): (i64, i64)) -> Result<()> {
        let [Record::Transition(transition)] = arguments.commit.records() else {
            bail!("the commit holds something else than one transition");
        };
        self.connection
            .prepare_cached(
                "INSERT INTO state_transitions (experiment_id, sequence, ordinal, id, timestamp, \
                 from_state, to_state, actor, reason, metadata) VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                id,
                sequence,
                arguments.record_id,
                transition.timestamp.unix_micros(),
                transition.from.as_str(),
                transition.to.as_str(),
                transition.actor,
                transition.reason,
                transition.metadata.as_str(),
            ])?;
        Ok(())
    }
}

impl Loop for BareCommitter {
    type Job = Arguments;

    fn prepare(&mut self) -> Result<Arguments> {
        let commit = self.commits.next()?;
        let expected = match commit.expected() {
            Expected::Match(etag) => Some(etag.to_string()),
            _ => None,
        };
        let record = commit.records().first().context("the commit holds no record")?;
        Ok(Arguments {
            commit_id: commit.id().to_string(),
            expected,
            fingerprint: commit.fingerprint().to_string(),
            state: serde_json::to_string(&commit.state())?,
            record_id: record.id().to_string(),
            commit,
        })
    }

    fn run(&mut self, arguments: &Arguments) -> Result<()> {
        self.transaction(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, connect, seed};
    use super::*;
    use crate::measure::{Contender, Threads};
    use governance_persistence::{Backplane, Consistency, ExperimentsQuery, Filter, PageSize, Sequence, replay};
    use governance_persistence_sql::Synchronous;

    /// The limit does the same work: what it leaves behind is what the backplane would have left.
    #[tokio::test(flavor = "multi_thread")]
    async fn given_a_bare_loop_when_it_has_run_then_the_backplane_reads_and_verifies_its_history() -> Result<()> {
        let folder = tempfile::tempdir()?;
        for (number, kind) in [Kind::Own, Kind::Hot, Kind::New].into_iter().enumerate() {
            let file = folder.path().join(format!("{number}.db"));
            let (backplane, seeded) = seed(&file, kind.experiments(1)).await?;
            for commits in kind.writers(&seeded, 1) {
                Threads(vec![BareCommitter::open(&file, commits)?]).round(5)?;
            }
            backplane.close().await?;
            let backplane = connect(&file, Synchronous::Full).await?;
            let heads = backplane.experiments(&ExperimentsQuery::new(Filter::Any), Consistency::Strong).await?.items;
            let mut written = 0;
            for head in &heads {
                let log = backplane.log(&head.key, Sequence::ZERO, PageSize::MAX, Consistency::Strong).await?;
                log.iter().try_for_each(governance_persistence::LogEntry::verify)?;
                assert_eq!(&log.iter().try_fold(replay::start(&head.key), replay::apply)?, head);
                written += log.len();
            }
            assert_eq!(written, 5 + kind.experiments(1));
            backplane.close().await?;
        }
        Ok(())
    }
}
