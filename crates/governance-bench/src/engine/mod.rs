//! The engines that can be measured.

mod growth;
mod histories;
mod memory;
mod moves;
mod mysql;
mod postgres;
mod redis;
mod sqlite;

pub(crate) use sqlite::stream_alone;

use crate::measure::{Plan, Row, Selection, Workload, compare};
use anyhow::Result;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::runtime::Runtime;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// The in-memory backplane.
    Memory,
    /// SQLite, in a file in the directory for temporary files.
    Sqlite,
    /// PostgreSQL, on a private server.
    Postgres,
    /// MariaDB, on a private server.
    #[value(alias = "mariadb")]
    Mysql,
    /// Redis, on private servers.
    Redis,
}

impl Engine {
    pub(crate) const ALL: [Self; 5] = [Self::Memory, Self::Sqlite, Self::Postgres, Self::Mysql, Self::Redis];

    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Redis => "redis",
        }
    }

    /// Measures what the plan asks for.
    pub(crate) fn run(self, runtime: &Runtime, plan: &Plan) -> Result<Vec<Row>> {
        match self {
            Self::Memory => {
                let bench = memory::Bench::new(runtime);
                let workloads = bench.workloads(plan);
                let selection = Selection::of(plan.only.as_deref(), names(&workloads));
                measure(self.name(), workloads, &selection, plan)
            }
            Self::Sqlite => {
                let bench = sqlite::Bench::new(runtime)?;
                let (workloads, stream) = (bench.workloads(plan), sqlite::stream_name(plan));
                let selection = Selection::of(plan.only.as_deref(), names(&workloads).chain([stream.as_str()]));
                let mut rows = measure(self.name(), workloads, &selection, plan)?;
                if selection.includes(&stream) {
                    rows.push(bench.stream(self.name(), plan)?);
                }
                Ok(rows)
            }
            Self::Postgres => {
                let bench = postgres::Bench::new(runtime)?;
                let (mut workloads, other) = (bench.workloads(plan), postgres::AGAINST_POSTGRES_ES);
                let selection = Selection::of(plan.only.as_deref(), names(&workloads).chain([other]));
                if selection.includes(other) {
                    match postgres::build_postgres_es() {
                        Ok(program) => workloads.extend(bench.against_postgres_es(&program)),
                        // The others can be measured all the same, if there are any.
                        Err(error) if names(&workloads).any(|name| selection.includes(name)) => {
                            eprintln!("{error:#}; so \"{other}\" is left out");
                        }
                        Err(error) => return Err(error),
                    }
                }
                measure(self.name(), workloads, &selection, plan)
            }
            Self::Mysql => {
                let bench = mysql::Bench::new(runtime)?;
                let workloads = bench.workloads(plan);
                let selection = Selection::of(plan.only.as_deref(), names(&workloads));
                measure(self.name(), workloads, &selection, plan)
            }
            Self::Redis => {
                let bench = redis::Bench::new(runtime)?;
                let workloads = bench.workloads(plan);
                let selection = Selection::of(plan.only.as_deref(), names(&workloads));
                measure(self.name(), workloads, &selection, plan)
            }
        }
    }
}

fn names<'w>(workloads: &'w [Workload<'_>]) -> impl Iterator<Item = &'w str> {
    workloads.iter().map(|workload| workload.name.as_str())
}

fn measure(engine: &'static str, workloads: Vec<Workload<'_>>, selection: &Selection, plan: &Plan) -> Result<Vec<Row>> {
    let chosen: Vec<_> = workloads.into_iter().filter(|workload| selection.includes(&workload.name)).collect();
    let bar = ProgressBar::new(chosen.len() as u64).with_style(
        ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar.set_prefix(engine);
    let measured = chosen.into_iter().map(|workload| {
        bar.set_message(format!("{} × {}", workload.name, workload.concurrency));
        let row = compare(engine, workload, plan);
        bar.inc(1);
        row
    });
    let rows = measured.collect();
    bar.finish_and_clear();
    rows
}
