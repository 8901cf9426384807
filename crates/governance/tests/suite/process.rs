//! Other processes, each with a manager of its own: this program once more, running the test [`acts`] alone. It is
//! told in lines what to do, and answers in lines.

use crate::places::Address;
use crate::stopping::{Call, Stopping};
use crate::world::{key, on};
use governance::{
    ApprovalDecision, ApprovalRequest, Error, ErrorRate, Governance, ManualGate, Moves, Quorum, RollbackRequest,
    Telemetry, TransitionRequest,
};
use governance_persistence::{Backplane, LifecycleState, RecordId, VersionNumber};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Lines, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

/// What the other process is told when it starts: where the backplane is.
const ADDRESS: &str = "GOVERNANCE_TEST_ADDRESS";
/// What its answers begin with; the test harness writes lines of its own.
const SAID: &str = "said: ";
const SIGKILL: i32 = 9;

/// What somebody is to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Deed {
    /// Move the experiment, at an error rate of one percent.
    Move(LifecycleState),
    /// Bring version 1 back, and move the experiment to `RolledBack`.
    RollBack,
    /// Ask people for their approval of the move to this state.
    Request(LifecycleState),
    /// Approve what was asked for.
    Approve(RecordId),
}

/// What came of it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer {
    Done,
    /// People were asked, for this transition.
    Requested(RecordId),
    /// It was not done. A conflict or not, this is what was told.
    Refused {
        is_conflict: bool,
        told: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Order {
    actor: String,
    deed: Deed,
    stops_before_commit: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Said {
    /// All is judged; the commit is next.
    StandsBeforeCommit,
    Answer(Answer),
}

/// Governance as all processes are set up, as by one file.
pub(crate) fn governed(backplane: &Arc<dyn Backplane>) -> Governance {
    let approval = Moves::between(LifecycleState::PendingApproval, LifecycleState::Approved);
    let resumption = Moves::between(LifecycleState::Paused, LifecycleState::Running);
    let builder = on(backplane).approval_gate(ManualGate::new("approval", approval).quorum(Quorum::of(2).unwrap()));
    let builder = builder.approval_gate(ManualGate::new("review", resumption));
    builder.policy(ErrorRate::at_most(0.05).unwrap()).build().unwrap()
}

/// Somebody in a process of their own, which is killed when it is dropped.
pub(crate) struct Process {
    actor: String,
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub(crate) fn of(actor: &str, address: &Address) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("a test has an executable"));
        command.args(["--exact", "process::acts", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env(ADDRESS, serde_json::to_string(address).unwrap());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { actor: actor.to_owned(), process, lines }
    }

    /// They do it, and this is what comes of it.
    pub(crate) fn does(&mut self, deed: Deed) -> Answer {
        self.begins(deed);
        self.answer()
    }

    /// They begin, and nobody waits for them.
    pub(crate) fn begins(&mut self, deed: Deed) {
        self.is_told(&Order { actor: self.actor.clone(), deed, stops_before_commit: false });
    }

    /// They judge, and stand right before the commit.
    pub(crate) fn stands_before(&mut self, deed: Deed) {
        self.is_told(&Order { actor: self.actor.clone(), deed, stops_before_commit: true });
        assert_eq!(self.says(), Said::StandsBeforeCommit);
    }

    /// Those who stand go on, and nobody waits for them.
    pub(crate) fn is_let_go(&mut self) {
        self.is_told(&());
    }

    /// Those who stand go on, and this is what comes of it.
    pub(crate) fn goes_on(&mut self) -> Answer {
        self.is_let_go();
        self.answer()
    }

    /// What came of what they began.
    pub(crate) fn answer(&mut self) -> Answer {
        match self.says() {
            Said::Answer(answer) => answer,
            Said::StandsBeforeCommit => panic!("{} was not to stop", self.actor),
        }
    }

    /// The process is gone, in the middle of whatever it did.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        assert_eq!(self.process.wait().unwrap().signal(), Some(SIGKILL));
    }

    fn is_told(&self, what: &impl Serialize) {
        let line = serde_json::to_string(what).unwrap();
        writeln!(self.process.stdin.as_ref().unwrap(), "{line}").unwrap();
    }

    fn says(&mut self) -> Said {
        loop {
            let line = self.lines.next().unwrap_or_else(|| panic!("the process of {} ended early", self.actor));
            if let Some(said) = line.unwrap().strip_prefix(SAID) {
                return serde_json::from_str(said).unwrap();
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that was killed before is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a part of other tests, which run it in processes of its own"]
async fn acts() {
    let address = std::env::var(ADDRESS).expect("the other tests set it");
    let address: Address = serde_json::from_str(&address).unwrap();
    let backplane = address.open().await;
    let mut lines = std::io::stdin().lines();
    while let Some(line) = lines.next() {
        let order: Order = serde_json::from_str(&line.unwrap()).unwrap();
        let stopping = Stopping::new(&backplane);
        let stop = order.stops_before_commit.then(|| stopping.at(Call::Commit));
        let stopping: Arc<dyn Backplane> = stopping;
        let governance = governed(&stopping);
        // Only who acts has the backplane: if they end without a commit, nobody waits for them to come to it.
        drop(stopping);
        let acting = tokio::spawn(act(governance, order));
        if let Some(mut stop) = stop {
            stop.reached().await;
            say(&Said::StandsBeforeCommit);
            lines.next().expect("somebody lets it go on").unwrap();
            stop.go_on();
        }
        say(&Said::Answer(acting.await.unwrap()));
    }
}

fn say(said: &Said) {
    println!("\n{SAID}{}", serde_json::to_string(said).unwrap());
}

async fn act(governance: Governance, order: Order) -> Answer {
    let actor = order.actor.as_str();
    let done = match order.deed {
        Deed::Move(to) => {
            let request = TransitionRequest::to(to, actor).telemetry(Telemetry::none().error_rate(0.01));
            governance.lifecycle().transition(&key(), &request).await.map(|_| Answer::Done)
        }
        Deed::RollBack => {
            let request = RollbackRequest::to(VersionNumber::FIRST, actor).moving_to_rolled_back();
            governance.versions().rollback(&key(), &request).await.map(|_| Answer::Done)
        }
        Deed::Request(to) => {
            let requested = governance.approvals().request(&key(), &ApprovalRequest::to(to, actor)).await;
            requested.map(|requested| Answer::Requested(requested.transition_id))
        }
        Deed::Approve(id) => {
            governance.approvals().decide(&key(), &ApprovalDecision::approve(id, actor)).await.map(|_| Answer::Done)
        }
    };
    done.unwrap_or_else(|error: Error| Answer::Refused { is_conflict: error.is_conflict(), told: error.to_string() })
}
