//! What the URL of a PostgreSQL server says.

use crate::provider::check_server_url;
use governance_persistence::{Error, Result};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::str::FromStr;

const FIELD: &str = "connectionString";
const EXPECTED: &str = "a URL such as postgres://user:password@host:5432/database";

/// The parameters that may stand behind the `?`.
const PARAMETERS: [&str; 6] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "options", "host"];

/// Checks a URL before anything is opened. No error shows any of it but a parameter's name.
pub(crate) fn check_url(url: &str) -> Result<()> {
    check_server_url(url, &PARAMETERS)?;
    let options = parse(url)?;
    if options.get_database().is_none_or(str::is_empty) {
        return Err(Error::invalid(FIELD, "names no database", EXPECTED));
    }
    // To the driver it means the same as `disable`.
    if matches!(options.get_ssl_mode(), PgSslMode::Allow) {
        let problem = "has the sslmode allow, with which nothing would be encrypted";
        return Err(Error::invalid(FIELD, problem, "prefer, which encrypts if the server can, or a stricter one"));
    }
    Ok(())
}

pub(super) fn parse(url: &str) -> Result<PgConnectOptions> {
    // The driver's error may quote what it could not read.
    PgConnectOptions::from_str(url).map_err(|_| Error::invalid(FIELD, "is not a URL of PostgreSQL", EXPECTED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_that_never_encrypts_is_refused_by_the_one_to_write_instead() {
        let error = check_url("postgres://u:p@h/db?sslmode=allow").unwrap_err().to_string();
        assert!(error.contains("allow") && error.contains("prefer"), "{error}");
        for mode in ["disable", "prefer", "require", "verify-ca", "verify-full"] {
            check_url(&format!("postgres://u:p@h/db?sslmode={mode}")).unwrap();
        }
    }

    #[test]
    fn a_password_is_not_taken_for_a_parameter_and_shown() {
        for url in ["postgres://u:se?cret@h/db", "postgres://u:se?cret=1@h/db", "postgres://u:p@h/db?se@cret"] {
            let error = check_url(url).unwrap_err().to_string();
            assert!(!error.contains("cret"), "{error}");
        }
        assert!(check_url("postgres://u:p@h/db?sslmod=on").unwrap_err().to_string().contains("sslmod"));
        check_url("postgres://u:p%3F@h/db?sslmode=disable").unwrap();
    }
}
