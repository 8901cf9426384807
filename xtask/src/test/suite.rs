//! The suites: what `--only` can name, which packages each runs, and which programs and servers it needs.

use crate::provision::{CC, SQLITE3};
use clap::ValueEnum;
use xtask::programs::Program;
use xtask::services::Service;

/// A part of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Suite {
    /// The core crate: models, commits, canonical JSON.
    Core,
    /// The contract and the features on the in-memory backplane.
    Memory,
    /// The contract and the features on SQLite, and its migrations.
    Sqlite,
    /// The contract and the features on PostgreSQL, and what only a server can do wrong.
    Postgres,
    /// The contract and the features on MariaDB, and what only a server can do wrong.
    Mysql,
    /// The contract and the features on Redis, one server, a cluster and behind Sentinel, and what only a server can do wrong.
    Redis,
    /// The managers, on every backplane, by one process and by several.
    Managers,
    /// The configuration language and the samples.
    Config,
    /// The governance command.
    Cli,
    /// The benchmark's own arithmetic, and that its limits do the same work.
    Bench,
    /// The servers that tests run on: they start, answer, crash, and leave nothing behind; nor do tests on them.
    Services,
    /// The examples in the docs and in the README.
    Docs,
}

/// What a suite runs, and what it needs.
#[derive(Clone, Copy, Debug, Default)]
struct Definition {
    /// The packages whose tests it runs, and the features they are built with.
    packages: &'static [(&'static str, &'static [&'static str])],
    programs: &'static [Program],
    /// The servers that its tests find by their variables.
    services: &'static [Service],
}

impl Suite {
    fn definition(self) -> Definition {
        match self {
            Self::Core => runs(&[("governance-persistence", &[])]),
            Self::Memory => runs(&[("governance-persistence-conformance", &[])]),
            Self::Sqlite => {
                runs(&[("governance-persistence-sql", &["sqlite"]), ("governance-migrations", &["sqlite"])])
                    .with(&[CC, SQLITE3])
            }
            Self::Postgres => {
                runs(&[("governance-persistence-sql", &["postgres"]), ("governance-migrations", &["postgres"])])
                    .on(&[Service::Postgres])
            }
            Self::Mysql => runs(&[("governance-persistence-sql", &["mysql"]), ("governance-migrations", &["mysql"])])
                .on(&[Service::Mariadb]),
            Self::Redis => runs(&[("governance-persistence-redis", &["tls"])]).on(&[
                Service::Redis,
                Service::RedisCluster,
                Service::RedisSentinel,
            ]),
            Self::Managers => runs(&[("governance", &[])]).with(&[CC]).on(&[
                Service::Postgres,
                Service::Mariadb,
                Service::Redis,
                Service::RedisCluster,
            ]),
            Self::Config => runs(&[("governance-config", &["mysql", "postgres", "redis", "sqlite"])]).with(&[CC]),
            Self::Cli => runs(&[("governance-cli", &[])]).with(&[CC, SQLITE3]).on(&DATABASES),
            Self::Bench => runs(&[("governance-bench", &[])]).with(&[CC]).on(&DATABASES),
            Self::Services => runs(&[("governance-test-places", &[]), ("xtask", &[])]).on(Service::ALL),
            Self::Docs => runs(&[]).with(&[CC]),
        }
    }
}

/// One of each engine that is a server. Of Redis the tests start more, by the same programs.
const DATABASES: [Service; 3] = [Service::Postgres, Service::Mariadb, Service::Redis];

fn runs(packages: &'static [(&'static str, &'static [&'static str])]) -> Definition {
    Definition { packages, ..Definition::default() }
}

impl Definition {
    fn with(self, programs: &'static [Program]) -> Self {
        Self { programs, ..self }
    }

    /// What a server needs is added for each that is started.
    fn on(self, services: &'static [Service]) -> Self {
        Self { services, ..self }
    }
}

/// The arguments by which cargo selects every package and feature.
pub(super) fn workspace() -> Vec<String> {
    ["--workspace", "--all-features"].map(String::from).into()
}

