//! Writes a configuration as a file.

use crate::GovernanceConfig;
use crate::document::yaml_data;
use crate::section::GovernanceKeys;
use serde::Serialize;

#[derive(Serialize)]
struct File {
    governance: GovernanceKeys,
}

impl File {
    fn of(config: &GovernanceConfig) -> Self {
        Self { governance: GovernanceKeys::of(config) }
    }
}

/// What serde_yaml would write such that YAML 1.2 reads something else: the line breaks of YAML
/// 1.1, and a key that would become a merge key.
const MISTAKEN: [&str; 4] = ["\u{85}", "\u{2028}", "\u{2029}", "<<:"];

pub(crate) fn yaml(config: &GovernanceConfig) -> String {
    match yaml_data::write(&File::of(config)) {
        Some(yaml) if !MISTAKEN.iter().any(|mistaken| yaml.contains(mistaken)) => yaml,
        _ => json(config), // JSON is YAML too, and quotes everything
    }
}

#[expect(clippy::expect_used, reason = "the message is the proof")]
pub(crate) fn json(config: &GovernanceConfig) -> String {
    serde_json::to_string_pretty(&File::of(config)).expect("keys are strings, and values are JSON")
}
