//! `governance_audit`: the whole history in one view, for people with a SQL client.

use sea_orm_migration::sea_orm::DbBackend;

/// A part of the view: the kind, its table, who acted, when by the writer's clock, and the rest.
struct Part {
    kind: &'static str,
    table: &'static str,
    actor: &'static str,
    timestamp: &'static str,
    content: &'static [(&'static str, &'static str)],
}

const PARTS: [Part; 5] = [
    Part {
        kind: "transition",
        table: "state_transitions",
        actor: "r.actor",
        timestamp: "r.timestamp",
        content: &[("from", "r.from_state"), ("to", "r.to_state"), ("reason", "r.reason")],
    },
    Part {
        kind: "approval",
        table: "approval_records",
        actor: "coalesce(r.approver, r.requested_by)",
        timestamp: "r.timestamp",
        content: &[
            ("decision", "r.decision"),
            ("transitionId", "r.transition_id"),
            ("from", "r.from_state"),
            ("to", "r.to_state"),
            ("approver", "r.approver"),
            ("requestedBy", "r.requested_by"),
            ("reason", "r.reason"),
            ("gate", "r.gate"),
            ("configurationVersion", "r.configuration_version"),
            ("configurationHash", "r.configuration_hash"),
        ],
    },
    Part {
        kind: "version",
        table: "configuration_versions",
        actor: "r.created_by",
        timestamp: "r.created_at",
        content: &[
            ("number", "r.number"),
            ("configuration", "json(r.configuration)"),
            ("changeDescription", "r.change_description"),
            ("lifecycleState", "r.lifecycle_state"),
            ("hash", "r.hash"),
            ("isRollback", "json(CASE WHEN r.is_rollback THEN 'true' ELSE 'false' END)"),
            ("rolledBackFrom", "r.rolled_back_from"),
            ("restoredVersion", "r.restored_version"),
        ],
    },
    Part {
        kind: "definition",
        table: "policy_definitions",
        actor: "r.actor",
        timestamp: "r.timestamp",
        content: &[
            ("name", "r.name"),
            ("version", "r.version"),
            ("kind", "r.kind"),
            ("enabled", "json(CASE WHEN r.enabled THEN 'true' ELSE 'false' END)"),
            ("parameters", "json(r.parameters)"),
        ],
    },
    Part {
        kind: "evaluation",
        table: "policy_evaluations",
        actor: "NULL",
        timestamp: "r.timestamp",
        content: &[
            ("policy", "r.policy"),
            ("compliant", "json(CASE WHEN r.compliant THEN 'true' ELSE 'false' END)"),
            ("severity", "r.severity"),
            ("reason", "r.reason"),
            ("currentState", "r.current_state"),
            ("targetState", "r.target_state"),
        ],
    },
];

/// The statements that create the view.
pub(crate) fn create(backend: DbBackend) -> Vec<String> {
    if backend != DbBackend::Sqlite {
        return Vec::new();
    }
    let parts: Vec<_> = PARTS.iter().map(sqlite_records).chain([sqlite_states()]).collect();
    vec![format!("CREATE VIEW governance_audit AS\n{}", parts.join("\nUNION ALL\n"))]
}

/// The statements that drop it.
pub(crate) fn drop(backend: DbBackend) -> Vec<String> {
    if backend != DbBackend::Sqlite {
        return Vec::new();
    }
    vec!["DROP VIEW governance_audit".to_owned()]
}

fn sqlite_records(part: &Part) -> String {
    let Part { kind, table, actor, timestamp, content } = part;
    let members: Vec<_> = content.iter().map(|(name, value)| format!("'{name}', {value}")).collect();
    let (recorded_at, timestamp) = (sqlite_utc("c.recorded_at"), sqlite_utc(timestamp));
    format!(
        "SELECT nullif(e.tenant, '') AS tenant, nullif(e.environment, '') AS environment, e.name AS name,\n  \
         c.sequence AS sequence, r.ordinal AS ordinal, '{kind}' AS kind, {actor} AS actor,\n  \
         {recorded_at} AS recorded_at, {timestamp} AS timestamp,\n  \
         json_object({}, 'metadata', json(r.metadata)) AS content, r.id AS id, c.commit_id AS commit_id\n\
         FROM {table} r\n\
         JOIN governance_commits c ON c.experiment_id = r.experiment_id AND c.sequence = r.sequence\n\
         JOIN experiment_states e ON e.id = c.experiment_id",
        members.join(", ")
    )
}

fn sqlite_states() -> String {
    let recorded_at = sqlite_utc("c.recorded_at");
    format!(
        "SELECT nullif(e.tenant, ''), nullif(e.environment, ''), e.name, c.sequence, NULL, 'state',\n  \
         json_extract(c.state, '$.lastModifiedBy'), {recorded_at}, json_extract(c.state, '$.lastModified'),\n  \
         json(c.state), NULL, c.commit_id\n\
         FROM governance_commits c\n\
         JOIN experiment_states e ON e.id = c.experiment_id\n\
         WHERE c.state IS NOT NULL"
    )
}

/// Microseconds since 1970 as RFC 3339 with six digits; the digits are split off towards the
/// past, for instants before 1970.
fn sqlite_utc(micros: &str) -> String {
    let fraction = format!("((({micros}) % 1000000 + 1000000) % 1000000)");
    format!(
        "strftime('%Y-%m-%dT%H:%M:%S', (({micros}) - {fraction}) / 1000000, 'unixepoch') || \
         printf('.%06dZ', {fraction})"
    )
}
