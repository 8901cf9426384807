//! `governance schema`: the JSON Schema of configuration files.

use crate::{failure::Failure, output::Output};

pub(super) fn run(out: &mut Output) -> Result<(), Failure> {
    Ok(out.value(&governance_config::json_schema())?)
}
