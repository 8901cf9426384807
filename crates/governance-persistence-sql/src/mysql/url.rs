//! What a URL of MySQL or MariaDB says.

use crate::provider::check_server_url;
use governance_persistence::{Error, Result};
use sqlx::mysql::MySqlConnectOptions;
use std::str::FromStr;

const FIELD: &str = "connectionString";
const EXPECTED: &str = "a URL such as mysql://user:password@host:3306/database";

/// The parameters that may stand behind the `?`.
const PARAMETERS: [&str; 5] = ["ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "socket"];

/// Checks a URL before anything is opened. No error shows any of it but a parameter's name.
pub(crate) fn check_url(url: &str) -> Result<()> {
    check_server_url(url, &PARAMETERS)?;
    let options = parse(url)?;
    if options.get_database().is_none_or(str::is_empty) {
        return Err(Error::invalid(FIELD, "names no database", EXPECTED));
    }
    Ok(())
}

pub(super) fn parse(url: &str) -> Result<MySqlConnectOptions> {
    // The driver's error may quote what it could not read.
    MySqlConnectOptions::from_str(url).map_err(|_| Error::invalid(FIELD, "is not a URL of MySQL or MariaDB", EXPECTED))
}
