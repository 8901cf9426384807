//! What a scenario remembers between its steps.

use crate::act::STRONG;
use crate::{Opener, Snapshot, samples};
use cucumber::World;
use governance_persistence::{
    ApprovalRecord, Backplane, Commit, Conflict, ETag, ExperimentKey, ExperimentState, Head, Receipt, Result,
};
use std::collections::HashMap;
use std::sync::Arc;

/// A commit that an actor sent, and what the answer was.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) actor: String,
    pub(super) commit: Commit,
    pub(super) answer: Result<Receipt>,
}

impl Sent {
    /// The conflict that the actor was told of.
    pub(super) fn conflict(&self) -> &Conflict {
        let error = self.answer.as_ref().expect_err("the commit is to lose");
        error.as_conflict().unwrap_or_else(|| panic!("the error is to be a conflict: {error}"))
    }
}

/// One place, opened twice.
type Handles = [Arc<dyn Backplane>; 2];

#[derive(Debug, World)]
#[world(init = Self::unopened)]
pub(super) struct Governance {
    places: Vec<Handles>,
    place: usize,
    suffix: String,
    key: Option<ExperimentKey>,
    /// What each actor read last.
    pub(super) read: HashMap<String, Head>,
    pub(super) sent: Vec<Sent>,
    /// The requests for approval, by what the scenario calls their transition.
    pub(super) requests: HashMap<String, ApprovalRecord>,
    /// All that was recorded of the first experiment of the scenario.
    pub(super) recorded: Option<Snapshot>,
}

impl Governance {
    fn unopened() -> Self {
        Self {
            places: Vec::new(),
            place: 0,
            suffix: samples::unique(""),
            key: None,
            read: HashMap::new(),
            sent: Vec::new(),
            requests: HashMap::new(),
            recorded: None,
        }
    }

    /// Opens the places at the start of the scenario.
    pub(super) async fn begin(&mut self, places: &[Arc<dyn Opener>]) {
        for place in places {
            self.places.push([place.open().await, place.open().await]);
        }
    }

    /// Looks at an experiment from now on. Its names are this scenario's own, whatever else the
    /// place holds.
    pub(super) fn look_at(&mut self, name: &str, tenant: Option<&str>, environment: Option<&str>) {
        let own = |word: &str| format!("{word}{}", self.suffix);
        let (tenant, environment) = (tenant.map(own), environment.map(own));
        let key = ExperimentKey::from_parts(tenant.as_deref(), environment.as_deref(), &own(name));
        self.key = Some(key.expect("the names of the scenario are valid"));
    }

    /// Looks at the separate place from now on.
    pub(super) fn move_away(&mut self) {
        self.place = 1;
    }

    /// All places, by one handle each.
    pub(super) fn places(&self) -> impl Iterator<Item = &dyn Backplane> {
        self.places.iter().map(|[handle, _]| &**handle)
    }

    /// The place that the scenario looks at.
    pub(super) fn here(&self) -> &dyn Backplane {
        &*self.handles()[0]
    }

    /// The same place, by two handles.
    pub(super) fn handles(&self) -> &Handles {
        self.places.get(self.place).expect("the places were opened")
    }

    /// The experiment that the scenario looks at.
    pub(super) fn key(&self) -> &ExperimentKey {
        self.key.as_ref().expect("the scenario names an experiment first")
    }

    pub(super) async fn head(&self) -> Head {
        self.here().head(self.key(), STRONG).await.expect("the head can be read")
    }

    pub(super) async fn state(&self) -> Arc<ExperimentState> {
        self.head().await.state.expect("a state was saved")
    }

    pub(super) async fn snapshot(&self) -> Snapshot {
        Snapshot::of(self.here(), self.key()).await
    }

    /// What an actor read last.
    pub(super) fn read_by(&self, actor: &str) -> &Head {
        self.read.get(actor).unwrap_or_else(|| panic!("{actor} read nothing yet"))
    }

    /// The ETag of the state that an actor read last.
    pub(super) fn etag_read_by(&self, actor: &str) -> ETag {
        self.read_by(actor).etag().unwrap_or_else(|| panic!("{actor} found no state"))
    }

    /// Sends a commit, and remembers what the answer was.
    pub(super) async fn send(&mut self, actor: &str, commit: Commit) {
        let answer = self.here().commit(&commit).await;
        self.sent.push(Sent { actor: actor.to_owned(), commit, answer });
    }

    /// Sends a commit that has to be applied.
    pub(super) async fn apply(&mut self, actor: &str, commit: Commit) {
        self.send(actor, commit).await;
        self.last().answer.as_ref().expect("the commit is to be applied");
    }

    /// The last commit that was sent.
    pub(super) fn last(&self) -> &Sent {
        self.sent.last().expect("a commit was sent")
    }

    /// Who won and who lost of the two commits that were sent last.
    pub(super) fn winner_and_loser(&self) -> (&Sent, &Sent) {
        let [.., a, b] = &self.sent[..] else { panic!("two commits were sent") };
        match (&a.answer, &b.answer) {
            (Ok(_), Err(_)) => (a, b),
            (Err(_), Ok(_)) => (b, a),
            answers => panic!("one is to win and one to lose: {answers:?}"),
        }
    }
}
