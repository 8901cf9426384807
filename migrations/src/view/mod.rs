//! `governance_audit`: the whole history in one view, for people with a SQL client.

mod spelling;

use sea_orm_migration::sea_orm::DbBackend;
use spelling::Spelling;

/// A column as it is shown in the content.
enum Value {
    /// As it is.
    Plain(&'static str),
    /// As JSON inside the JSON.
    Json(&'static str),
    /// As true or false.
    Boolean(&'static str),
}

use Value::{Boolean, Json, Plain};

/// A part of the view: the kind, its table, who acted, when by the writer's clock, and the rest.
struct Part {
    kind: &'static str,
    table: &'static str,
    actor: &'static str,
    timestamp: &'static str,
    content: &'static [(&'static str, Value)],
}

const PARTS: [Part; 5] = [
    Part {
        kind: "transition",
        table: "state_transitions",
        actor: "r.actor",
        timestamp: "r.timestamp",
        content: &[("from", Plain("r.from_state")), ("to", Plain("r.to_state")), ("reason", Plain("r.reason"))],
    },
    Part {
        kind: "approval",
        table: "approval_records",
        actor: "coalesce(r.approver, r.requested_by)",
        timestamp: "r.timestamp",
        content: &[
            ("decision", Plain("r.decision")),
            ("transitionId", Plain("r.transition_id")),
            ("from", Plain("r.from_state")),
            ("to", Plain("r.to_state")),
            ("approver", Plain("r.approver")),
            ("requestedBy", Plain("r.requested_by")),
            ("reason", Plain("r.reason")),
            ("gate", Plain("r.gate")),
            ("configurationVersion", Plain("r.configuration_version")),
            ("configurationHash", Plain("r.configuration_hash")),
        ],
    },
    Part {
        kind: "version",
        table: "configuration_versions",
        actor: "r.created_by",
        timestamp: "r.created_at",
        content: &[
            ("number", Plain("r.number")),
            ("configuration", Json("r.configuration")),
            ("changeDescription", Plain("r.change_description")),
            ("lifecycleState", Plain("r.lifecycle_state")),
            ("hash", Plain("r.hash")),
            ("isRollback", Boolean("r.is_rollback")),
            ("rolledBackFrom", Plain("r.rolled_back_from")),
            ("restoredVersion", Plain("r.restored_version")),
        ],
    },
    Part {
        kind: "definition",
        table: "policy_definitions",
        actor: "r.actor",
        timestamp: "r.timestamp",
        content: &[
            ("name", Plain("r.name")),
            ("version", Plain("r.version")),
            ("kind", Plain("r.kind")),
            ("enabled", Boolean("r.enabled")),
            ("parameters", Json("r.parameters")),
        ],
    },
    Part {
        kind: "evaluation",
        table: "policy_evaluations",
        actor: "NULL",
        timestamp: "r.timestamp",
        content: &[
            ("policy", Plain("r.policy")),
            ("compliant", Boolean("r.compliant")),
            ("severity", Plain("r.severity")),
            ("reason", Plain("r.reason")),
            ("currentState", Plain("r.current_state")),
            ("targetState", Plain("r.target_state")),
        ],
    },
];

/// The statements that create the view.
pub(crate) fn create(backend: DbBackend) -> Vec<String> {
    let Some(spelling) = Spelling::of(backend) else {
        return Vec::new();
    };
    let parts: Vec<_> = PARTS.iter().map(|part| records(part, spelling)).chain([states(spelling)]).collect();
    vec![format!("{} governance_audit AS\n{}", spelling.create(), parts.join("\nUNION ALL\n"))]
}

/// The statements that drop it.
pub(crate) fn drop(backend: DbBackend) -> Vec<String> {
    Spelling::of(backend).map(|spelling| format!("{} governance_audit", spelling.drop())).into_iter().collect()
}

fn records(part: &Part, sql: Spelling) -> String {
    let Part { kind, table, actor, timestamp, content } = part;
    let members: Vec<_> = content
        .iter()
        .chain(&[("metadata", Json("r.metadata"))])
        .map(|(name, value)| format!("'{name}', {}", sql.value(value)))
        .collect();
    let (recorded_at, timestamp) = (sql.utc("c.recorded_at"), sql.utc(timestamp));
    format!(
        "SELECT nullif(e.tenant, '') AS tenant, nullif(e.environment, '') AS environment, e.name AS name,\n  \
         c.sequence AS sequence, r.ordinal AS ordinal, '{kind}' AS kind, {actor} AS actor,\n  \
         {recorded_at} AS recorded_at, {timestamp} AS timestamp,\n  \
         {} AS content, r.id AS id, c.commit_id AS commit_id\n\
         FROM {table} r\n\
         JOIN governance_commits c ON c.experiment_id = r.experiment_id AND c.sequence = r.sequence\n\
         JOIN experiment_states e ON e.id = c.experiment_id",
        sql.object(&members.join(", "))
    )
}

fn states(sql: Spelling) -> String {
    let (recorded_at, content) = (sql.utc("c.recorded_at"), sql.value(&Json("c.state")));
    let (actor, timestamp) = (sql.member("c.state", "lastModifiedBy"), sql.member("c.state", "lastModified"));
    format!(
        "SELECT nullif(e.tenant, ''), nullif(e.environment, ''), e.name, c.sequence, NULL, 'state',\n  \
         {actor}, {recorded_at}, {timestamp},\n  \
         {content}, NULL, c.commit_id\n\
         FROM governance_commits c\n\
         JOIN experiment_states e ON e.id = c.experiment_id\n\
         WHERE c.state IS NOT NULL"
    )
}
