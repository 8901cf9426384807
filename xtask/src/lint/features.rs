//! Each crate must build without features, and with each of its features alone.

use super::Report;
use anyhow::{Context, Result};
use serde_json::Value;
use xshell::{Shell, cmd};

/// Builds every crate of the workspace, first without features, then with one at a time.
///
/// With clippy, which costs what `cargo check` does: what is unused without a feature is a
/// warning, and a warning is a failure.
pub(super) fn check_each_alone(sh: &Shell, report: &mut Report) -> Result<()> {
    let metadata = cmd!(sh, "cargo metadata --no-deps --format-version 1").quiet().read()?;
    for (package, features) in packages(&metadata)? {
        let alone = cmd!(sh, "cargo clippy --quiet --package {package} --no-default-features -- -D warnings");
        report.add(format!("{package} without features"), alone.run());
        for feature in features {
            let alone = cmd!(
                sh,
                "cargo clippy --quiet --package {package} --no-default-features --features {feature} -- -D warnings"
            );
            report.add(format!("{package} with {feature} alone"), alone.run());
        }
    }
    Ok(())
}

/// The name and the features of each package that `cargo metadata` tells of.
fn packages(metadata: &str) -> Result<Vec<(String, Vec<String>)>> {
    let metadata: Value = serde_json::from_str(metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let named = packages.iter().map(|package| {
        let name = package["name"].as_str().context("a package has no name")?;
        let features = package["features"].as_object().context("a package has no features")?;
        Ok((name.to_owned(), features.keys().cloned().collect()))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_cargo_metadata_when_read_then_each_package_has_its_features() {
        let metadata = r#"{"packages":[
            {"name":"a","features":{}},
            {"name":"b","features":{"default":["x"],"x":[]}}
        ]}"#;
        let expected = [("a".to_owned(), vec![]), ("b".to_owned(), vec!["default".to_owned(), "x".to_owned()])];
        assert_eq!(packages(metadata).unwrap(), expected);
        assert!(packages("{}").is_err());
    }
}
