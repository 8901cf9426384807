//! What is read besides the command line: JSON, from a file or from standard input.

use crate::failure::Failure;
use governance_persistence::{Json, limits};
use std::io::{self, Read};
use std::{fs::File, path::Path};

/// Most bytes that are read: twice what a commit may have, for spellings with more white space.
const MAX_BYTES: u64 = 2 * limits::MAX_COMMIT_BYTES as u64;

/// Reads JSON from a file, or from standard input for `-`.
pub(crate) fn json(path: &Path) -> Result<Json, Failure> {
    let failed = |error| Failure::file(path, &error);
    let input: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
    let mut text = String::new();
    input.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_BYTES {
        let message = format!("{} holds more than {MAX_BYTES} bytes", path.display());
        return Err(Failure::usage(message, "what is written has at most 1 MiB of canonical JSON"));
    }
    Ok(Json::parse(&text)?)
}
