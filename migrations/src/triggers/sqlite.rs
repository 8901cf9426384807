//! SQLite's triggers.

/// A head goes on by one commit at a time. It keeps its identity and never leaves its history
/// behind. How far history was pruned is for retention to say, which brings the right to say it
/// along; SQLite has no roles that could hold it back.
pub(super) fn head() -> Vec<String> {
    let rules = [
        (
            "no_pruning BEFORE UPDATE OF pruned_through ON experiment_states\n\
             WHEN NEW.pruned_through <> OLD.pruned_through",
            "only retention prunes history",
        ),
        (
            "no_rewind BEFORE UPDATE ON experiment_states\n\
             WHEN NEW.pruned_through = OLD.pruned_through AND (NEW.id <> OLD.id OR NEW.tenant <> OLD.tenant OR NEW.environment <> OLD.environment\n  \
             OR NEW.name <> OLD.name OR NEW.sequence <> OLD.sequence + 1 OR NEW.recorded_at < OLD.recorded_at\n  \
             OR NEW.latest_version < OLD.latest_version OR (NEW.etag IS NULL AND OLD.etag IS NOT NULL))",
            "a head keeps its key and goes on by one commit",
        ),
        (
            "no_delete BEFORE DELETE ON experiment_states\n\
             WHEN EXISTS (SELECT 1 FROM governance_commits WHERE experiment_id = OLD.id)",
            "the experiment has a history",
        ),
        (
            "no_replace BEFORE INSERT ON experiment_states\n\
             WHEN EXISTS (SELECT 1 FROM experiment_states WHERE id = NEW.id\n  \
             OR (tenant = NEW.tenant AND environment = NEW.environment AND name = NEW.name))",
            "the row is there already",
        ),
        (
            "no_forgery BEFORE INSERT ON experiment_states\nWHEN NEW.sequence <> 1 OR NEW.pruned_through <> 0",
            "a history begins with its first commit",
        ),
    ];
    let create = |(event, reason)| {
        format!(
            "CREATE TRIGGER experiment_states_{event}\n\
             BEGIN SELECT RAISE(ABORT, 'experiment_states: {reason}'); END"
        )
    };
    rules.map(create).to_vec()
}

/// UPDATE never; DELETE only of what retention has pruned; INSERT only of the commit that the head
/// is at, for a commit writes its head first, and never of a key that is there, because
/// `INSERT OR REPLACE` deletes without firing a delete trigger.
///
/// Nobody chooses a rowid, which could be that of another row; whoever does not has -1 in the trigger.
/// One trigger guards INSERT against all of this, because each trigger costs every commit a part of a
/// microsecond.
pub(super) fn append_only(table: &str, place: &[&str], unique: &[&str]) -> [String; 3] {
    let same = |column: &&str| format!("{column} = NEW.{column}");
    let same_place = place.iter().map(same).collect::<Vec<_>>().join(" AND ");
    let same_key = std::iter::once(same_place).chain(unique.iter().map(same));
    let same_key = same_key.map(|condition| format!("experiment_id = NEW.experiment_id AND {condition}"));
    let duplicate = same_key.map(|condition| format!("EXISTS (SELECT 1 FROM {table} WHERE {condition})"));
    let duplicate = duplicate.collect::<Vec<_>>().join("\n  OR ");
    [
        trigger(&format!("{table}_no_update BEFORE UPDATE ON {table}"), table, "a row is never changed"),
        trigger(
            &format!(
                "{table}_no_delete BEFORE DELETE ON {table}\nWHEN OLD.sequence > coalesce(\n  \
                 (SELECT pruned_through FROM experiment_states WHERE id = OLD.experiment_id), 0)"
            ),
            table,
            "only retention deletes rows",
        ),
        format!(
            "CREATE TRIGGER {table}_only_append BEFORE INSERT ON {table}\n\
             BEGIN SELECT CASE\n\
             WHEN {duplicate}\n  \
             THEN RAISE(ABORT, '{table} is append-only: the row is there already')\n\
             WHEN NEW.rowid <> -1\n  \
             THEN RAISE(ABORT, '{table} is append-only: nobody chooses a rowid')\n\
             WHEN NEW.sequence IS NOT (SELECT sequence FROM experiment_states WHERE id = NEW.experiment_id)\n  \
             THEN RAISE(ABORT, '{table} is append-only: a row belongs to the commit that is being written')\n\
             END; END"
        ),
    ]
}

fn trigger(event: &str, table: &str, reason: &str) -> String {
    format!("CREATE TRIGGER {event}\nBEGIN SELECT RAISE(ABORT, '{table} is append-only: {reason}'); END")
}
