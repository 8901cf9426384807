//! What the numbers of MySQL's and MariaDB's errors mean.
//! <https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html>,
//! <https://mariadb.com/kb/en/mariadb-error-codes/>

use super::class::Class;
use governance_persistence::{Error, Source};
use sqlx::mysql::MySqlDatabaseError;

pub(crate) fn classify(doing: &str, error: sqlx::Error) -> Class {
    match error {
        sqlx::Error::Database(database) if database.try_downcast_ref::<MySqlDatabaseError>().is_some() => {
            let text = database.message().to_owned();
            let known = database.downcast::<MySqlDatabaseError>();
            of(known.number(), doing, &text, known)
        }
        other => Class::of_connection(doing, other),
    }
}

/// As [`classify`], of an error that cannot be taken apart.
pub(crate) fn of_number(error: &MySqlDatabaseError, doing: &str, source: Source) -> Class {
    of(error.number(), doing, error.message(), source)
}

fn of(number: u16, doing: &str, text: &str, source: Source) -> Class {
    let because = |what: &str| format!("{doing}: {what} ({text}, error {number})");
    let unavailable = |what: &str, source| Error::not_applied(because(what), Some(source));
    match number {
        // ER_DUP_ENTRY, ER_DUP_ENTRY_WITH_KEY_NAME
        1062 | 1586 => Class::Duplicate(unavailable("a unique key is taken", source)),
        // ER_CHECKREAD, ER_LOCK_DEADLOCK, ER_XA_RBDEADLOCK; what another member of
        // a group has written first: ER_TRANSACTION_ROLLBACK_DURING_COMMIT
        1020 | 1213 | 1614 | 3101 => Class::Again(unavailable("others were in the way", source)),
        // ER_LOCK_WAIT_TIMEOUT
        1205 => Class::Held(unavailable("somebody else holds a lock on it", source)),
        // ER_QUERY_INTERRUPTED, MariaDB's ER_STATEMENT_TIMEOUT, MySQL's ER_QUERY_TIMEOUT
        1317 | 1969 | 3024 => {
            Class::Slow(unavailable("it took longer than statementTimeout, or was cancelled", source))
        }
        // ER_OPTION_PREVENTS_STATEMENT, ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE
        1290 | 1792 | 1836 => {
            Class::Demoted(unavailable("the server only reads: it is a replica, or was told so", source))
        }
        // ER_DBACCESS_DENIED_ERROR: so it is answered too, of a database that does not exist, to who may not know.
        1044 => Class::Broken(refused(
            "names a database that this account may not use",
            text,
            "one that exists, and an account with rights on it (docs/mysql.md has the grants)",
        )),
        // ER_ACCESS_DENIED_ERROR, ER_HOST_NOT_PRIVILEGED,
        // ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ER_MUST_CHANGE_PASSWORD, ER_MUST_CHANGE_PASSWORD_LOGIN,
        // ER_SECURE_TRANSPORT_REQUIRED, ER_ACCOUNT_HAS_BEEN_LOCKED
        1045 | 1130 | 1698 | 1820 | 1862 | 3118 | 3159 | 4151 => {
            Class::Broken(refused("is refused by the server", text, "a user and password it knows"))
        }
        // ER_BAD_DB_ERROR, ER_NO_DB_ERROR
        1049 | 1046 => Class::Broken(refused("names a database that does not exist", text, "one that does")),
        // ER_NO_SUCH_TABLE, ER_BAD_FIELD_ERROR, ER_KEY_DOES_NOT_EXISTS
        1146 | 1054 | 1176 => Class::Refused(crate::migrations::not_migrated(text)),
        // ER_BINLOG_CREATE_ROUTINE_NEED_SUPER
        1419 => Class::Refused(Error::Unsupported {
            what: "creating triggers on this server".into(),
            why: format!(
                "{text}; the server writes a binary log, so set log_bin_trust_function_creators=1 on it \
                 while it is migrated, or migrate with an account that has the right SUPER"
            )
            .into(),
        }),
        // ER_BINLOG_STMT_MODE_AND_ROW_ENGINE
        1665 => Class::Refused(Error::Unsupported {
            what: "writing to this server".into(),
            why: format!("{text}; set binlog_format to ROW or MIXED").into(),
        }),
        // ER_NET_PACKET_TOO_LARGE. The server hangs up.
        1153 => Class::Broken(Error::Unsupported {
            what: "a commit of this size on this server".into(),
            why: format!("{text}; set max_allowed_packet to 16 MiB or more").into(),
        }),
        // ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR,
        // ER_PROCACCESS_DENIED_ERROR; a trigger whose maker is gone: ER_NO_SUCH_USER
        1142 | 1143 | 1227 | 1370 | 1449 => Class::Refused(Error::Unsupported {
            what: "what this account is asked to do".into(),
            why: format!("{text}; see docs/mysql.md for the grants").into(),
        }),
        // ER_CON_COUNT_ERROR, ER_HOST_IS_BLOCKED, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED
        1040 | 1129 | 1203 | 1226 => Class::Broken(unavailable("the server takes no connections now", source)),
        // ER_UNKNOWN_COM_ERROR: so a node of Galera answers that is not ready, or has lost the others.
        1047 => Class::Broken(unavailable("the server takes no statements now", source)),
        // ER_DISK_FULL, ER_OUTOFMEMORY, ER_OUT_OF_SORTMEMORY, ER_OUT_OF_RESOURCES, ER_RECORD_FILE_FULL,
        // ER_LOCK_TABLE_FULL, ER_TOO_MANY_CONCURRENT_TRXS
        1021 | 1037 | 1038 | 1041 | 1114 | 1206 | 1637 => {
            Class::Refused(unavailable("the server ran out of something", source))
        }
        // ER_SERVER_SHUTDOWN, ER_NORMAL_SHUTDOWN, ER_SHUTDOWN_COMPLETE, ER_FORCING_CLOSE,
        // ER_ABORTING_CONNECTION, the ER_NET family, ER_ERROR_DURING_COMMIT, MariaDB's
        // ER_CONNECTION_KILLED, MySQL's ER_CLIENT_INTERACTION_TIMEOUT: it may have committed before.
        1053 | 1077 | 1079 | 1080 | 1152 | 1154..=1161 | 1180 | 1184 | 1927 | 4031 => {
            Class::Lost(Error::unknown(because("the server went away"), Some(source)))
        }
        _ => Class::Refused(Error::Backend { reason: because("refused").into(), source: Some(source) }),
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
    const TOO_LARGE: &str = "Broken(Unsupported {";

    const MEANINGS: &[(&str, &[u16])] = &[
        (DUPLICATE, &[1062, 1586]),
        (AGAIN, &[1020, 1213, 1614, 3101]),
        (HELD, &[1205]),
        (SLOW, &[1317, 1969, 3024]),
        (DEMOTED, &[1290, 1792, 1836]),
        (WRONG_URL, &[1044, 1045, 1046, 1049, 1130, 1698, 1820, 1862, 3118, 3159, 4151]),
        (UNSUPPORTED, &[1054, 1142, 1143, 1146, 1176, 1227, 1370, 1419, 1449, 1665]),
        (TOO_LARGE, &[1153]),
        (BROKEN, &[1040, 1047, 1129, 1203, 1226]),
        (REFUSED, &[1021, 1037, 1038, 1041, 1114, 1206, 1637]),
        (LOST, &[1053, 1077, 1079, 1080, 1152, 1154, 1158, 1161, 1180, 1184, 1927, 4031]),
        // A syntax error, a CHECK, a SIGNAL; what nobody has heard of.
        (BACKEND, &[1064, 3819, 4025, 1644, 9999]),
    ];

    #[test]
    fn each_code_means_what_the_table_says() {
        for (meaning, codes) in MEANINGS {
            for code in *codes {
                let class = format!("{:?}", of(*code, "testing", "words", "source".into()));
                assert!(class.starts_with(meaning), "{code}: {class} is not {meaning}");
                assert!(class.contains("words"), "{code}: {class} does not say what the server said");
            }
        }
    }
}
