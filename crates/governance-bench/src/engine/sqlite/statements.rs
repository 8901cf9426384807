//! Our statements, word for word: the writer's own, and those that SeaORM makes for the readers.

pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

pub(super) const FIND_HEAD: &str = "SELECT id, tenant, environment, name, sequence, latest_version, recorded_at, \
    pruned_through, etag, lifecycle_state, configuration_version, last_modified, last_modified_by, metadata \
    FROM experiment_states WHERE tenant = ?1 AND environment = ?2 AND name = ?3";

/// For a commit whose expectation would still be met if it had been applied before.
pub(super) const FIND_COMMIT: &str = "SELECT sequence, fingerprint, recorded_at FROM governance_commits \
    WHERE experiment_id = ?1 AND commit_id = ?2";

pub(super) const INSERT_HEAD: &str = "INSERT INTO experiment_states (tenant, environment, name, sequence, \
    latest_version, recorded_at, pruned_through, etag, lifecycle_state, configuration_version, last_modified, \
    last_modified_by, metadata) VALUES (?1, ?2, ?3, ?4, coalesce(?5, 0), ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12)";

pub(super) const UPDATE_HEAD: &str = "UPDATE experiment_states SET sequence = ?2, recorded_at = ?3, \
    latest_version = coalesce(?4, latest_version), etag = ?5, lifecycle_state = ?6, configuration_version = ?7, \
    last_modified = ?8, last_modified_by = ?9, metadata = ?10 WHERE id = ?1 AND sequence = ?2 - 1";

pub(super) const INSERT_COMMIT: &str = "INSERT INTO governance_commits (experiment_id, sequence, commit_id, \
    fingerprint, recorded_at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

pub(super) const INSERT_TRANSITION: &str = "INSERT INTO state_transitions (experiment_id, sequence, ordinal, id, \
    timestamp, from_state, to_state, actor, reason, metadata) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

pub(super) const COMMIT: &str = "COMMIT";

/// The head of an experiment, as a reader asks for it. SeaORM puts names in quotation marks; the
/// rest is the same.
pub(super) const READ_HEAD: &str = "SELECT experiment_states.id, experiment_states.tenant, \
    experiment_states.environment, experiment_states.name, experiment_states.sequence, \
    experiment_states.latest_version, experiment_states.recorded_at, experiment_states.pruned_through, \
    experiment_states.etag, experiment_states.lifecycle_state, experiment_states.configuration_version, \
    experiment_states.last_modified, experiment_states.last_modified_by, experiment_states.metadata \
    FROM experiment_states WHERE experiment_states.tenant = ? AND experiment_states.environment = ? \
    AND experiment_states.name = ?";

macro_rules! transitions {
    ($behind:literal, $end:literal) => {
        concat!(
            "SELECT state_transitions.experiment_id, state_transitions.sequence, state_transitions.ordinal, \
             state_transitions.id, state_transitions.from_state, state_transitions.to_state, \
             state_transitions.timestamp, state_transitions.actor, state_transitions.reason, \
             state_transitions.metadata, governance_commits.commit_id AS joined_commit_id, \
             governance_commits.recorded_at AS joined_recorded_at FROM state_transitions \
             LEFT JOIN governance_commits ON governance_commits.experiment_id = state_transitions.experiment_id + 0 \
             AND governance_commits.sequence = state_transitions.sequence WHERE state_transitions.experiment_id = \
             (SELECT id FROM experiment_states WHERE experiment_states.tenant = ? \
             AND experiment_states.environment = ? AND experiment_states.name = ?) ",
            $behind,
            "ORDER BY state_transitions.sequence ASC, state_transitions.ordinal ASC",
            $end
        )
    };
}

/// All transitions, each with what the log knows of its commit.
pub(super) const ALL_TRANSITIONS: &str = transitions!("", "");

/// A page of the transitions behind a place. Ours has its limit in the text too.
pub(super) const TRANSITIONS_BEHIND: &str = transitions!(
    "AND state_transitions.sequence >= ? AND (state_transitions.sequence > ? OR state_transitions.ordinal > ?) ",
    " LIMIT 101"
);

#[cfg(test)]
mod tests {
    use super::*;

    const WRITER: [&str; 4] = [
        include_str!("../../../../governance-persistence-sql/src/sqlite/commit.rs"),
        include_str!("../../../../governance-persistence-sql/src/sqlite/head.rs"),
        include_str!("../../../../governance-persistence-sql/src/sqlite/insert.rs"),
        include_str!("../../../../governance-persistence-sql/src/sqlite/writer.rs"),
    ];

    /// The source with its texts put together again where they were broken.
    fn unbroken(source: &str) -> String {
        let mut pieces = source.split("\\\n");
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |joined, piece| joined + piece.trim_start())
    }

    #[test]
    fn given_the_source_of_our_writer_then_each_statement_of_the_limit_stands_in_it() {
        let source = WRITER.map(unbroken).concat();
        let ours = [BEGIN, FIND_HEAD, FIND_COMMIT, INSERT_HEAD, UPDATE_HEAD, INSERT_COMMIT, INSERT_TRANSITION, COMMIT];
        for statement in ours {
            assert!(source.contains(&format!("\"{statement}\"")), "{statement}");
        }
    }
}
