//! The steps that write.

use super::program::{Clock, Expect, Fact, Id, Pick};
use super::same::Fault;
use super::world::{World, pick};
use crate::samples;
use governance_persistence::{
    ApprovalRecord, Backplane, BackplaneExt, Commit, CommitBuilder, CommitId, ConfigurationDraft, Consistency,
    Decision, Expected, ExperimentKey, Head, LifecycleState, LogEntry, Record, RecordId, RecordKind, Replicated,
    Sequence, StateChange, Timestamp, VersionNumber,
};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

/// The policies, two of them alike.
pub(super) const POLICIES: [&str; 3] = ["error-rate", "Error-Rate", "latency: p99 < 200 ms"];

impl World {
    /// Where the experiment stands, by the model.
    pub(super) async fn head(&self, key: &ExperimentKey) -> Head {
        self.model.head(key, Consistency::Strong).await.expect("the model answers")
    }

    pub(super) async fn commit(
        &mut self,
        (handle, key): (u8, &ExperimentKey),
        (id, expect): (Id, Expect),
        (state, facts): (Option<LifecycleState>, &[Fact]),
    ) -> Result<(), Fault> {
        let head = self.head(key).await;
        let expected = self.expected(expect, &head);
        if let Some(commit) = self.put_together(&head, self.commit_id(id), expected, (state, facts)) {
            self.send(handle, commit).await?;
        }
        Ok(())
    }

    pub(super) async fn commit_again(&mut self, handle: u8, which: Pick, expect: Expect) -> Result<(), Fault> {
        let Some(earlier) = pick(&self.commits, which) else { return Ok(()) };
        let (id, key, state) = (earlier.id(), earlier.key().clone(), earlier.state().cloned());
        let records = earlier.records().to_vec();
        let expected = self.expected(expect, &self.head(&key).await);
        let again = Commit::builder(&key, expected).id(id).records(records);
        let again = match state {
            Some(state) => again.state(state),
            None => again,
        };
        self.send(handle, again.build().expect("it was valid before")).await
    }

    async fn send(&mut self, handle: u8, commit: Commit) -> Result<(), Fault> {
        self.compare(handle, commit.key(), async |backplane| backplane.commit(&commit).await).await?;
        self.remember(commit);
        Ok(())
    }

    fn remember(&mut self, commit: Commit) {
        let used = commit.records().iter().map(|record| (commit.key().clone(), record.kind(), record.id()));
        self.record_ids.extend(used);
        self.commits.push(commit);
    }

    pub(super) async fn append(&mut self, handle: u8, key: &ExperimentKey, fact: Fact) -> Result<(), Fault> {
        let record = self.record(fact, &mut self.head(key).await);
        let appended = self.compare(handle, key, async |backplane| match record.clone() {
            Record::Transition(record) => backplane.append_state_transition(key, record).await,
            Record::Approval(record) => backplane.append_approval_record(key, record).await,
            Record::Version(record) => backplane.append_configuration_version(key, record).await,
            Record::Definition(record) => backplane.append_policy_definition(key, record).await,
            Record::Evaluation(record) => backplane.append_policy_evaluation(key, record).await,
        });
        appended.await?;
        let id = CommitId::of_record(record.kind(), record.id());
        let commit = Commit::builder(key, Expected::Any).id(id).record(record).build();
        self.remember(commit.expect("the record was valid"));
        Ok(())
    }

    pub(super) async fn next_version(
        &mut self,
        (handle, key): (u8, &ExperimentKey),
        id: Id,
        odd: bool,
    ) -> Result<(), Fault> {
        let (id, draft) = (self.commit_id(id), draft(odd));
        let next =
            async |backplane: &dyn Backplane| backplane.append_next_configuration_version(key, id, draft.clone()).await;
        self.compare(handle, key, next).await?;
        let entry = self.model.entry(key, id, Consistency::Strong).await.expect("the model answers");
        if let Some(entry) = entry {
            let commit = Commit::builder(key, Expected::Any).id(id).records(entry.records);
            self.remember(entry.state.into_iter().fold(commit, CommitBuilder::state).build().expect("it was valid"));
        }
        Ok(())
    }

    pub(super) async fn replicate(
        &mut self,
        (handle, key): (u8, &ExperimentKey),
        content: (Option<LifecycleState>, &[Fact]),
        offset: i8,
        clock: Clock,
    ) -> Result<(), Fault> {
        let mut head = self.head(key).await;
        let Some(commit) = self.put_together(&head, CommitId::new(), Expected::Any, content) else { return Ok(()) };
        let at = [self.clocks.ours.at(key, head.sequence), self.clocks.model.at(key, head.sequence)];
        let latest = at.into_iter().flatten().max().unwrap_or_else(Timestamp::now);
        let earliest = at.into_iter().flatten().min().unwrap_or(latest);
        let recorded_at = match clock {
            Clock::Same => latest,
            Clock::Ahead => latest.saturating_add(HOUR),
            Clock::Behind => earliest.saturating_sub(HOUR),
        };
        head.sequence = moved(head.sequence.next(), offset);
        self.send_entry(handle, LogEntry::of(&commit, head.sequence, recorded_at)).await?;
        self.remember(commit);
        Ok(())
    }

