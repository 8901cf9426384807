//! The limit of a commit: a procedure that writes the same rows in one round trip, called by a bare client,
//! prepared, one commit a transaction.

use super::schema::Schema;
use crate::measure::Loop;
use crate::work::{Arguments, Commits, scope};
use anyhow::{Context, Result};
use governance_persistence::Expected;
use mysql::prelude::Queryable;
use mysql::{Conn, Statement, Value};

pub(super) const AGAINST: &str = "a bare client, our rows by CALL: one round trip, no group commit";

/// Writes the head, its entry in the log, and a transition. It is the cheapest way that was found: to look by
/// `SELECT … FOR UPDATE` first was slower, and our own text in two round trips slower again. So the UPDATE
/// locks the head, and tells by session variables what it did. A parameter has the type of the column that it
/// is compared with, or that column's index would be of no use.
pub(super) const PROCEDURE: &str = "
CREATE PROCEDURE governance_bench_commit(
  p_absent BOOLEAN, p_expected VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  p_tenant VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  p_environment VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  p_name VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  p_commit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  p_fingerprint VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  p_state LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  p_lifecycle_state VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  p_last_modified BIGINT, p_last_modified_by VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  p_metadata LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  p_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin, p_timestamp BIGINT,
  p_from VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin, p_to VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin,
  p_actor VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  p_reason TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  p_record_metadata LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
BEGIN
  DECLARE v_id BIGINT;
  DECLARE v_now BIGINT DEFAULT TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6));
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  IF p_absent THEN
    INSERT INTO experiment_states (tenant, environment, name, sequence, latest_version, recorded_at, etag,
      lifecycle_state, configuration_version, last_modified, last_modified_by, metadata)
    VALUES (p_tenant, p_environment, p_name, 1, 0, v_now, p_commit_id, p_lifecycle_state, NULL, p_last_modified,
      p_last_modified_by, p_metadata);
    SET v_id = LAST_INSERT_ID(), @governance_sequence = 1, @governance_recorded_at = v_now;
  ELSE
    UPDATE experiment_states SET id = (@governance_id := id),
      sequence = (@governance_sequence := sequence + 1),
      recorded_at = (@governance_recorded_at := GREATEST(recorded_at, v_now)), etag = p_commit_id,
      lifecycle_state = p_lifecycle_state, configuration_version = NULL, last_modified = p_last_modified,
      last_modified_by = p_last_modified_by, metadata = p_metadata
    WHERE tenant = p_tenant AND environment = p_environment AND name = p_name
      AND (p_expected IS NULL OR etag = p_expected);
    IF ROW_COUNT() = 0 THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the experiment is not as expected';
    END IF;
    SET v_id = @governance_id;
  END IF;
  INSERT INTO governance_commits (experiment_id, sequence, commit_id, fingerprint, recorded_at, state)
  VALUES (v_id, @governance_sequence, p_commit_id, p_fingerprint, @governance_recorded_at, p_state);
  INSERT INTO state_transitions (experiment_id, sequence, ordinal, id, timestamp, from_state, to_state, actor,
    reason, metadata)
  VALUES (v_id, @governance_sequence, 0, p_id, p_timestamp, p_from, p_to, p_actor, p_reason, p_record_metadata);
  COMMIT;
  SELECT @governance_sequence, @governance_recorded_at;
END";

const PARAMETERS: usize = 19;

/// Calls the procedure, over a connection of its own.
pub(super) struct Caller {
    connection: Conn,
    call: Statement,
    commits: Commits,
}

impl Caller {
    pub(super) fn connect(schema: &Schema, commits: Commits) -> Result<Self> {
        let mut connection = schema.bare()?;
        let marks = ["?"; PARAMETERS].join(", ");
        let call = connection.prep(format!("CALL governance_bench_commit({marks})"))?;
        Ok(Self { connection, call, commits })
    }
}

impl Loop for Caller {
    type Job = Vec<Value>;

    fn prepare(&mut self) -> Result<Vec<Value>> {
        let arguments = Arguments::of(self.commits.next()?)?;
        let Arguments { commit, commit_id, expected, fingerprint, state, record_id } = &arguments;
        let (key, change, transition) = (commit.key(), arguments.state_change()?, arguments.transition()?);
        let parameters: [Value; PARAMETERS] = [
            (commit.expected() == Expected::Absent).into(),
            expected.into(),
            scope(key.tenant()).into(),
            scope(key.environment()).into(),
            key.name().into(),
            commit_id.into(),
            fingerprint.into(),
            state.into(),
            change.lifecycle_state.as_str().into(),
            change.last_modified.unix_micros().into(),
            change.last_modified_by.as_deref().into(),
            change.metadata.as_str().into(),
            record_id.into(),
            transition.timestamp.unix_micros().into(),
            transition.from.as_str().into(),
            transition.to.as_str().into(),
            transition.actor.as_str().into(),
            transition.reason.as_deref().into(),
            transition.metadata.as_str().into(),
        ];
        Ok(parameters.into())
    }

    fn run(&mut self, parameters: &Vec<Value>) -> Result<()> {
        let written: Option<(i64, i64)> = self.connection.exec_first(&self.call, parameters.clone())?;
        std::hint::black_box(written.context("the procedure tells no sequence")?);
        Ok(())
    }
}
