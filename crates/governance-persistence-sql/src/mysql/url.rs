//! What a URL of MySQL or MariaDB says.

use crate::provider::check_server_url;
use governance_persistence::{Error, Result};
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use std::str::FromStr;

const FIELD: &str = "connectionString";
const EXPECTED: &str = "a URL such as mysql://user:password@host:3306/database";

/// The parameters that may stand behind the `?`.
const PARAMETERS: [&str; 5] = ["ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "socket"];

/// Checks a URL before anything is opened. No error shows any of it but a parameter's name.
pub(crate) fn check_url(url: &str) -> Result<()> {
    check_server_url(url, &PARAMETERS)?;
    check_mode(url)?;
    let options = parse(url)?;
    if options.get_database().is_none_or(str::is_empty) {
        return Err(Error::invalid(FIELD, "names no database", EXPECTED));
    }
    Ok(())
}

/// The driver would say of a mode that it does not know only that the URL is not one.
fn check_mode(url: &str) -> Result<()> {
    let (_, parameters) = url.split_once('?').unwrap_or_default();
    let mut modes = parameters.split('&').filter_map(|parameter| parameter.strip_prefix("ssl-mode="));
    if modes.all(|mode| mode.parse::<MySqlSslMode>().is_ok()) {
        return Ok(());
    }
    let expected = "disabled, preferred, required, verify_ca or verify_identity";
    Err(Error::invalid(FIELD, "has an unknown ssl-mode", expected))
}

pub(super) fn parse(url: &str) -> Result<MySqlConnectOptions> {
    // The driver's error may quote what it could not read.
    MySqlConnectOptions::from_str(url).map_err(|_| Error::invalid(FIELD, "is not a URL of MySQL or MariaDB", EXPECTED))
}
