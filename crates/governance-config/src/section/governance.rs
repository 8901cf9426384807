//! `governance:`, and how it is found in a file that others use too.

use super::persistence::PersistenceSection;
use super::table::Section;
use crate::GovernanceConfig;
use crate::document::Document;
use crate::names;
use crate::reading::{At, Keys, Reading, Source};
use crate::setting::{NotBuilt, Refused};

section! {
    /// Experiment governance.
    GovernanceKeys {
        /// Where governance state is kept.
        required "persistence" => persistence: PersistenceSection,
        optional "initialState" => initial_state: Refused<NotBuilt>,
        optional "enableAutoVersioning" => enable_auto_versioning: Refused<NotBuilt>,
        optional "approvalGates" => approval_gates: Refused<NotBuilt>,
        optional "policies" => policies: Refused<NotBuilt>,
    }
}

impl GovernanceKeys {
    /// The keys that say this.
    pub(crate) fn of(config: &GovernanceConfig) -> Self {
        Self {
            persistence: Some(PersistenceSection(config.persistence.clone())),
            initial_state: None,
            enable_auto_versioning: None,
            approval_gates: None,
            policies: None,
        }
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
    section.persistence.map(|PersistenceSection(persistence)| GovernanceConfig::new(persistence))
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
