//! Programs that are run to their end, with an error that says what they said.

use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};

/// Runs it, and returns what it printed, without the blanks around it.
pub(super) fn run(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {program}"))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() {
        bail!("{program} failed ({}):\n{said}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_failure_then_the_error_holds_what_the_program_said() {
        let error = run(Command::new("sh").args(["-c", "echo out; echo reason >&2; exit 3"])).unwrap_err().to_string();
        assert!(error.contains("out") && error.contains("reason") && error.contains('3'), "{error}");
        assert!(run(&mut Command::new("no-such-program-anywhere")).is_err());
        assert_eq!(run(Command::new("echo").arg(" a ")).unwrap(), "a");
    }
}
