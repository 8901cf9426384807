//! Rules about source files that no other tool checks.

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

const MAX_LINES: usize = 350;

/// Every Rust file says first what it is for, and none is too long to read in one go.
pub(super) fn check(sh: &Shell) -> Result<()> {
    // Also those that are not added yet: who writes one wants to know before the commit.
    let files = cmd!(sh, "git ls-files --cached --others --exclude-standard -- *.rs").quiet().read()?;
    let mut faults = Vec::new();
    for file in files.lines().filter(|file| sh.path_exists(file)) {
        faults.extend(faults_of(&sh.read_file(file)?).map(|fault| format!("\n  {file} {fault}")));
    }
    if !faults.is_empty() {
        bail!("{}", faults.concat());
    }
    Ok(())
}

fn faults_of(text: &str) -> impl Iterator<Item = String> {
    let unsaid = !text.starts_with("//!");
    let lines = text.lines().count();
    let unsaid = unsaid.then(|| "does not begin with `//!` and what it is for".to_owned());
    let too_long = (lines > MAX_LINES).then(|| format!("has {lines} lines; at most {MAX_LINES}"));
    unsaid.into_iter().chain(too_long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_file_that_says_what_it_is_for_then_nothing_is_wrong() {
        assert_eq!(faults_of("//! Rules.\n").count(), 0);
        assert_eq!(faults_of(&"//! Rules.\n".repeat(350)).count(), 0);
    }

    #[test]
    fn given_a_long_file_that_says_nothing_then_both_are_told() {
        let faults: Vec<_> = faults_of(&"\n".repeat(351)).collect();
        assert_eq!(faults, ["does not begin with `//!` and what it is for", "has 351 lines; at most 350"]);
    }
}
