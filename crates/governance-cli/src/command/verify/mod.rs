//! `governance verify`: is what is stored what was committed?

mod experiment;
mod heads;
mod histories;
mod ids;
mod log;
mod report;

use crate::args::VerifyArgs;
use crate::output::Output;
use crate::{failure::Failure, scope::Scope};
use governance_persistence::{Backplane, Consistency, Error};
use report::Report;

pub(super) async fn run(
    backplane: &dyn Backplane,
    scope: &Scope,
    args: &VerifyArgs,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut report = Report::new(out);
    let walked = walk(backplane, scope, args, &mut report).await;
    report.finish(walked)
}

async fn walk(
    backplane: &dyn Backplane,
    scope: &Scope,
    args: &VerifyArgs,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let Some(name) = &args.name else {
        return heads::verify_all(backplane, report).await;
    };
    let key = scope.key(name)?;
    match backplane.head(&key, Consistency::Strong).await {
        Ok(head) if head.exists() => experiment::verify(backplane, &head, report).await,
        Ok(_) => Err(Failure::unknown_experiment(&key)),
        Err(Error::Corrupt { key, sequence, problem }) => {
            report.begin(&key);
            report.problem(&key, sequence, &problem)
        }
        Err(error) => Err(error.into()),
    }
}
