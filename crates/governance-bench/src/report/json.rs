//! Rows for programs.

use crate::measure::Row;
use anyhow::Result;

/// One array with an object a row, on standard output.
pub(crate) fn json(rows: &[Row]) -> Result<()> {
    serde_json::to_writer_pretty(std::io::stdout().lock(), rows)?;
    println!();
    Ok(())
}
