//! The suites: what `--only` can name, which packages each runs, and which programs it needs.

use super::provision::{CC, Program, SQLITE3};
use clap::ValueEnum;

/// A part of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Suite {
    /// The core crate: models, commits, canonical JSON.
    Core,
    /// The contract and the features on the in-memory backplane.
    Memory,
    /// The contract and the features on SQLite, and its migrations.
    Sqlite,
    /// The configuration language and the samples.
    Config,
    /// The governance command.
    Cli,
    /// The benchmark's own arithmetic, and that its limits do the same work.
    Bench,
    /// The examples in the docs and in the README.
    Docs,
}

impl Suite {
    pub(super) const ALL: &[Self] =
        &[Self::Core, Self::Memory, Self::Sqlite, Self::Config, Self::Cli, Self::Bench, Self::Docs];

    /// The packages whose tests it runs, and the features they are built with.
    fn packages(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::Core => &[("governance-persistence", &[])],
            Self::Memory => &[("governance-persistence-conformance", &[])],
            Self::Sqlite => &[("governance-persistence-sql", &["sqlite"]), ("governance-migrations", &["sqlite"])],
            Self::Config => &[("governance-config", &["sqlite"])],
            Self::Cli => &[("governance-cli", &[])],
            Self::Bench => &[("governance-bench", &[])],
            Self::Docs => &[],
        }
    }

    fn programs(self) -> &'static [Program] {
        match self {
            Self::Core | Self::Memory => &[],
            Self::Config | Self::Bench | Self::Docs => &[CC],
            Self::Sqlite | Self::Cli => &[CC, SQLITE3],
        }
    }
}

/// The arguments by which cargo selects every package and feature.
pub(super) fn workspace() -> Vec<String> {
    ["--workspace", "--all-features"].map(String::from).into()
}

/// The arguments by which cargo selects the packages and features of these suites; none when
/// nothing but docs was asked for.
pub(super) fn selection(suites: &[Suite]) -> Vec<String> {
    let packages = suites.iter().flat_map(|suite| suite.packages());
    let arguments = packages.flat_map(|(package, features)| {
        let features = features.iter().map(move |feature| format!("--features={package}/{feature}"));
        [format!("--package={package}")].into_iter().chain(features)
    });
    arguments.collect()
}

/// The programs that these suites need, each once.
pub(super) fn programs(suites: &[Suite]) -> Vec<Program> {
    let mut programs: Vec<Program> = Vec::new();
    for program in suites.iter().flat_map(|suite| suite.programs()) {
        if !programs.contains(program) {
            programs.push(*program);
        }
    }
    programs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_two_suites_when_selected_then_both_packages_are_run_with_their_features() {
        assert_eq!(
            selection(&[Suite::Core, Suite::Config]),
            ["--package=governance-persistence", "--package=governance-config", "--features=governance-config/sqlite"]
        );
        assert!(selection(&[Suite::Docs]).is_empty());
    }

    #[test]
    fn given_suites_that_share_a_program_then_it_is_named_once() {
        assert_eq!(programs(&[Suite::Sqlite, Suite::Config, Suite::Cli]), [CC, SQLITE3]);
    }

    #[test]
    fn every_suite_that_can_be_named_is_part_of_all() {
        assert_eq!(Suite::ALL, Suite::value_variants());
    }
}
