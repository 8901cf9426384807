//! The limit of a read: our statement in a bare loop, prepared, every column taken.

use super::open::open;
use crate::measure::Loop;
use crate::work::{Read, Reads};
use anyhow::{Result, bail, ensure};
use governance_persistence::ExperimentKey;
use rusqlite::types::Value;
use rusqlite::{Connection, Params, params};
use std::path::Path;

pub(super) const AGAINST: &str = "a bare rusqlite loop, our statement";

const HEAD: &str = "SELECT id, tenant, environment, name, sequence, latest_version, recorded_at, pruned_through, etag, \
                    lifecycle_state, configuration_version, last_modified, last_modified_by, metadata \
                    FROM experiment_states WHERE tenant = ?1 AND environment = ?2 AND name = ?3";

/// All transitions from a place on, with what the log knows of their commits.
pub(super) const TRANSITIONS: &str = "SELECT t.*, c.commit_id, c.recorded_at FROM state_transitions t \
    JOIN governance_commits c ON c.experiment_id = t.experiment_id AND c.sequence = t.sequence \
    WHERE t.experiment_id = (SELECT id FROM experiment_states WHERE tenant = ?1 AND environment = ?2 AND name = ?3) \
    AND t.sequence >= ?4 ORDER BY t.sequence, t.ordinal LIMIT ?5";

pub(super) struct BareReader {
    connection: Connection,
    experiments: Vec<ExperimentKey>,
    read: Read,
}

impl BareReader {
    pub(super) fn open(file: &Path, experiments: &[ExperimentKey], read: Read) -> Result<Self> {
        Ok(Self { connection: open(file)?, experiments: experiments.to_vec(), read })
    }

    /// Runs the statement, takes every column of every row, and tells how many rows there were.
    pub(super) fn rows(&self, sql: &str, parameters: impl Params) -> Result<usize> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(parameters)?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                std::hint::black_box(row.get::<_, Value>(column)?);
            }
            count += 1;
        }
        Ok(count)
    }
}

impl Loop for BareReader {
    type Job = (Reads, i64);

    fn prepare(&mut self) -> Result<(Reads, i64)> {
        let read = self.read.prepare(&self.experiments)?;
        let sequence = match &read {
            Reads::Page(key, query) => query.after(key)?.map_or(0, |place| place.sequence.get().cast_signed()),
            _ => 0,
        };
        Ok((read, sequence))
    }

    fn run(&mut self, (read, sequence): &(Reads, i64)) -> Result<()> {
        match read {
            Reads::Head(key) => {
                let scope = |part: Option<&str>| part.unwrap_or_default().to_owned();
                let parameters = params![scope(key.tenant()), scope(key.environment()), key.name()];
                ensure!(self.rows(HEAD, parameters)? == 1, "{key} is not there");
            }
            Reads::Page(key, _) => {
                let scope = |part: Option<&str>| part.unwrap_or_default().to_owned();
                let parameters = params![scope(key.tenant()), scope(key.environment()), key.name(), sequence, 101];
                ensure!(self.rows(TRANSITIONS, parameters)? == 101, "the page is not full");
            }
            _ => bail!("there is no bare statement for this read"),
        }
        Ok(())
    }
}