    pub(super) async fn replicate_again(
        &mut self,
        (handle, key): (u8, &ExperimentKey),
        which: Pick,
        changed: bool,
    ) -> Result<(), Fault> {
        // From elsewhere, or from the model's own log: there it was recorded at another time.
        let log = self.model.log(key, Sequence::ZERO, Default::default(), Consistency::Strong).await;
        let log = log.expect("the model answers");
        let known = if which.is_multiple_of(2) { pick(&log, which / 2) } else { pick(&self.entries, which / 2) };
        let Some(mut entry) = known.cloned() else { return Ok(()) };
        if changed {
            entry.state = entry.state.xor(Some(StateChange::to(LifecycleState::Archived)));
        }
        // At the end of the log its instant would decide, and the two clocks differ.
        if entry.sequence > self.head(&entry.key).await.sequence && !changed {
            return Ok(());
        }
        self.send_entry(handle, entry).await
    }

    async fn send_entry(&mut self, handle: u8, entry: LogEntry) -> Result<(), Fault> {
        let key = &entry.key;
        let became = self.compare(handle, key, async |backplane| backplane.replicate(&entry).await).await?;
        if became == Some(Replicated::Applied) {
            let mut at = entry.recorded_at;
            self.clocks.ours.settle(key, entry.sequence, &mut at.clone())?;
            self.clocks.model.settle(key, entry.sequence, &mut at)?;
        }
        self.entries.push(entry);
        Ok(())
    }

    /// The commit; none if it is not valid, which no backplane has to judge.
    fn put_together(
        &self,
        head: &Head,
        id: CommitId,
        expected: Expected,
        (state, facts): (Option<LifecycleState>, &[Fact]),
    ) -> Option<Commit> {
        let mut ahead = head.clone();
        let records: Vec<Record> = facts.iter().map(|fact| self.record(*fact, &mut ahead)).collect();
        let commit = Commit::builder(&head.key, expected).id(id).records(records);
        let change = |state| match facts.first() {
            Some(fact) if fact.odd => samples::full_state(Timestamp::MAX),
            _ => StateChange::to(state).by("alice"),
        };
        state.into_iter().fold(commit, |commit, state| commit.state(change(state))).build().ok()
    }

    fn expected(&self, expect: Expect, head: &Head) -> Expected {
        match expect {
            Expect::Any => Expected::Any,
            Expect::Absent => Expected::Absent,
            Expect::Current => head.same_state(),
            Expect::Match(which) => {
                pick(&self.commits, which).map_or(Expected::Absent, |commit| Expected::Match(commit.id().into()))
            }
            Expect::At(offset) => Expected::At(moved(head.sequence, offset)),
        }
    }

    fn commit_id(&self, id: Id) -> CommitId {
        match id {
            Id::New => CommitId::new(),
            Id::Used(which) | Id::Foreign(which) => pick(&self.commits, which).map_or_else(CommitId::new, Commit::id),
        }
    }

    fn record_id(&self, id: Id, key: &ExperimentKey, kind: RecordKind) -> RecordId {
        let used = match id {
            Id::New => None,
            Id::Foreign(which) => pick(&self.record_ids, which),
            Id::Used(which) => {
                let here = self.record_ids.iter().filter(|used| (&used.0, used.1) == (key, kind));
                pick(&here.collect::<Vec<_>>(), which).copied()
            }
        };
        used.map_or_else(RecordId::new, |used| used.2)
    }

    /// The record. A version follows the head, and is the latest there from now on.
    fn record(&self, fact: Fact, ahead: &mut Head) -> Record {
        let id = self.record_id(fact.id, &ahead.key, fact.kind);
        let policy = POLICIES[usize::from(fact.about) % POLICIES.len()];
        let transition = self.transitions[usize::from(fact.about) % self.transitions.len()];
        let instants = samples::odd_instants();
        let at = instants[usize::from(fact.about) % instants.len()];
        let odd = |plain: Record, odd: Record| if fact.odd { odd } else { plain };
        let metadata = if fact.odd { samples::odd_object() } else { Default::default() };
        match fact.kind {
            RecordKind::Transition => {
                let transition = samples::transition().with_id(id).with_metadata(metadata);
                odd(transition.clone().into(), transition.with_reason(samples::odd_prose()).at(at).into())
            }
            RecordKind::Approval => {
                let decision = Decision::ALL[usize::from(fact.about) % 2];
                let approval = ApprovalRecord::decide(transition, LifecycleState::Running, decision, "bob");
                let approval = approval.with_id(id).with_metadata(metadata);
                odd(approval.clone().into(), approval.with_gate("two-person rule: ✔✔").at(at).into())
            }
            RecordKind::Version => {
                let number = number(ahead, fact.skip);
                ahead.latest_version = Some(number);
                draft(fact.odd).with_id(id).numbered(number).into()
            }
            RecordKind::Definition => {
                let definition = samples::definition(policy).with_id(id).with_metadata(metadata);
                odd(definition.clone().into(), definition.disabled().at(at).into())
            }
            RecordKind::Evaluation => {
                let evaluation = samples::evaluation(policy).with_id(id).with_metadata(metadata);
                odd(evaluation.clone().into(), evaluation.with_reason(samples::odd_prose()).at(at).into())
            }
        }
    }
}

fn draft(odd: bool) -> ConfigurationDraft {
    let configuration = if odd { samples::odd_json() } else { samples::configuration() };
    ConfigurationDraft::new(configuration, "carol")
}

/// The number that follows the latest, or one this far from it.
fn number(head: &Head, skip: i8) -> VersionNumber {
    let next = head.next_version().unwrap_or(VersionNumber::FIRST);
    VersionNumber::new(next.get().saturating_add_signed(skip.into())).unwrap_or(next)
}

fn moved(sequence: Sequence, offset: i8) -> Sequence {
    Sequence::new(sequence.get().saturating_add_signed(offset.into())).unwrap_or(sequence)
}
