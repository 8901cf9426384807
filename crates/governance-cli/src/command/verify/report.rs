//! What verification counts and finds, and how far it has come.

use crate::failure::Failure;
use crate::output::{Output, clean, counted, spinner};
use governance_persistence::{ExperimentKey, LogEntry, RecordKind, Sequence};
use indicatif::ProgressBar;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, ErrorKind};

/// Most problems that are told of one experiment; the others are counted.
const MOST: usize = 100;

/// A problem, and where it is.
#[derive(Serialize)]
struct Problem {
    key: ExperimentKey,
    sequence: Sequence,
    problem: String,
}

/// The counts, as JSON has them.
#[derive(Serialize)]
struct Counts {
    experiments: u64,
    entries: u64,
    records: BTreeMap<&'static str, u64>,
    problems: Vec<Problem>,
}

/// Counts what is verified and tells problems as they are found.
pub(super) struct Report<'a> {
    out: &'a mut Output,
    bar: ProgressBar,
    counts: Counts,
    found: u64,
    /// Sequences of the current experiment that were told as faulty already: one fault tends to
    /// show in several ways.
    faulty: HashSet<Sequence>,
}

impl<'a> Report<'a> {
    pub(super) fn new(out: &'a mut Output) -> Self {
        let bar = spinner("{spinner} {pos} commits verified, now {msg}");
        let records = RecordKind::ALL.map(|kind| (kind.as_str(), 0)).into();
        let counts = Counts { experiments: 0, entries: 0, records, problems: Vec::new() };
        Self { out, bar, counts, found: 0, faulty: HashSet::new() }
    }

    /// From here on it is about this experiment.
    pub(super) fn begin(&mut self, key: &ExperimentKey) {
        self.counts.experiments += 1;
        self.faulty.clear();
        self.bar.set_message(key.to_string());
    }

    /// This entry was looked at.
    pub(super) fn verified(&mut self, entry: &LogEntry) {
        self.counts.entries += 1;
        self.bar.inc(1);
        for record in &entry.records {
            *self.counts.records.entry(record.kind().as_str()).or_default() += 1;
        }
    }

    /// Something is wrong there.
    pub(super) fn problem(&mut self, key: &ExperimentKey, sequence: Sequence, problem: &str) -> Result<(), Failure> {
        if !self.faulty.insert(sequence) {
            return Ok(());
        }
        self.found += 1;
        if self.faulty.len() > MOST {
            return Ok(());
        }
        if self.out.is_json() {
            let (key, problem) = (key.clone(), problem.to_owned());
            self.counts.problems.push(Problem { key, sequence, problem });
            return Ok(());
        }
        let line = clean(&format!("{key}, sequence {sequence}: {problem}"));
        let Self { out, bar, .. } = self;
        match bar.suspend(|| out.line(line).and_then(|()| out.flush())) {
            // Nobody reads on, but the exit code must still tell.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            told => Ok(told?),
        }
    }

    /// Tells the counts. That something is wrong weighs more than that it cannot be told.
    pub(super) fn finish(mut self, walked: Result<(), Failure>) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        if walked.is_err() && self.found == 0 {
            return walked;
        }
        // What was found before it broke off is told all the same.
        let told = self.tell();
        walked?;
        if self.found > 0 {
            return Err(Failure::Unsound { problems: counted(self.found, "problem") });
        }
        Ok(told?)
    }

    fn tell(&mut self) -> io::Result<()> {
        let Self { out, counts, .. } = self;
        if out.is_json() {
            return out.value(counts);
        }
        let kinds: Vec<_> = counts.records.iter().map(|(kind, count)| counted(*count, kind)).collect();
        let (experiments, entries) = (counted(counts.experiments, "experiment"), counted(counts.entries, "commit"));
        out.line(format_args!("Verified {experiments}, {entries}: {}.", kinds.join(", ")))?;
        if self.found == 0 { out.line("All of it is what was committed.") } else { Ok(()) }
    }
}
