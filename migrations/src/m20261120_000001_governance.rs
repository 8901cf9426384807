//! The whole schema: heads, the log, five tables of history, ephemerals, triggers, the audit view.

use crate::dialect::{Dialect, optional};
use crate::step::Step;
use crate::{triggers, view};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

pub(crate) const STEP: Step = Step { name: "m20261120_000001_governance", up, down };

/// A table of history: its name, its own columns, and the look-ups that want an index.
struct History {
    table: &'static str,
    columns: fn(Dialect) -> Vec<ColumnDef>,
    unique: &'static [&'static str],
    look_up: &'static [&'static str],
}

const HISTORY: [History; 5] = [
    History { table: "state_transitions", columns: transition, unique: &["id"], look_up: &[] },
    History { table: "approval_records", columns: approval, unique: &["id"], look_up: &["transition_id"] },
    History { table: "configuration_versions", columns: version, unique: &["id", "number"], look_up: &[] },
    History { table: "policy_definitions", columns: definition, unique: &["id"], look_up: &["name"] },
    History { table: "policy_evaluations", columns: evaluation, unique: &["id"], look_up: &["policy"] },
];

fn up(backend: DbBackend) -> Vec<String> {
    let d = Dialect(backend);
    let mut statements = d.session();
    let by_name = index("experiment_states", "name", &["tenant", "environment", "name"]).unique().take();
    statements.extend(d.changing(&mut experiment_states(d), &mut [by_name]));
    let by_commit_id = unique_id("governance_commits", "commit_id");
    statements.extend(d.table(&mut governance_commits(d), &mut [by_commit_id]));
    for history in &HISTORY {
        let unique = history.unique.iter().map(|column| match *column {
            "id" => unique_id(history.table, "id"),
            column => index(history.table, column, &["experiment_id", column]).unique().take(),
        });
        let look_up = history.look_up.iter().map(|column| {
            let columns = ["experiment_id", column, "sequence", "ordinal"];
            index(history.table, column, &columns)
        });
        let mut indexes: Vec<_> = unique.chain(look_up).collect();
        statements.extend(d.table(&mut history_table(history, d), &mut indexes));
    }
    statements.extend(governance_ephemerals(d));
    let tables = HISTORY.iter().map(|history| (history.table, history.unique));
    statements.extend(triggers::create(backend, tables));
    statements.extend(view::create(backend));
    statements
}

fn down(backend: DbBackend) -> Vec<String> {
    let d = Dialect(backend);
    let tables = HISTORY.iter().map(|history| history.table);
    let tables = tables.chain(["governance_commits", "governance_ephemerals", "experiment_states"]);
    let mut statements = view::drop(backend);
    statements.extend(tables.map(|table| d.drop_table(table)));
    statements.extend(triggers::drop(backend));
    statements
}

fn table(name: &'static str, columns: impl IntoIterator<Item = ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create().table(Alias::new(name)).take();
    columns.into_iter().for_each(|mut column| {
        table.col(&mut column);
    });
    table
}

