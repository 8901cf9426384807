//! Setting governance up.

use crate::recent::Recent;
use crate::setup::Setup;
use crate::{
    ApprovalGate, AuditSink, Clock, Error, Governance, LifecycleTable, Policy, Result, SystemClock, Versioning,
};
use governance_persistence::{Backplane, EphemeralKind, InMemoryBackplane, LifecycleState, TimeToLive};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A week of seven days.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Sets [`Governance`] up.
///
/// ```
/// use governance::persistence::{InMemoryBackplane, LifecycleState, Retrying};
/// use governance::{Governance, LifecycleTable};
/// use std::time::Duration;
///
/// let governance = Governance::builder()
///     .persistence(Retrying::new(InMemoryBackplane::new())) // sends again what failed in passing
///     .lifecycle(LifecycleTable::standard().forbidding(LifecycleState::Approved, LifecycleState::Running))
///     .deadline(Duration::from_secs(2))
///     .build()?;
/// # Ok::<(), governance::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "governance is made by `build`"]
pub struct GovernanceBuilder {
    backplane: Option<Arc<dyn Backplane>>,
    clock: Arc<dyn Clock>,
    table: LifecycleTable,
    initial: LifecycleState,
    deadline: Duration,
    remember_for: Duration,
    gates: Vec<Arc<dyn ApprovalGate>>,
    policies: Vec<Arc<dyn Policy>>,
    request_lifetime: Option<TimeToLive>,
    versioning: Versioning,
    audit: Vec<Arc<dyn AuditSink>>,
}

impl GovernanceBuilder {
    pub(crate) fn new() -> Self {
        Self {
            backplane: None,
            clock: Arc::new(SystemClock),
            table: LifecycleTable::standard(),
            initial: LifecycleState::Draft,
            deadline: Duration::from_secs(5),
            remember_for: Duration::ZERO,
            gates: Vec::new(),
            policies: Vec::new(),
            request_lifetime: None,
            versioning: Versioning::default(),
            audit: Vec::new(),
        }
    }

    /// Keeps everything on this backplane; an `Arc<dyn Backplane>` is one, too. Without it,
    /// everything is kept in memory and gone when the process ends: for tests and development.
    pub fn persistence(mut self, backplane: impl Backplane + 'static) -> Self {
        self.backplane = Some(Arc::new(backplane));
        self
    }

    /// Moves experiments by this table, in place of the [standard](LifecycleTable::standard) one.
    pub fn lifecycle(mut self, table: LifecycleTable) -> Self {
        self.table = table;
        self
    }

    /// An experiment that was never saved counts as being in this state; by default, as Draft.
    pub fn initial_state(mut self, state: LifecycleState) -> Self {
        self.initial = state;
        self
    }

    /// How long after the start of a request it may be judged anew because others recorded on the
    /// experiment; by default 5 s. Zero: it is judged once.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// For how long after a commit of its own a move goes by what that left, without reading it again; by default
    /// zero: each move reads.
    ///
    /// For who makes several moves of one experiment in a row: only the first one reads then. What others recorded
    /// meanwhile is never passed over, because a move is committed only if nothing was: it costs a commit that is
    /// refused, and then a read. One thing is passed over: that a server lost history, by a failover to a replica
    /// that did not have all of it, and has just as many commits again. Keep it shorter than your servers take to
    /// fail over: a second will do for moves in a row.
    pub fn remember_for(mut self, period: Duration) -> Self {
        self.remember_for = period;
        self
    }

    /// Tells the time by this clock, in place of the machine's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets a gate before moves, behind those that were set before; an `Arc<dyn ApprovalGate>` is one,
    /// too. Without a gate, what the lifecycle has is open to everybody.
    pub fn approval_gate(mut self, gate: impl ApprovalGate + 'static) -> Self {
        self.gates.push(Arc::new(gate));
        self
    }

    /// Has moves guarded by this policy, too; an `Arc<dyn Policy>` is one.
    pub fn policy(mut self, policy: impl Policy + 'static) -> Self {
        self.policies.push(Arc::new(policy));
        self
    }

    /// How long people may decide about a request for approval; by default a week.
    pub fn approval_requests_expire_after(mut self, lifetime: TimeToLive) -> Self {
        self.request_lifetime = Some(lifetime);
        self
    }

    /// What a transition that carries a configuration does with it; by default it is refused.
    pub fn versioning(mut self, versioning: Versioning) -> Self {
        self.versioning = versioning;
        self
    }

    /// Tells this sink, too, of everything that is committed; an `Arc<dyn AuditSink>` is one.
    pub fn audit(mut self, sink: impl AuditSink + 'static) -> Self {
        self.audit.push(Arc::new(sink));
        self
    }

    /// Checks everything, and puts it together.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when two gates or two policies have one name, or a name does not fit into a record;
    /// when a gate stands before no move that the lifecycle has, so that it would guard nothing.
    pub fn build(self) -> Result<Governance> {
        let Self { backplane, clock, table, initial, deadline, remember_for, .. } = self;
        let Self { gates, policies, request_lifetime, versioning, audit, .. } = self;
        check_names("approval gate", gates.iter().map(ApprovalGate::name))?;
        check_names("policy", policies.iter().map(Policy::name))?;
        gates.iter().try_for_each(|gate| check_stands(gate.as_ref(), &table))?;
        let backplane = backplane.unwrap_or_else(|| Arc::new(InMemoryBackplane::new()));
        let request_lifetime = request_lifetime.map_or_else(|| TimeToLive::new(WEEK), Ok)?;
        let recent = Recent::lasting(remember_for);
        Ok(Governance(Arc::new(Setup {
            backplane,
            clock,
            table,
            initial,
            deadline,
            gates,
            policies,
            request_lifetime,
            versioning,
            audit,
            recent,
        })))
    }
}

/// Names stand in records, and tell gates and policies apart there.
fn check_names<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        // A name that labels an ephemeral labels a record: the rules are the same.
        if EphemeralKind::new(name).is_err() {
            let expected = "a name of one line, 1 to 200 characters, without outer white space";
            return Err(Error::invalid(what, format!("has the name {name:?}"), expected));
        }
        if !seen.insert(name) {
            return Err(Error::invalid(what, format!("{name:?} stands twice"), "each name once"));
        }
    }
    Ok(())
}

/// Does the gate stand before anything? One that does not is taken for a guard, and is none.
fn check_stands(gate: &dyn ApprovalGate, table: &LifecycleTable) -> Result<()> {
    let mut moves =
        LifecycleState::ALL.into_iter().flat_map(|from| table.successors(from).into_iter().map(move |to| (from, to)));
    if moves.any(|(from, to)| gate.guards(from, to)) {
        return Ok(());
    }
    let problem = format!("{:?} stands before no move that the lifecycle has", gate.name());
    Err(Error::invalid("approval gate", problem, "a gate before a move; `LifecycleTable::successors` has them"))
}
