//! The limit of a read: our statement in a bare loop, prepared, every column taken.

use super::{open, statements};
use crate::measure::Loop;
use crate::work::{Read, Reads, scope};
use anyhow::{Result, bail, ensure};
use governance_persistence::ExperimentKey;
use rusqlite::types::Value;
use rusqlite::{Connection, Params, params};
use std::path::Path;

pub(super) const AGAINST: &str = "a bare rusqlite loop, our statement";

pub(super) struct BareReader {
    connection: Connection,
    experiments: Vec<ExperimentKey>,
    read: Read,
}

impl BareReader {
    pub(super) fn open(file: &Path, experiments: &[ExperimentKey], read: Read) -> Result<Self> {
        Ok(Self { connection: open::to_read(file)?, experiments: experiments.to_vec(), read })
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
    /// The read, and where its page begins: behind this sequence and ordinal.
    type Job = (Reads, (i64, i64));

    fn prepare(&mut self) -> Result<(Reads, (i64, i64))> {
        let read = self.read.prepare(&self.experiments)?;
        let place = match &read {
            Reads::Page(key, query) => query.after(key)?,
            _ => None,
        };
        let place = place.map(|place| (place.sequence.get().cast_signed(), i64::from(place.ordinal)));
        Ok((read, place.unwrap_or_default()))
    }

    fn run(&mut self, (read, (sequence, ordinal)): &(Reads, (i64, i64))) -> Result<()> {
        match read {
            Reads::Head(key) => {
                let parameters = params![scope(key.tenant()), scope(key.environment()), key.name()];
                ensure!(self.rows(statements::READ_HEAD, parameters)? == 1, "{key} is not there");
            }
            Reads::Page(key, _) => {
                let (tenant, environment) = (scope(key.tenant()), scope(key.environment()));
                let parameters = params![tenant, environment, key.name(), sequence, sequence, ordinal];
                ensure!(self.rows(statements::TRANSITIONS_BEHIND, parameters)? == 101, "the page is not full");
            }
            _ => bail!("there is no bare statement for this read"),
        }
        Ok(())
    }
}
