//! All that can be read of an experiment, through every way of reading, compared with its log.

use futures_util::{StreamExt, TryStreamExt};
use governance_persistence::{
    Backplane, BackplaneExt, Consistency, ExperimentKey, Head, HistoryQuery, LogEntry, LookUp, PageSize, Record,
    RecordKind, Recorded, Result, Sequence, replay,
};
use std::collections::BTreeSet;

const STRONG: Consistency = Consistency::Strong;

/// All that can be read of an experiment.
///
/// [`of`](Self::of) panics when two ways of reading do not tell the same story. Two snapshots are
/// equal when nothing at all has changed between them, or between one backplane and another.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The head.
    pub head: Head,
    /// The whole log.
    pub log: Vec<LogEntry>,
    /// Every record, kind by kind, in the order of history.
    pub records: Vec<Recorded<Record>>,
}

impl Snapshot {
    /// Reads all there is, while nobody writes to the experiment.
    ///
    /// # Panics
    ///
    /// When a read fails, or when log, head, histories, entries and look-ups disagree.
    pub async fn of(backplane: &dyn Backplane, key: &ExperimentKey) -> Self {
        let snapshot = Self::read(backplane, key).await.unwrap_or_else(|error| panic!("reading {key}: {error}"));
        snapshot.check_log(key);
        snapshot.check_records();
        snapshot.check_entries(backplane, key).await;
        snapshot.check_look_ups(backplane, key).await;
        snapshot
    }

    async fn read(backplane: &dyn Backplane, key: &ExperimentKey) -> Result<Self> {
        let head = backplane.head(key, STRONG).await?;
        // A backplane that answers with the same page again and again is to fail, not to go on for ever.
        let one_too_many = usize::try_from(head.sequence.get()).unwrap_or(usize::MAX).saturating_add(1);
        let log = backplane.log_stream(key, Sequence::ZERO, PageSize::default(), STRONG).take(one_too_many);
        let log: Vec<LogEntry> = log.try_collect().await?;
        let one_too_many = log.iter().map(|entry| entry.records.len()).sum::<usize>() + 1;
        let mut records = Vec::new();
        for kind in RecordKind::ALL {
            let history = backplane.history_stream(key, HistoryQuery::new(kind), STRONG).take(one_too_many);
            let history: Vec<_> = history.try_collect().await?;
            let stray = history.iter().find(|recorded| recorded.record.kind() != kind);
            assert_eq!(stray, None, "the history of kind {kind} of {key} holds a record of another kind");
            records.extend(history);
        }
        Ok(Self { head, log, records })
    }

    /// The records of one kind, in the order of history.
    pub fn of_kind(&self, kind: RecordKind) -> Vec<&Recorded<Record>> {
        self.records.iter().filter(|recorded| recorded.record.kind() == kind).collect()
    }

    /// The sequence is dense, every entry is what was committed, and the head is the log's fold.
    fn check_log(&self, key: &ExperimentKey) {
        let sequences: Vec<_> = self.log.iter().map(|entry| entry.sequence.get()).collect();
        let dense: Vec<_> = (1..=self.head.sequence.get()).collect();
        assert_eq!(sequences, dense, "the log of {key} has every sequence up to its head's, once, in order");
        for entry in &self.log {
            entry.verify().unwrap_or_else(|error| panic!("an entry of the log does not verify: {error}"));
        }
        let folded = self.log.iter().try_fold(replay::start(key), replay::apply);
        let folded = folded.unwrap_or_else(|error| panic!("the log is no history: {error}"));
        assert_eq!(self.head, folded, "the head of {key} is what its log leads to");
    }

    /// The histories hold just the records of the log, at their places.
    fn check_records(&self) {
        let in_log: Vec<_> = self.log.iter().flat_map(LogEntry::recorded).collect();
        for kind in RecordKind::ALL {
            let logged: Vec<_> = in_log.iter().filter(|recorded| recorded.record.kind() == kind).collect();
            assert_eq!(self.of_kind(kind), logged, "the history of kind {kind} is what the log says");
        }
    }

    async fn check_entries(&self, backplane: &dyn Backplane, key: &ExperimentKey) {
        for entry in &self.log {
            let found = backplane.entry(key, entry.commit_id, STRONG).await.expect("an entry can be read");
            assert_eq!(found.as_ref(), Some(entry), "the entry of a commit is the one in the log");
        }
    }

    async fn check_look_ups(&self, backplane: &dyn Backplane, key: &ExperimentKey) {
        self.check_look_up(backplane, key, LookUp::LatestVersion).await;
        for recorded in self.of_kind(RecordKind::Version) {
            let Record::Version(version) = &recorded.record else { continue };
            self.check_look_up(backplane, key, LookUp::Version(version.number)).await;
        }
        let mut policies = BTreeSet::new();
        let mut transitions = BTreeSet::new();
        for recorded in &self.records {
            match &recorded.record {
                Record::Definition(definition) => _ = policies.insert(&definition.name),
                Record::Evaluation(evaluation) => _ = policies.insert(&evaluation.policy),
                Record::Approval(approval) => _ = transitions.insert(approval.transition_id),
                Record::Transition(transition) => _ = transitions.insert(transition.id),
                Record::Version(_) => {}
            }
        }
        for policy in policies {
            self.check_look_up(backplane, key, LookUp::LatestDefinition(policy)).await;
            self.check_look_up(backplane, key, LookUp::LatestEvaluation(policy)).await;
        }
        for transition in transitions {
            self.check_look_up(backplane, key, LookUp::Approvals(transition)).await;
        }
    }

    async fn check_look_up(&self, backplane: &dyn Backplane, key: &ExperimentKey, look_up: LookUp<'_>) {
        let found = backplane.look_up(key, look_up, STRONG).await.expect("a look-up answers");
        let found: Vec<_> = found.iter().collect();
        assert_eq!(found, self.answer(look_up), "{look_up:?} finds what the log says");
    }

    /// What a look-up has to find, by walking the whole history.
    fn answer(&self, look_up: LookUp<'_>) -> Vec<&Recorded<Record>> {
        let matches = |recorded: &&Recorded<Record>| match (look_up, &recorded.record) {
            (LookUp::Version(number), Record::Version(version)) => version.number == number,
            (LookUp::LatestVersion, Record::Version(_)) => true,
            (LookUp::LatestDefinition(policy), Record::Definition(definition)) => definition.name == policy,
            (LookUp::LatestEvaluation(policy), Record::Evaluation(evaluation)) => evaluation.policy == policy,
            (LookUp::Approvals(transition), Record::Approval(approval)) => approval.transition_id == transition,
            _ => false,
        };
        let mut found: Vec<_> = self.records.iter().filter(matches).collect();
        if !matches!(look_up, LookUp::Approvals(_)) {
            found = found.pop().into_iter().collect();
        }
        found
    }
}
