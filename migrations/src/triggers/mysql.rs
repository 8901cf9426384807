//! MySQL's and MariaDB's triggers. They fire for every account. `TRUNCATE` fires none: of a table that
//! others refer to a foreign key refuses it, and for the rest an account needs the right to drop it.
//!
//! A temporary table stands before the real one of its name, in a trigger too, and no spelling of the name goes
//! past it. So no account may have the right to make one (docs/mysql.md, *Grants*).

/// A head goes on by one commit at a time. It keeps its identity and never leaves its history
/// behind: a session may switch its foreign keys off, but not this.
pub(super) fn head() -> Vec<String> {
    let table = "experiment_states";
    let kept = "NEW.id = OLD.id AND NEW.tenant = OLD.tenant AND NEW.environment = OLD.environment\n    \
                AND NEW.name = OLD.name";
    let same = |column: &&str| format!("NEW.{column} <=> OLD.{column}");
    // A comparison of texts takes no notice of spaces at their end.
    let same_text = |column: &&str| format!("CAST(NEW.{column} AS BINARY) <=> CAST(OLD.{column} AS BINARY)");
    let state = ["etag", "lifecycle_state", "configuration_version", "last_modified"].iter().map(same);
    let state: Vec<_> = state.chain(["last_modified_by", "metadata"].iter().map(same_text)).collect();
    let same_state = state.join("\n    AND ");
    let rewind = format!(
        "IF NEW.pruned_through = OLD.pruned_through THEN\n  \
         IF NOT ({kept}\n    \
         AND NEW.sequence = OLD.sequence + 1 AND NEW.recorded_at >= OLD.recorded_at\n    \
         AND NEW.latest_version >= OLD.latest_version AND (NEW.etag IS NOT NULL OR OLD.etag IS NULL)) THEN\n    {};\n  \
         END IF;\n\
         ELSEIF NOT (NEW.pruned_through > OLD.pruned_through AND NEW.pruned_through <= NEW.sequence\n    \
         AND {kept} AND NEW.sequence = OLD.sequence\n    AND NEW.recorded_at = OLD.recorded_at \
         AND NEW.latest_version = OLD.latest_version\n    AND {same_state}) THEN\n  {};\n\
         END IF",
        signal(table, "a head keeps its key and goes on by one commit"),
        signal(table, "pruning goes forward, and changes nothing else"),
    );
    let forgery = refuse_if(
        "NEW.sequence <> 1 OR NEW.pruned_through <> 0",
        &signal(table, "a history begins with its first commit"),
    );
    let delete = refuse_if(
        "EXISTS (SELECT 1 FROM governance_commits WHERE experiment_id = OLD.id)",
        &signal(table, "the experiment has a history"),
    );
    let triggers =
        [("no_rewind", "UPDATE", rewind), ("no_forgery", "INSERT", forgery), ("no_delete", "DELETE", delete)];
    triggers.into_iter().flat_map(|(name, event, body)| trigger(table, name, event, &body)).collect()
}

/// UPDATE never; DELETE only of what retention has pruned. `REPLACE` deletes, and an upsert updates.
pub(super) fn append_only(table: &str) -> Vec<String> {
    let update = signal(table, "append-only, a row is never changed");
    let delete = refuse_if(
        "NOT coalesce(OLD.sequence <= (SELECT pruned_through FROM experiment_states WHERE id = OLD.experiment_id), false)",
        &signal(table, "append-only, only retention deletes rows"),
    );
    let update = trigger(table, "no_update", "UPDATE", &update);
    update.into_iter().chain(trigger(table, "no_delete", "DELETE", &delete)).collect()
}

fn refuse_if(condition: &str, signal: &str) -> String {
    format!("IF {condition} THEN\n  {signal};\nEND IF")
}

fn signal(table: &str, reason: &str) -> String {
    format!("SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{table}: {reason}'")
}

/// An interrupted migration may have made it already, and not every server can replace one.
fn trigger(table: &str, name: &str, event: &str, body: &str) -> [String; 2] {
    let name = format!("{table}_{name}");
    [
        format!("DROP TRIGGER IF EXISTS {name}"),
        format!("CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW\n{body}"),
    ]
}
