//! The limit of a commit: our statements in a bare loop, prepared, one commit a transaction.

use super::{open, statements};
use crate::measure::Loop;
use crate::work::{Arguments, Commits, scope};
use anyhow::{Result, ensure};
use governance_persistence::{ExperimentKey, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::Path;

pub(super) const AGAINST: &str = "a bare rusqlite loop, our statements";

pub(super) struct BareCommitter {
    connection: Connection,
    commits: Commits,
}

impl BareCommitter {
    pub(super) fn open(file: &Path, commits: Commits) -> Result<Self> {
        Ok(Self { connection: open::to_write(file)?, commits })
    }

    fn transaction(&self, arguments: &Arguments) -> Result<()> {
        self.run(statements::BEGIN)?;
        let (id, sequence, recorded_at) = self.head(arguments)?;
        self.log(arguments, (id, sequence, recorded_at))?;
        self.transition(arguments, (id, sequence))?;
        self.run(statements::COMMIT)
    }

    fn run(&self, sql: &str) -> Result<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    /// Looks, compares, and writes the head: its id, its sequence, and when it was recorded.
    fn head(&self, arguments: &Arguments) -> Result<(i64, i64, i64)> {
        let key = arguments.commit.key();
        let found = self.find_head(key)?;
        let now = Timestamp::now().unix_micros();
        let Some(Found { id, sequence, recorded_at, etag }) = found else {
            return Ok((self.insert_head(arguments, now)?, 1, now));
        };
        ensure!(arguments.expected.is_none() || arguments.expected == etag, "{key} is not as expected");
        if arguments.expected.is_none() {
            let mut statement = self.connection.prepare_cached(statements::FIND_COMMIT)?;
            ensure!(!statement.exists(params![id, arguments.commit_id])?, "{key} has this commit already");
        }
        let (sequence, recorded_at) = (sequence + 1, recorded_at.max(now));
        self.update_head(arguments, (id, sequence, recorded_at))?;
        Ok((id, sequence, recorded_at))
    }

    fn find_head(&self, key: &ExperimentKey) -> Result<Option<Found>> {
        let mut statement = self.connection.prepare_cached(statements::FIND_HEAD)?;
        let columns = statement.column_count();
        let found = |row: &Row<'_>| {
            for column in 0..columns {
                std::hint::black_box(row.get_ref(column)?);
            }
            Ok(Found { id: row.get(0)?, sequence: row.get(4)?, recorded_at: row.get(6)?, etag: row.get(8)? })
        };
        let parameters = params![scope(key.tenant()), scope(key.environment()), key.name()];
        Ok(statement.query_row(parameters, found).optional()?)
    }

    fn insert_head(&self, arguments: &Arguments, now: i64) -> Result<i64> {
        let (key, state) = (arguments.commit.key(), arguments.state_change()?);
        let no_version: Option<i64> = None;
        Ok(self.connection.prepare_cached(statements::INSERT_HEAD)?.insert(params![
            scope(key.tenant()),
            scope(key.environment()),
            key.name(),
            1,
            no_version,
            now,
            arguments.commit_id,
            state.lifecycle_state.as_str(),
            no_version,
            state.last_modified.unix_micros(),
            state.last_modified_by,
            state.metadata.as_str(),
        ])?)
    }

    fn update_head(&self, arguments: &Arguments, (id, sequence, recorded_at): (i64, i64, i64)) -> Result<()> {
        let state = arguments.state_change()?;
        let no_version: Option<i64> = None;
        let changed = self.connection.prepare_cached(statements::UPDATE_HEAD)?.execute(params![
            id,
            sequence,
            recorded_at,
            no_version,
            arguments.commit_id,
            state.lifecycle_state.as_str(),
            no_version,
            state.last_modified.unix_micros(),
            state.last_modified_by,
            state.metadata.as_str(),
        ])?;
        ensure!(changed == 1, "{} is gone", arguments.commit.key());
        Ok(())
    }

    fn log(&self, arguments: &Arguments, (id, sequence, recorded_at): (i64, i64, i64)) -> Result<()> {
        let Arguments { commit_id, fingerprint, state, .. } = arguments;
        let mut statement = self.connection.prepare_cached(statements::INSERT_COMMIT)?;
        statement.execute(params![id, sequence, commit_id, fingerprint, recorded_at, state])?;
        Ok(())
    }

    fn transition(&self, arguments: &Arguments, (id, sequence): (i64, i64)) -> Result<()> {
        let transition = arguments.transition()?;
        self.connection.prepare_cached(statements::INSERT_TRANSITION)?.execute(params![
            id,
            sequence,
            0,
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

/// What the head's row tells.
struct Found {
    id: i64,
    sequence: i64,
    recorded_at: i64,
    etag: Option<String>,
}

impl Loop for BareCommitter {
    type Job = Arguments;

    fn prepare(&mut self) -> Result<Arguments> {
        Arguments::of(self.commits.next()?)
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
