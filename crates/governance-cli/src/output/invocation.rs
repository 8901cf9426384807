//! How this command is called, so that the commands it suggests can be pasted.

use crate::args::Global;
use std::fmt::Write;

/// The beginning of every command line like this one.
#[derive(Debug)]
pub(crate) struct Invocation(String);

impl Invocation {
    /// The program and the global options that were given by hand; the environment stays.
    pub(crate) fn of(global: &Global) -> Self {
        // Cargo tells the programs it runs which package they are.
        let by_cargo = std::env::var("CARGO_PKG_NAME").is_ok_and(|name| name == env!("CARGO_PKG_NAME"));
        let mut text = if by_cargo { "cargo run -q -p governance-cli --" } else { "governance" }.to_owned();
        let config = global.config().map(|path| path.display().to_string());
        for (option, value) in [("config", &config), ("tenant", &global.tenant), ("environment", &global.environment)] {
            if let Some(value) = value {
                let _ = write!(text, " --{option} {}", quote(value)); // writing to a String cannot fail
            }
        }
        Self(text)
    }

    /// The command line with these words.
    pub(crate) fn with(&self, words: &[&str]) -> String {
        words.iter().fold(self.0.clone(), |line, word| format!("{line} {}", quote(word)))
    }
}

/// The word as a shell takes it.
pub(crate) fn quote(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@%+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn a_word_with_a_blank_or_a_quote_is_one_word_to_the_shell() {
        assert_eq!(quote("checkout-1"), "checkout-1");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("it's new"), r"'it'\''s new'");
    }
}
