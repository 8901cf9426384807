//! Records and heads in a few words, for people.

use governance_persistence::{
    ApprovalRecord, ConfigurationVersion, Head, JsonObject, LifecycleState, Record, Recorded, VersionReference,
};

pub(crate) const EXPERIMENT_HEADERS: &[&str] =
    &["TENANT", "ENVIRONMENT", "NAME", "STATE", "VERSION", "SEQUENCE", "LAST MODIFIED", "BY"];

/// A head as a row.
pub(crate) fn experiment_row(head: &Head) -> Vec<String> {
    let state = head.state.as_deref();
    vec![
        head.key.tenant().unwrap_or_default().to_owned(),
        head.key.environment().unwrap_or_default().to_owned(),
        head.key.name().to_owned(),
        state.map_or_else(|| "(none saved)".to_owned(), |state| state.lifecycle_state.to_string()),
        head.latest_version.map(|version| version.to_string()).unwrap_or_default(),
        head.sequence.to_string(),
        state.map(|state| state.last_modified.to_string()).unwrap_or_default(),
        state.and_then(|state| state.last_modified_by.clone()).unwrap_or_default(),
    ]
}

pub(crate) const RECORD_HEADERS: &[&str] = &["PLACE", "RECORDED AT", "KIND", "BY", "WHAT", "WHY"];

/// A record of the history as a row.
pub(crate) fn record_row(recorded: &Recorded<Record>) -> Vec<String> {
    let record = &recorded.record;
    vec![
        recorded.place.to_string(),
        recorded.recorded_at.to_string(),
        record.kind().to_string(),
        actor(record),
        summary(record),
        reason(record),
    ]
}

/// Who did it.
pub(crate) fn actor(record: &Record) -> String {
    match record {
        Record::Evaluation(record) => of_the_managers(&record.metadata, "actor").unwrap_or_default(),
        other => other.actor().unwrap_or_default().to_owned(),
    }
}

/// What the managers keep under this name in a record's metadata.
fn of_the_managers(metadata: &JsonObject, name: &str) -> Option<String> {
    Some(metadata.get("governance")?.get(name)?.as_str()?.to_owned())
}

/// Why, if it says so. For a version, what changed.
fn reason(record: &Record) -> String {
    let reason = match record {
        Record::Transition(record) => &record.reason,
        Record::Approval(record) => &record.reason,
        Record::Version(record) => &record.change_description,
        Record::Evaluation(record) => &record.reason,
        // Why a policy was switched off.
        Record::Definition(record) => return of_the_managers(&record.metadata, "reason").unwrap_or_default(),
    };
    reason.clone().unwrap_or_default()
}

/// What it says, and why, in a line.
pub(crate) fn with_reason(record: &Record) -> String {
    let reason = reason(record);
    let colon = if reason.is_empty() { "" } else { ": " };
    format!("{}{colon}{}", summary(record), reason.replace('\n', " "))
}

/// The configuration that something is about.
pub(crate) fn about(reference: Option<VersionReference>) -> String {
    reference.map_or_else(|| "no configuration".to_owned(), |about| format!("version {}", about.number))
}

/// What it says.
pub(crate) fn summary(record: &Record) -> String {
    match record {
        Record::Transition(record) => format!("{} → {}", record.from, record.to),
        Record::Approval(record) => approval(record),
        Record::Version(record) => version(record),
        Record::Definition(record) => {
            let switch = if record.enabled { "" } else { ", switched off" };
            format!("policy {} ({}), version {}{switch}", record.name, record.kind, record.version)
        }
        Record::Evaluation(record) => {
            let verdict =
                if record.compliant { "complies".to_owned() } else { format!("violated, {}", record.severity) };
            let about = record.target_state.map(|to| match record.current_state {
                Some(stays) if stays == to => format!(", in {to}"),
                from => format!(", for {}", arrow(from, to)),
            });
            format!("policy {}: {verdict}{}", record.policy, about.unwrap_or_default())
        }
    }
}

fn approval(record: &ApprovalRecord) -> String {
    let about = record.configuration_version.map(|version| format!(", version {version}")).unwrap_or_default();
    let gate = record.gate.as_ref().map(|gate| format!(", gate {gate}")).unwrap_or_default();
    format!("{}: {}{about}{gate}", record.decision, arrow(record.from, record.to))
}

fn version(record: &ConfigurationVersion) -> String {
    match (record.restored_version, record.rolled_back_from) {
        (Some(restored), Some(from)) => format!("version {}, restores {restored}, back from {from}", record.number),
        (Some(restored), None) => format!("version {}, restores {restored}", record.number),
        _ => format!("version {}", record.number),
    }
}

fn arrow(from: Option<LifecycleState>, to: LifecycleState) -> String {
    from.map_or_else(|| to.to_string(), |from| format!("{from} → {to}"))
}

/// A count of things, in words.
pub(crate) fn counted(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}
