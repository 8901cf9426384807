//! PostgreSQL's triggers. They fire always: `session_replication_role` does not walk past them.

const REFUSE: &str = "governance_refuse";
const REFUSE_DELETE: &str = "governance_refuse_delete";

/// The functions that the triggers call. They look into the schema of the trigger's table, whatever the
/// search path of the session is: of a name that says no schema, a temporary table is found first.
pub(super) fn functions() -> Vec<String> {
    let function = |name: &str, body: &str| {
        format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp \
             AS $function$\n{body}END\n$function$"
        )
    };
    vec![
        function(
            REFUSE,
            "BEGIN\n  RAISE EXCEPTION '%: %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation';\n",
        ),
        function(
            REFUSE_DELETE,
            "DECLARE\n  pruned bigint;\nBEGIN\n  \
             EXECUTE format('SELECT pruned_through FROM %I.experiment_states WHERE id = $1', TG_TABLE_SCHEMA)\n    \
             INTO pruned USING OLD.experiment_id;\n  \
             IF OLD.sequence <= pruned THEN\n    RETURN OLD;\n  END IF;\n  \
             RAISE EXCEPTION '% is append-only: only retention deletes rows', TG_TABLE_NAME\n    \
             USING ERRCODE = 'restrict_violation';\n",
        ),
    ]
}

pub(super) fn drop_functions() -> Vec<String> {
    [REFUSE, REFUSE_DELETE].map(|name| format!("DROP FUNCTION {name}()")).to_vec()
}

/// A head goes on by one commit at a time. It keeps its identity and never leaves its history
/// behind, nor does its history lose it: foreign keys alone would let a session pass that plays the
/// replica. The conditions are judged
/// before any function is called, so they cost a commit next to nothing.
pub(super) fn head() -> Vec<String> {
    let table = "experiment_states";
    let rules = [
        (
            "no_rewind",
            "BEFORE UPDATE",
            "WHEN (NEW.pruned_through = OLD.pruned_through AND (NEW.id <> OLD.id OR NEW.tenant <> OLD.tenant\n  \
             OR NEW.environment <> OLD.environment OR NEW.name <> OLD.name OR NEW.sequence <> OLD.sequence + 1\n  \
             OR NEW.recorded_at < OLD.recorded_at OR NEW.latest_version < OLD.latest_version\n  \
             OR (NEW.etag IS NULL AND OLD.etag IS NOT NULL)))",
            "a head keeps its key and goes on by one commit",
        ),
        (
            "no_pruning",
            "BEFORE UPDATE OF pruned_through",
            "WHEN (NEW.pruned_through < OLD.pruned_through OR NEW.pruned_through > NEW.sequence\n  \
             OR (NEW.pruned_through <> OLD.pruned_through AND (NEW.id, NEW.tenant, NEW.environment, NEW.name,\n  \
             NEW.sequence, NEW.recorded_at, NEW.latest_version, NEW.etag, NEW.lifecycle_state, NEW.configuration_version,\n  \
             NEW.last_modified, NEW.last_modified_by, NEW.metadata::text) IS DISTINCT FROM (OLD.id, OLD.tenant,\n  \
             OLD.environment, OLD.name, OLD.sequence, OLD.recorded_at, OLD.latest_version, OLD.etag, OLD.lifecycle_state,\n  \
             OLD.configuration_version, OLD.last_modified, OLD.last_modified_by, OLD.metadata::text)))",
            "pruning goes forward, and changes nothing else",
        ),
        (
            "no_forgery",
            "BEFORE INSERT",
            "WHEN (NEW.sequence <> 1 OR NEW.pruned_through <> 0)",
            "a history begins with its first commit",
        ),
    ];
    let row = rules.into_iter().flat_map(|(name, event, condition, reason)| {
        trigger(table, name, event, &format!("FOR EACH ROW {condition}"), &format!("{REFUSE}('{reason}')"))
    });
    let stays = format!("{REFUSE}('a head stays with its history')");
    row.chain(trigger(table, "no_delete", "BEFORE DELETE", "FOR EACH ROW", &stays)).chain(no_truncate(table)).collect()
}

/// UPDATE and TRUNCATE never; DELETE only of what retention has pruned. That a row belongs to a
/// commit, and a commit to an experiment, foreign keys say.
pub(super) fn append_only(table: &str) -> Vec<String> {
    let changed = format!("{REFUSE}('append-only, a row is never changed')");
    let update = trigger(table, "no_update", "BEFORE UPDATE", "FOR EACH ROW", &changed);
    let delete = trigger(table, "no_delete", "BEFORE DELETE", "FOR EACH ROW", &format!("{REFUSE_DELETE}()"));
    update.into_iter().chain(delete).chain(no_truncate(table)).collect()
}

fn no_truncate(table: &str) -> [String; 2] {
    let function = format!("{REFUSE}('it is never emptied')");
    trigger(table, "no_truncate", "BEFORE TRUNCATE", "FOR EACH STATEMENT", &function)
}

fn trigger(table: &str, name: &str, event: &str, when: &str, function: &str) -> [String; 2] {
    let name = format!("{table}_{name}");
    [
        format!("CREATE TRIGGER {name} {event} ON {table}\n{when}\nEXECUTE FUNCTION {function}"),
        format!("ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"),
    ]
}
