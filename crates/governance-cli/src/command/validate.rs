//! `governance validate`: checks configuration files, all of them, and all that is in them.

use crate::failure::Failure;
use crate::output::{self, Output};
use governance_config::{Diagnostics, Loader};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was found in one file.
#[derive(Serialize)]
struct Checked<'a> {
    file: &'a Path,
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<Diagnostics>,
}

pub(super) fn run(files: &[PathBuf], out: &mut Output) -> Result<(), Failure> {
    let checked: Vec<_> = files
        .iter()
        .map(|file| {
            let diagnostics = Loader::new().load_file(file).err();
            Checked { file, valid: diagnostics.is_none(), diagnostics }
        })
        .collect();
    if out.is_json() {
        out.value(&checked)?;
    } else {
        for Checked { file, diagnostics, .. } in &checked {
            match diagnostics {
                None => out.line(format_args!("{} is valid", file.display()))?,
                Some(diagnostics) => out.line(output::render(diagnostics))?,
            }
        }
    }
    let faulty = checked.iter().filter(|checked| !checked.valid).count();
    if faulty == 0 { Ok(()) } else { Err(Failure::FaultyFiles { faulty, all: files.len() }) }
}
