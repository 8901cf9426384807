//! Reading a configuration file: bounded, and with a clear word on why it cannot be read.

use crate::document::MAX_BYTES;
use crate::{Diagnostics, Format};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

/// The file's text, and what its extension says it is.
pub(crate) fn read(path: &Path) -> Result<(String, Format), Diagnostics> {
    let refuse = |problem: &str, expected: &str| Diagnostics::of_file(path, problem, expected);
    let because = |error: std::io::Error| {
        let expected = match error.kind() {
            ErrorKind::NotFound => "the path of a configuration file",
            ErrorKind::PermissionDenied => "a file that this user may read",
            _ => "a file that can be read",
        };
        let problem = match error.kind() {
            ErrorKind::NotFound => "there is no such file".to_owned(),
            ErrorKind::PermissionDenied => "no permission to read the file".to_owned(),
            _ => format!("the file cannot be read: {error}"),
        };
        refuse(&problem, expected)
    };

    // Before opening it: opening a pipe would wait for its writer.
    let metadata = fs::metadata(path).map_err(because)?;
    if metadata.is_dir() {
        return Err(refuse("is a directory", "the path of a configuration file"));
    }
    if !metadata.is_file() {
        return Err(refuse("is not a regular file", "the path of a configuration file"));
    }
    let Some(format) = Format::of_path(path) else {
        return Err(refuse("its name does not say what it is", "a name that ends in .yaml, .yml or .json"));
    };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)).map_err(because)?;
    if bytes.len() > MAX_BYTES {
        return Err(refuse("is larger than 1 MiB", "a file of at most 1 MiB"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((text, format)),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(refuse(&format!("is not UTF-8: line {line} holds other bytes"), "a file in UTF-8"))
        }
    }
}
