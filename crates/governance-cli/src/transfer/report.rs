//! What is applied, counted and told, and how far it has come.

use super::replication::{RefusalKind, Replication, Step};
use crate::failure::Failure;
use crate::output::{Output, clean, counted};
use governance_persistence::{Backplane, ExperimentKey, LogEntry, Sequence};
use indicatif::ProgressBar;
use serde::Serialize;
use std::io::{self, ErrorKind};

/// Most problems that are told; the others are counted.
const MOST: u64 = 100;

/// An experiment that was not applied, and where it ended.
#[derive(Debug, Serialize)]
struct Problem {
    key: ExperimentKey,
    sequence: Sequence,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    kind: RefusalKind,
    problem: String,
}

/// The counts, as JSON has them.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    experiments: u64,
    entries: u64,
    applied: u64,
    already_applied: u64,
    refused: u64,
    problems: Vec<Problem>,
}

/// Applies entries, counts what becomes of them, and tells what was refused when it is.
pub(crate) struct Report<'a> {
    replication: Replication<'a>,
    out: &'a mut Output,
    bar: ProgressBar,
    done: &'static str,
    current: Option<ExperimentKey>,
    counts: Counts,
    diverged: u64,
    gaps: u64,
}

impl<'a> Report<'a> {
    /// Entries go to `target`, and are `done` then.
    pub(crate) fn new(target: &'a dyn Backplane, out: &'a mut Output, bar: ProgressBar, done: &'static str) -> Self {
        let (replication, counts) = (Replication::new(target), Counts::default());
        Self { replication, out, bar, done, current: None, counts, diverged: 0, gaps: 0 }
    }

    /// From here on it is about this experiment.
    pub(crate) fn begin(&mut self, key: &ExperimentKey) {
        if self.current.as_ref() != Some(key) {
            self.counts.experiments += 1;
            self.bar.set_message(key.to_string());
            self.current = Some(key.clone());
        }
    }

    /// The entries up to here are not even read: the target has as many.
    pub(crate) fn passed_over(&mut self, until: Sequence) {
        self.counts.entries += until.get();
        self.counts.already_applied += until.get();
    }

    /// Applies an entry, which came from this line of a file.
    pub(crate) async fn apply(&mut self, entry: &LogEntry, line: Option<u64>) -> Result<(), Failure> {
        self.begin(&entry.key);
        let at_line = |failure| match line {
            Some(line) => Failure::AtLine { line, failure: Box::new(failure) },
            None => failure,
        };
        let step = self.replication.apply(entry).await.map_err(at_line)?;
        self.counts.entries += 1;
        match step {
            Step::Applied => self.counts.applied += 1,
            Step::AlreadyApplied => self.counts.already_applied += 1,
            Step::Refused(refusal) => {
                self.counts.refused += 1;
                if let Some(refusal) = refusal {
                    let (kind, key) = (refusal.kind, entry.key.clone());
                    self.problem(Problem { key, sequence: refusal.sequence, line, kind, problem: refusal.problem })?;
                }
            }
        }
        Ok(())
    }

    /// How far it has come.
    pub(crate) fn bar(&self) -> &ProgressBar {
        &self.bar
    }

    fn problem(&mut self, problem: Problem) -> Result<(), Failure> {
        *match problem.kind {
            RefusalKind::Gap => &mut self.gaps,
            RefusalKind::Diverged => &mut self.diverged,
        } += 1;
        if self.gaps + self.diverged > MOST {
            return Ok(());
        }
        if self.out.is_json() {
            self.counts.problems.push(problem);
            return Ok(());
        }
        let Problem { key, sequence, line, problem, .. } = problem;
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        let line = clean(&format!("{key}, sequence {sequence}{line}: {problem}"));
        let Self { out, bar, .. } = self;
        match bar.suspend(|| out.line(line).and_then(|()| out.flush())) {
            // Nobody reads on, but what is to be applied still is, and the exit code tells.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            told => Ok(told?),
        }
    }

    /// Tells the counts, also of what was done before a failure; the failure weighs more.
    pub(crate) fn finish(mut self, result: Result<(), Failure>) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        let told = self.tell();
        result?;
        let Self { diverged, gaps, .. } = self;
        if diverged + gaps > 0 {
            return Err(Failure::NotApplied { diverged, gaps });
        }
        Ok(told?)
    }

    fn tell(&mut self) -> io::Result<()> {
        let Self { out, counts, .. } = self;
        if out.is_json() {
            return out.value(counts);
        }
        let (experiments, entries) = (counted(counts.experiments, "experiment"), counted(counts.entries, "commit"));
        let Counts { applied, already_applied, refused, .. } = counts;
        let refused = if *refused == 0 { String::new() } else { format!(", {refused} refused") };
        let done = self.done;
        out.line(format_args!(
            "{done} {experiments}, {entries}: {applied} applied, {already_applied} there already{refused}."
        ))
    }
}