fn primary_key(columns: &[&'static str]) -> IndexCreateStatement {
    let mut key = Index::create();
    columns.iter().for_each(|column| {
        key.col(Alias::new(*column));
    });
    key
}

fn index(table: &'static str, what: &str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = primary_key(columns);
    index.name(format!("{table}_by_{what}")).table(Alias::new(table)).take()
}

/// An id is unique within an experiment, but comes first in the index. New ids are in the order
/// of time, so what is written together stands together, whichever experiments it belongs to.
fn unique_id(table: &'static str, id: &'static str) -> IndexCreateStatement {
    index(table, id, &[id, "experiment_id"]).unique().take()
}

fn experiment_states(d: Dialect) -> TableCreateStatement {
    let columns = [
        d.identity("id"),
        d.scope("tenant"),
        d.scope("environment"),
        d.text("name"),
        d.integer("sequence"),
        d.integer("latest_version"),
        d.integer("recorded_at"),
        d.integer("pruned_through").default(0).take(),
        optional(d.token("etag")),
        optional(d.token("lifecycle_state")),
        optional(d.integer("configuration_version")),
        optional(d.integer("last_modified")),
        optional(d.text("last_modified_by")),
        optional(d.json("metadata")),
    ];
    table("experiment_states", columns)
}

fn governance_commits(d: Dialect) -> TableCreateStatement {
    let columns = [
        d.integer("experiment_id"),
        d.integer("sequence"),
        d.token("commit_id"),
        d.token("fingerprint"),
        d.integer("recorded_at"),
        optional(d.json("state")),
    ];
    table("governance_commits", columns)
        .primary_key(&mut primary_key(&["experiment_id", "sequence"]))
        .foreign_key(&mut foreign_key("governance_commits", &["experiment_id"], "experiment_states", &["id"]))
        .take()
}

fn history_table(history: &History, d: Dialect) -> TableCreateStatement {
    let key = ["experiment_id", "sequence", "ordinal"];
    let commit = ["experiment_id", "sequence"];
    let columns = key.map(|column| d.integer(column)).into_iter().chain([d.token("id")]);
    table(history.table, columns.chain((history.columns)(d)).chain([d.json("metadata")]))
        .primary_key(&mut primary_key(&key))
        .foreign_key(&mut foreign_key(history.table, &commit, "governance_commits", &commit))
        .take()
}

fn foreign_key(
    from: &'static str,
    from_columns: &[&'static str],
    to: &'static str,
    to_columns: &[&'static str],
) -> ForeignKeyCreateStatement {
    let mut key = ForeignKey::create();
    key.name(format!("{from}_belongs_to")).from_tbl(Alias::new(from)).to_tbl(Alias::new(to));
    from_columns.iter().for_each(|column| {
        key.from_col(Alias::new(*column));
    });
    to_columns.iter().for_each(|column| {
        key.to_col(Alias::new(*column));
    });
    key
}

fn transition(d: Dialect) -> Vec<ColumnDef> {
    vec![
        d.token("from_state"),
        d.token("to_state"),
        d.integer("timestamp"),
        d.text("actor"),
        optional(d.prose("reason")),
    ]
}

fn approval(d: Dialect) -> Vec<ColumnDef> {
    vec![
        d.token("transition_id"),
        optional(d.token("from_state")),
        d.token("to_state"),
        d.token("decision"),
        optional(d.text("approver")),
        optional(d.text("requested_by")),
        optional(d.prose("reason")),
        d.integer("timestamp"),
        optional(d.text("gate")),
        optional(d.integer("configuration_version")),
        optional(d.token("configuration_hash")),
    ]
}

fn version(d: Dialect) -> Vec<ColumnDef> {
    vec![
        d.integer("number"),
        d.json("configuration"),
        d.integer("created_at"),
        d.text("created_by"),
        optional(d.prose("change_description")),
        optional(d.token("lifecycle_state")),
        d.token("hash"),
        d.boolean("is_rollback"),
        optional(d.integer("rolled_back_from")),
        optional(d.integer("restored_version")),
    ]
}

fn definition(d: Dialect) -> Vec<ColumnDef> {
    vec![
        d.text("name"),
        d.integer("version"),
        d.text("kind"),
        d.json("parameters"),
        d.boolean("enabled"),
        d.integer("timestamp"),
        d.text("actor"),
    ]
}

fn evaluation(d: Dialect) -> Vec<ColumnDef> {
    vec![
        d.text("policy"),
        d.boolean("compliant"),
        optional(d.prose("reason")),
        d.token("severity"),
        d.integer("timestamp"),
        optional(d.token("current_state")),
        optional(d.token("target_state")),
    ]
}

/// MySQL's keys are at most 3,072 bytes, and this one can be longer; so a digest of it is the key
/// there, in `place`.
fn governance_ephemerals(d: Dialect) -> Vec<String> {
    let name = "governance_ephemerals";
    let key = ["tenant", "environment", "name", "kind", "id"];
    let columns = [d.scope(key[0]), d.scope(key[1]), d.text(key[2]), d.text(key[3]), d.text(key[4])];
    let columns = columns.into_iter().chain([d.json("value"), d.integer("expires_at")]);
    let by_expires_at = index(name, "expires_at", &["expires_at"]);
    if d.is_mysql() {
        let mut table = table(name, std::iter::once(d.token("place")).chain(columns));
        let by_name = index(name, "name", &key[..3]);
        return d.clustered(table.primary_key(&mut primary_key(&["place"])), &mut [by_name, by_expires_at]);
    }
    d.clustered(table(name, columns).primary_key(&mut primary_key(&key)), &mut [by_expires_at])
}
