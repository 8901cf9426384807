//! Triggers that keep history append-only, whoever writes.

use sea_orm_migration::sea_orm::DbBackend;

/// The statements that create them: for the log, and for each table of history with the columns
/// that are unique within an experiment. Dropping a table drops its triggers.
pub(crate) fn create(
    backend: DbBackend,
    history: impl Iterator<Item = (&'static str, &'static [&'static str])>,
) -> Vec<String> {
    if backend != DbBackend::Sqlite {
        return Vec::new();
    }
    let mut statements = sqlite_head().to_vec();
    statements.extend(sqlite_append_only("governance_commits", &["sequence"], &["commit_id"]));
    for (table, unique) in history {
        statements.extend(sqlite_append_only(table, &["sequence", "ordinal"], unique));
    }
    statements
}

/// UPDATE never; DELETE only of what retention has pruned; and no INSERT of a key that is there,
/// because `INSERT OR REPLACE` deletes without firing a delete trigger.
fn sqlite_append_only(table: &str, place: &[&str], unique: &[&str]) -> [String; 3] {
    let same = |column: &&str| format!("{column} = NEW.{column}");
    let same_place = place.iter().map(same).collect::<Vec<_>>().join(" AND ");
    let duplicate = std::iter::once(same_place).chain(unique.iter().map(same)).map(|condition| {
        format!("EXISTS (SELECT 1 FROM {table} WHERE experiment_id = NEW.experiment_id AND {condition})")
    });
    let duplicate = duplicate.collect::<Vec<_>>().join("\n  OR ");
    [
        format!(
            "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}\n\
             BEGIN SELECT RAISE(ABORT, '{table} is append-only: a row is never changed'); END"
        ),
        format!(
            "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}\n\
             WHEN OLD.sequence > coalesce(\n  \
             (SELECT pruned_through FROM experiment_states WHERE id = OLD.experiment_id), 0)\n\
             BEGIN SELECT RAISE(ABORT, '{table} is append-only: only retention deletes rows'); END"
        ),
        format!(
            "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}\nWHEN {duplicate}\n\
             BEGIN SELECT RAISE(ABORT, '{table} is append-only: the row is there already'); END"
        ),
    ]
}

/// A head is updated with every commit. But it keeps its identity, never goes back, and never
/// leaves its history behind. How far history was pruned is for retention to say, which brings
/// the right to say it along; SQLite has no roles that could hold it back.
fn sqlite_head() -> [String; 4] {
    [
        "CREATE TRIGGER experiment_states_no_pruning BEFORE UPDATE OF pruned_through ON experiment_states\n\
         WHEN NEW.pruned_through <> OLD.pruned_through\n\
         BEGIN SELECT RAISE(ABORT, 'experiment_states: only retention prunes history'); END"
            .to_owned(),
        "CREATE TRIGGER experiment_states_no_rewind BEFORE UPDATE ON experiment_states\n\
         WHEN NEW.id <> OLD.id OR NEW.tenant <> OLD.tenant OR NEW.environment <> OLD.environment\n  \
         OR NEW.name <> OLD.name OR NEW.sequence < OLD.sequence OR NEW.latest_version < OLD.latest_version\n\
         BEGIN SELECT RAISE(ABORT, 'experiment_states: a head keeps its key and never goes back'); END"
            .to_owned(),
        "CREATE TRIGGER experiment_states_no_delete BEFORE DELETE ON experiment_states\n\
         WHEN EXISTS (SELECT 1 FROM governance_commits WHERE experiment_id = OLD.id)\n\
         BEGIN SELECT RAISE(ABORT, 'experiment_states: the experiment has a history'); END"
            .to_owned(),
        "CREATE TRIGGER experiment_states_no_replace BEFORE INSERT ON experiment_states\n\
         WHEN EXISTS (SELECT 1 FROM experiment_states WHERE id = NEW.id\n  \
         OR (tenant = NEW.tenant AND environment = NEW.environment AND name = NEW.name))\n\
         BEGIN SELECT RAISE(ABORT, 'experiment_states: the row is there already'); END"
            .to_owned(),
    ]
}
