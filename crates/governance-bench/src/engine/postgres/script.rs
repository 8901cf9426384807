//! What `pgbench` runs: our statement for a single commit, and our reads.
//!
//! It has no UUIDs of its own, so ids are made in SQL of the client's number and of how many
//! transactions it has run, which comes first: ids grow with time, as ours do. All that does not
//! change from commit to commit is written out.

use crate::work::{Kind, Read};

const NOW: &str = "(extract(epoch FROM statement_timestamp()) * 1000000)::bigint";
const METADATA: &str = r#"'{"channel":"bench","ticket":"GOV-1"}'"#;

/// The id of a client's transaction of this number. Digits that differ for what it is the id of.
fn id(number: &str, client: &str, what: char) -> String {
    format!(
        "lpad(to_hex(({number})::bigint), 8, '0') || '-0000-7000-8{what}00-' || \
         lpad(to_hex(({client})::bigint), 12, '0')"
    )
}

fn name(client: &str, index: &str) -> String {
    format!("'experiment-' || ({client})::text || '-' || ({index})::text")
}

/// The experiments to begin with, so many to a client, each with its first state.
pub(super) fn seeds(experiments: usize, clients: usize) -> String {
    if experiments == 0 {
        return "SELECT 1".to_owned();
    }
    // The one that all share is client 0's.
    let (clients, share) = (clients.min(experiments), (experiments / clients).max(1));
    let (etag, name) = (id("j", "i", '0'), name("i", "j"));
    format!(
        "WITH h AS (INSERT INTO experiment_states (tenant, environment, name, sequence, latest_version, recorded_at, \
         etag, lifecycle_state, last_modified, last_modified_by, metadata) \
         SELECT 'seeded', '', {name}, 1, 0, {NOW}, {etag}, 'Running', {NOW}, 'alice@example.com', {METADATA} \
         FROM generate_series(0, {clients} - 1) i, generate_series(0, {share} - 1) j \
         RETURNING id, sequence, etag, recorded_at) \
         INSERT INTO governance_commits (experiment_id, sequence, commit_id, fingerprint, recorded_at, state) \
         SELECT id, sequence, etag, repeat('0', 64), recorded_at, {METADATA} FROM h"
    )
}

/// Our statement for one commit: the head, the log, a transition.
pub(super) fn commit(kind: Kind, share: usize) -> String {
    let commit_id = id(":c", ":client_id", '0');
    let head = match kind {
        Kind::Own | Kind::Many => {
            let expected = id(&format!(":c - {share}"), ":client_id", '0');
            update(&name(":client_id", &format!(":c % {share}")), &format!("AND h.etag = {expected}"))
        }
        Kind::Hot => update(&name("0", "0"), ""),
        Kind::New => insert(),
    };
    // Each transaction of a client raises one sequence by one, so their sum is where it goes on.
    let (tenant, own) = match kind {
        Kind::Own | Kind::Many => ("seeded", "(:client_id)::text"),
        Kind::Hot => ("seeded", "'0'"),
        Kind::New => ("new", "(:client_id)::text"),
    };
    format!(
        "\\if :fresh\n\
         SELECT coalesce(sum(sequence), 0) AS done FROM experiment_states WHERE tenant = '{tenant}' \
         AND environment = '' AND name LIKE 'experiment-' || {own} || '-%' \\gset\n\
         \\set fresh 0\n\\endif\n\
         \\set c :done\n\\set done :done + 1\n\
         WITH i AS MATERIALIZED (SELECT {commit_id} AS commit_id),\n\
         s AS ({head}\n  RETURNING h.id AS experiment_id, h.sequence, h.recorded_at, h.etag AS commit_id),\n\
         c AS (INSERT INTO governance_commits (experiment_id, sequence, commit_id, fingerprint, recorded_at, state)\n  \
         SELECT experiment_id, sequence, commit_id, repeat('0', 64), recorded_at, \
         '{{\"lastModified\":\"2026-11-21T00:00:00.000000Z\",\"lastModifiedBy\":\"alice@example.com\",\
         \"lifecycleState\":\"Paused\",\"metadata\":{{\"channel\":\"bench\",\"ticket\":\"GOV-1\"}}}}'::json FROM s),\n\
         t AS (INSERT INTO state_transitions (experiment_id, sequence, ordinal, id, timestamp, from_state, to_state, \
         actor, reason, metadata)\n  \
         SELECT experiment_id, sequence, 0, {record_id}, {NOW}, 'Running', 'Paused', 'alice@example.com', \
         'the guardrail metric moved', {METADATA}::json FROM s)\n\
         SELECT sequence, recorded_at FROM s;\n",
        record_id = id(":c", ":client_id", '1'),
    )
}

fn update(name: &str, expected: &str) -> String {
    format!(
        "UPDATE experiment_states h SET sequence = h.sequence + 1, recorded_at = greatest(h.recorded_at, {NOW}), \
         latest_version = coalesce(NULL, h.latest_version), etag = i.commit_id, lifecycle_state = 'Paused', \
         configuration_version = NULL, last_modified = {NOW}, last_modified_by = 'alice@example.com', \
         metadata = {METADATA}::json\n  \
         FROM i WHERE h.tenant = 'seeded' AND h.environment = '' AND h.name = {name} {expected}"
    )
}

fn insert() -> String {
    let name = name(":client_id", ":c");
    format!(
        "INSERT INTO experiment_states AS h (tenant, environment, name, sequence, latest_version, recorded_at, etag, \
         lifecycle_state, last_modified, last_modified_by, metadata)\n  \
         SELECT 'new', '', {name}, 1, 0, {NOW}, i.commit_id, 'Paused', {NOW}, 'alice@example.com', {METADATA}::json \
         FROM i\n  ON CONFLICT (tenant, environment, name) DO NOTHING"
    )
}

const ID: &str = "(SELECT id FROM experiment_states WHERE tenant = 'seeded' AND environment = '' \
                  AND name = 'long-running-1')";

/// Our reads, as SeaORM writes them.
pub(super) fn read(read: Read) -> String {
    let joined = |table: &str, rest: &str| {
        format!(
            "SELECT r.*, c.commit_id AS joined_commit_id, c.recorded_at AS joined_recorded_at FROM {table} r \
             LEFT JOIN governance_commits c ON c.experiment_id = r.experiment_id + 0 AND c.sequence = r.sequence \
             WHERE r.experiment_id = {ID} AND {rest};\n"
        )
    };
    match read {
        Read::Head => "\\set n random(0, 1023)\n\
             SELECT * FROM experiment_states WHERE tenant = 'seeded' AND environment = '' \
             AND name = 'experiment-' || lpad((:n)::text, 5, '0');\n"
            .to_owned(),
        Read::Page { commits } => {
            let last = (commits * 3 / 4).max(1);
            let page = joined(
                "state_transitions",
                "r.sequence >= :n AND (r.sequence > :n OR r.ordinal > 0) ORDER BY r.sequence, r.ordinal LIMIT 101",
            );
            format!("\\set n random(1, {last})\n{page}")
        }
        Read::LatestVersion => joined("configuration_versions", "true ORDER BY r.number DESC LIMIT 1"),
        Read::LatestEvaluation => joined(
            "policy_evaluations",
            &format!(
                "(r.experiment_id, r.sequence, r.ordinal) = (SELECT experiment_id, sequence, ordinal \
                 FROM policy_evaluations WHERE experiment_id = {ID} AND policy = 'policy-7' \
                 ORDER BY sequence DESC, ordinal DESC LIMIT 1)"
            ),
        ),
    }
}