/// The arguments by which cargo selects the packages and features of these suites; none when
/// nothing but docs was asked for.
pub(super) fn selection(suites: &[Suite]) -> Vec<String> {
    let packages = suites.iter().flat_map(|suite| suite.definition().packages);
    let arguments = packages.flat_map(|(package, features)| {
        let features = features.iter().map(move |feature| format!("--features={package}/{feature}"));
        [format!("--package={package}")].into_iter().chain(features)
    });
    arguments.collect()
}

/// The servers that have to be started for these suites, each once: all but those that are `given`.
pub(super) fn services(suites: &[Suite], given: impl Fn(Service) -> bool) -> Vec<Service> {
    once(suites.iter().flat_map(|suite| suite.definition().services).filter(|service| !given(**service)))
}

/// The variables that are missing of the servers that are given, for the suites whose tests want them, each once.
pub(super) fn missing(suites: &[Suite], is_set: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let wanting = suites.iter().filter_map(|suite| match suite {
        Suite::Postgres => Some(Service::Postgres),
        Suite::Mysql => Some(Service::Mariadb),
        _ => None,
    });
    let given = wanting.filter(|service| is_set(service.url_variable()));
    let mut missing: Vec<_> = given.flat_map(Service::other_variables).copied().filter(|name| !is_set(name)).collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// The programs that these suites and servers need, each once.
pub(super) fn programs(suites: &[Suite], services: &[Service]) -> Vec<Program> {
    let of_suites = suites.iter().flat_map(|suite| suite.definition().programs);
    once(of_suites.chain(services.iter().flat_map(|service| service.programs())))
}

fn once<'a, T: Copy + PartialEq + 'a>(items: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut found = Vec::new();
    for item in items {
        if !found.contains(item) {
            found.push(*item);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_two_suites_when_selected_then_both_packages_are_run_with_their_features() {
        assert_eq!(
            selection(&[Suite::Core, Suite::Config]),
            [
                "--package=governance-persistence",
                "--package=governance-config",
                "--features=governance-config/mysql",
                "--features=governance-config/postgres",
                "--features=governance-config/redis",
                "--features=governance-config/sqlite"
            ]
        );
        assert!(selection(&[Suite::Docs]).is_empty());
    }

    #[test]
    fn given_suites_that_share_a_program_then_it_is_named_once() {
        assert_eq!(programs(&[Suite::Sqlite, Suite::Config, Suite::Cli], &[]), [CC, SQLITE3]);
    }

    #[test]
    fn given_a_suite_on_servers_then_it_needs_the_programs_of_each() {
        for suite in [Suite::Bench, Suite::Cli, Suite::Managers] {
            let needed = programs(&[suite], &services(&[suite], |_| false));
            for service in DATABASES {
                assert!(service.programs().iter().all(|program| needed.contains(program)), "{needed:?}");
            }
        }
    }

    #[test]
    fn given_the_url_of_a_server_and_nothing_more_then_what_its_own_tests_want_beside_is_missing() {
        let url_only = |variable: &str| variable == "GOVERNANCE_TEST_POSTGRES_URL";
        let wanted = missing(Suite::value_variants(), url_only);
        assert_eq!(
            wanted,
            [
                "GOVERNANCE_TEST_CA",
                "GOVERNANCE_TEST_POSTGRES_ADMIN_URL",
                "GOVERNANCE_TEST_POSTGRES_REPLICA_ADMIN_URL",
                "GOVERNANCE_TEST_POSTGRES_REPLICA_URL"
            ]
        );
        assert!(missing(&[Suite::Managers, Suite::Mysql], url_only).is_empty());
        assert!(missing(Suite::value_variants(), |_| true).is_empty());
        assert!(missing(Suite::value_variants(), |_| false).is_empty());
    }

    #[test]
    fn given_a_server_that_somebody_named_then_it_is_not_started_and_its_programs_are_not_needed() {
        let suites = [Suite::Services, Suite::Services];
        assert_eq!(services(&suites, |_| false), Service::ALL);
        let started = services(&suites, |service| service != Service::Postgres);
        assert_eq!(started, [Service::Postgres]);
        assert_eq!(programs(&suites, &started), Service::Postgres.programs());
        assert!(services(&[Suite::Sqlite], |_| false).is_empty());
    }
}
