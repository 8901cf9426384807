//! Options that not every SQL engine has: which has them, and what the others have in their place.

use super::engine::Engine;
use super::persistence::OptionKeys;
use crate::reading::Reading;
use governance_persistence_sql::SqlOptions;
use serde_json::{Map, Value, json};

/// An option of some engines.
struct EngineOption {
    key: &'static str,
    engines: &'static [Engine],
    /// What would be right where it is refused.
    elsewhere: &'static str,
}

const FILES: &[Engine] = &[Engine::Sqlite];
const SERVERS: &[Engine] = &[Engine::Postgresql, Engine::Mysql];

const ENGINE_OPTIONS: [EngineOption; 8] = [
    EngineOption {
        key: "busyTimeout",
        engines: FILES,
        elsewhere: "`statementTimeout`, the time that a statement may take, or nothing",
    },
    EngineOption {
        key: "synchronous",
        engines: FILES,
        elsewhere: "it to be left out: the server says when a commit is on the disk, see docs/sql.md and docs/mysql.md",
    },
    EngineOption { key: "maxFileSize", engines: FILES, elsewhere: "it to be left out: the disk is the server's" },
    EngineOption { key: "readReplicas", engines: SERVERS, elsewhere: "it to be left out: a file has no replicas" },
    EngineOption { key: "writers", engines: SERVERS, elsewhere: "it to be left out: a file has one writer" },
    EngineOption {
        key: "statementTimeout",
        engines: SERVERS,
        elsewhere: "`busyTimeout`, the time to wait while another process writes, or nothing",
    },
    EngineOption { key: "idleTimeout", engines: SERVERS, elsewhere: NO_CONNECTIONS },
    EngineOption { key: "maxLifetime", engines: SERVERS, elsewhere: NO_CONNECTIONS },
];

const NO_CONNECTIONS: &str = "it to be left out: connections to a file stay open";

impl Engine {
    /// Does this engine have an option of this name, if any has?
    pub(super) fn has(self, key: &str) -> bool {
        self.lacks().all(|option| option.key != key)
    }

    fn lacks(self) -> impl Iterator<Item = &'static EngineOption> {
        ENGINE_OPTIONS.iter().filter(move |option| !option.engines.contains(&self))
    }

    /// Refuses the options that this engine does not have.
    pub(super) fn refuse_options(self, keys: &OptionKeys<'_>, reading: &mut Reading<'_>) {
        for option in self.lacks() {
            if let Some(at) = keys.peek(option.key) {
                let owners: Vec<_> = option.engines.iter().map(|engine| engine.title()).collect();
                let problem = format!("is an option of {}, but the engine is {}", owners.join(" and "), self.title());
                reading.key_fault(&at, problem, option.elsewhere);
            }
        }
    }
}

/// Does the engine of these options have an option of this name?
pub(super) fn has(options: &SqlOptions, key: &str) -> bool {
    Engine::of(options).is_none_or(|engine| engine.has(key))
}

/// The part of the schema that refuses what the engine of a URL does not have.
pub(super) fn schema() -> Value {
    let of_engine = |(scheme, engine): (&str, Engine)| {
        let refused = engine.lacks().map(|option| {
            let description = format!("{} does not have this option", engine.title());
            (option.key.to_owned(), json!({ "not": {}, "description": description }))
        });
        let mut properties: Map<_, _> = refused.collect();
        let nested = json!({ "properties": properties });
        properties.insert("options".to_owned(), nested);
        let is_url = json!({ "type": "string", "pattern": format!("^{scheme}:") });
        json!({
            "if": { "required": ["connectionString"], "properties": { "connectionString": is_url } },
            "then": { "properties": properties },
        })
    };
    let engines =
        [("sqlite", Engine::Sqlite), ("postgres(ql)?", Engine::Postgresql), ("(mysql|mariadb)", Engine::Mysql)];
    engines.map(of_engine).to_vec().into()
}
