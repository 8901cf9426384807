//! `governance:`, and how it is found in a file that others use too.

use super::gate::GateSection;
use super::lifetime::Lifetime;
use super::persistence::PersistenceSection;
use super::policy::PolicySection;
use super::table::Section;
use crate::document::Document;
use crate::reading::{At, Keys, Reading, Source};
use crate::setting::{Choice, Distinct, Period, Switch};
use crate::{GovernanceConfig, names};
use governance::Versioning;
use governance_persistence::LifecycleState;

section! {
    /// Experiment governance.
    GovernanceKeys {
        /// The state that an experiment counts as being in before one was saved; by default Draft.
        optional "initialState" => initial_state: Choice<LifecycleState>,
        /// Whether a transition that carries a changed configuration appends it as the next version, in the same
        /// commit. By default such a transition is refused.
        optional "enableAutoVersioning" => enable_auto_versioning: Switch,
        /// How long people may decide about a request for approval, at most 366 days; by default a week.
        optional "approvalRequestsExpireAfter" => approval_requests_expire_after: Lifetime,
        /// For how long a request may be judged anew because others recorded on the experiment; by default 5 s.
        optional "deadline" => deadline: Period,
        /// For how long after a commit of its own a process goes by what that left, without reading it again, when it
        /// moves the same experiment once more; by default each move reads.
        optional "rememberFor" => remember_for: Period,
        /// Where governance state is kept.
        required "persistence" => persistence: PersistenceSection,
        /// The gates before moves, in the order in which they are asked. All that stand before a move must let it
        /// through.
        optional "approvalGates" => approval_gates: Distinct<GateSection>,
        /// The policies that guard moves.
        optional "policies" => policies: Distinct<PolicySection>,
    }
}

impl GovernanceKeys {
    /// The keys that say this. What is as it is without its key is left out.
    pub(crate) fn of(config: &GovernanceConfig) -> Self {
        let gates: Vec<_> = config.approval_gates.iter().cloned().map(GateSection::from).collect();
        let policies: Vec<_> = config.policies.iter().cloned().map(PolicySection::from).collect();
        Self {
            initial_state: Some(Choice(config.initial_state)),
            enable_auto_versioning: Some(Switch(config.versioning == Versioning::Automatic)),
            approval_requests_expire_after: config.approval_requests_expire_after.map(Lifetime),
            deadline: config.deadline.map(Period),
            remember_for: config.remember_for.map(Period),
            persistence: Some(PersistenceSection(config.persistence.clone())),
            approval_gates: (!gates.is_empty()).then_some(Distinct(gates)),
            policies: (!policies.is_empty()).then_some(Distinct(policies)),
        }
    }

    /// What they say; none when one is faulty, which was said.
    fn config(self) -> Option<GovernanceConfig> {
        let mut config = GovernanceConfig::new(self.persistence?.0);
        if let Some(Choice(state)) = self.initial_state {
            config.initial_state = state;
        }
        if let Some(Switch(true)) = self.enable_auto_versioning {
            config.versioning = Versioning::Automatic;
        }
        config.approval_requests_expire_after = self.approval_requests_expire_after.map(|Lifetime(lifetime)| lifetime);
        config.deadline = self.deadline.map(|Period(deadline)| deadline);
        config.remember_for = self.remember_for.map(|Period(period)| period);
        if let Some(Distinct(gates)) = self.approval_gates {
            config.approval_gates = gates.into_iter().map(|section| section.gate).collect();
        }
        if let Some(Distinct(policies)) = self.policies {
            config.policies = policies.into_iter().map(|section| section.policy).collect();
        }
        Some(config)
    }
}

/// The key of the section.
pub(crate) const GOVERNANCE: &str = "governance";
/// The key that may be around it.
pub(crate) const WRAPPER: &str = "experimentFramework";

/// Reads a file's section; none when it is faulty.
pub(crate) fn read_file(document: &Document, reading: &mut Reading<'_>) -> Option<GovernanceConfig> {
    let at = find(document, reading)?;
    let mut keys = Keys::of(&at, reading)?;
    let section = GovernanceKeys::read(&mut keys, reading);
    keys.refuse_unknown(&[], &[], reading);
    section.config()
}

/// The section, at the top or inside the wrapper. What stands beside it is not looked at.
fn find<'n>(document: &'n Document, reading: &mut Reading<'_>) -> Option<At<'n>> {
    let mut top = Keys::of(&At::root(&document.root), reading)?;
    let bare = top.find(GOVERNANCE, reading);
    let wrapper = top.find(WRAPPER, reading);
    let mut inside = match (&bare, &wrapper) {
        (None, Some(wrapper)) => Some(Keys::of(wrapper, reading)?),
        (Some(_), Some(wrapper)) if wrapper.is_mapping() => Keys::of(wrapper, reading),
        _ => None,
    };
    let wrapped = inside.as_mut().and_then(|inside| inside.find(GOVERNANCE, reading));
    match (bare, wrapped) {
        (Some(bare), Some(wrapped)) => {
            let again = if bare.node.span.start < wrapped.node.span.start { wrapped } else { bare };
            let problem = format!("`{GOVERNANCE}` stands both at the top and inside `{WRAPPER}`");
            reading.key_fault(&again, problem, "one of the two");
            Some(again.named(GOVERNANCE))
        }
        (None, None) => {
            missing(inside.as_ref().unwrap_or(&top), reading);
            None
        }
        (bare, wrapped) => bare.or(wrapped).map(|at| at.named(GOVERNANCE)),
    }
}

/// Says that the section is missing, at a key that is probably meant to be it.
fn missing(keys: &Keys<'_>, reading: &mut Reading<'_>) {
    let meant = keys.unknown().find_map(|entry| {
        let key = entry.key.as_deref()?;
        let close = names::closest(key, [GOVERNANCE, WRAPPER])?;
        Some((At::entry(&keys.at().path, key, entry), close))
    });
    match meant {
        Some((at, close)) => {
            reading.key_fault(
                &at,
                format!("`{GOVERNANCE}` is missing"),
                format!("the section; did you mean `{close}` here?"),
            );
        }
        None => {
            let expected = format!("`{GOVERNANCE}:` with `persistence:` in it");
            reading.key_fault(keys.at(), format!("`{GOVERNANCE}` is missing"), expected);
        }
    }
}
