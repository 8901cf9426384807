//! What PostgreSQL's codes mean. <https://www.postgresql.org/docs/current/errcodes-appendix.html>

use super::class::Class;
pub(crate) use super::class::session_failure;
use governance_persistence::{Error, Source};
use sqlx::postgres::PgDatabaseError;

pub(crate) fn classify(doing: &str, error: sqlx::Error) -> Class {
    match error {
        sqlx::Error::Database(database) if database.try_downcast_ref::<PgDatabaseError>().is_some() => {
            let text = database.to_string();
            let known = database.downcast::<PgDatabaseError>();
            let code = code(&known).to_owned();
            of(&code, doing, &text, known)
        }
        other => Class::of_connection(doing, other),
    }
}

/// As [`classify`], of an error that cannot be taken apart.
pub(crate) fn of_code(error: &PgDatabaseError, doing: &str, source: Source) -> Class {
    of(code(error), doing, error.message(), source)
}

/// A statement that was prepared gives other columns than it did. The code says no more than that something cannot
/// be done, and the words are in the server's language; where it comes from is not.
fn code(error: &PgDatabaseError) -> &str {
    match (error.code(), error.routine()) {
        ("0A000", Some("RevalidateCachedQuery")) => STALE,
        (code, _) => code,
    }
}

/// invalid_sql_statement_name
const STALE: &str = "26000";

fn of(code: &str, doing: &str, text: &str, source: Source) -> Class {
    let because = |what: &str| format!("{doing}: {what} ({text}, SQLSTATE {code})");
    let unavailable = |what: &str, source| Error::not_applied(because(what), Some(source));
    match code {
        // unique_violation
        "23505" => Class::Duplicate(unavailable("a unique key is taken", source)),
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => Class::Again(unavailable("others were in the way", source)),
        // lock_not_available: so says lock_timeout
        "55P03" => Class::Held(unavailable("somebody else holds a lock on it", source)),
        // query_canceled
        "57014" => Class::Slow(unavailable("it took longer than statementTimeout, or was cancelled", source)),
        STALE => Class::Broken(unavailable("what the session has prepared is of no more use", source)),
        // read_only_sql_transaction
        "25006" => Class::Demoted(unavailable("the server only reads: it is a standby, or was told so", source)),
        // invalid_authorization_specification, invalid_password
        "28000" | "28P01" => Class::Broken(refused("is refused by the server", text, "a user and password it knows")),
        // undefined_object, invalid_parameter_value, cant_change_runtime_param: a setting in the URL
        "42704" | "22023" | "55P02" => {
            Class::Refused(refused("asks for what the server refuses", text, "other settings"))
        }
        // invalid_catalog_name
        "3D000" => Class::Broken(refused("names a database that does not exist", text, "one that does")),
        // invalid_schema_name
        "3F000" => Class::Refused(refused("has a search_path without a schema that exists", text, "one that does")),
        // undefined_table, undefined_column, undefined_function
        "42P01" | "42703" | "42883" => Class::Refused(crate::migrations::not_migrated(text)),
        // insufficient_privilege
        "42501" => Class::Refused(Error::Unsupported {
            what: "what this account is asked to do".into(),
            why: format!("{text}; see docs/sql.md for the grants").into(),
        }),
        // cannot_connect_now, too_many_connections
        "57P03" | "53300" => Class::Broken(unavailable("the server takes no connections now", source)),
        _ => match code.get(..2) {
            // insufficient_resources
            Some("53") => Class::Refused(unavailable("the server ran out of something", source)),
            // connection_exception; admin_shutdown, crash_shutdown, …: the server may have committed
            // before it was told to go.
            Some("08" | "57") => Class::Lost(Error::unknown(because("the server went away"), Some(source))),
            _ => Class::Refused(Error::Backend { reason: because("refused").into(), source: Some(source) }),
        },
    }
}

fn refused(problem: &str, text: &str, expected: &str) -> Error {
    Error::invalid("connectionString", format!("{problem}: {text}"), expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of what a class looks like: the class, and the error in it.
    const DUPLICATE: &str = "Duplicate(Unavailable { outcome: NotApplied";
    const AGAIN: &str = "Again(Unavailable { outcome: NotApplied";
    const HELD: &str = "Held(Unavailable { outcome: NotApplied";
    const SLOW: &str = "Slow(Unavailable { outcome: NotApplied";
    const REFUSED: &str = "Refused(Unavailable { outcome: NotApplied";
    const UNSUPPORTED: &str = "Refused(Unsupported {";
    const BACKEND: &str = "Refused(Backend {";
    const BROKEN: &str = "Broken(Unavailable { outcome: NotApplied";
    const WRONG_URL: &str = "Broken(Invalid(";
    const DEMOTED: &str = "Demoted(Unavailable { outcome: NotApplied";
    const LOST: &str = "Lost(Unavailable { outcome: Unknown";
    const WRONG_SETTING: &str = "Refused(Invalid(";

    const MEANINGS: &[(&str, &[&str])] = &[
        (DUPLICATE, &["23505"]),
        (AGAIN, &["40001", "40P01"]),
        (HELD, &["55P03"]),
        (SLOW, &["57014"]),
        (DEMOTED, &["25006"]),
        (WRONG_URL, &["28000", "28P01", "3D000"]),
        (WRONG_SETTING, &["42704", "22023", "55P02", "3F000"]),
        (UNSUPPORTED, &["42P01", "42703", "42883", "42501"]),
        (BROKEN, &["26000", "57P03", "53300"]),
        (REFUSED, &["53000", "53100", "53200", "53400"]),
        (LOST, &["08000", "08006", "57P01", "57P02", "57P05"]),
        // A syntax error, a CHECK, a RAISE, what is not supported; what nobody has heard of.
        (BACKEND, &["42601", "23514", "23001", "P0001", "0A000", "XX000", "99999"]),
    ];

    #[test]
    fn each_code_means_what_the_table_says() {
        for (meaning, codes) in MEANINGS {
            for code in *codes {
                let class = format!("{:?}", of(code, "testing", "words", "source".into()));
                assert!(class.starts_with(meaning), "{code}: {class} is not {meaning}");
                assert!(class.contains("words"), "{code}: {class} does not say what the server said");
            }
        }
    }
}
