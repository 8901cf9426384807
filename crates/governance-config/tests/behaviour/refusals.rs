//! Given one fault, when the file is loaded, then it is refused, and what to write is said.

use crate::given::{assert_found, fault, faults, persistence};
use governance_config::Format;

#[test]
fn what_is_not_built_yet_is_not_called_unknown() {
    for keys in [
        "type: redis, connectionString: 'redis://h', ephemeralTtl: 5m",
        "type: event-sourced",
        "type: Tiered, layers: []",
        "type: inMemory, retention: { maxAge: 730d, archive: ./archive }",
        "type: inMemory, retainHistory: false",
    ] {
        let said = fault(keys);
        assert!(said.contains("not built yet"), "{keys}: {said}");
    }
}

#[test]
fn writes_that_nobody_checks_are_refused_for_a_reason_of_their_own() {
    let said = fault("type: inMemory, optimisticConcurrency: false");
    assert!(said.contains("would pass gates") && !said.contains("not built yet"), "{said}");
    let documented = include_str!("../../../../docs/config.md").lines().any(|line| {
        line.starts_with("| `optimisticConcurrency`") && line.contains("is refused: the managers judge a move by what")
    });
    assert!(documented);
}

#[test]
fn a_close_name_is_suggested() {
    for (keys, suggested) in [
        ("type: sqlite3", "one of: `inMemory`, `sql`, `redis`"),
        ("type: inMemry", "did you mean `inMemory`?"),
        ("type: sql, connectionString: 'sqlite:g.db', maxconnections: 5", "did you mean `maxConnections`?"),
        ("type: sql, connectionString: 'sqlite:g.db', options: { sinchronous: full }", "did you mean `synchronous`?"),
        ("type: sql, connectionString: 'sqlite:g.db', migrate: onconect", "did you mean `onConnect`?"),
        ("type: sql, connectionString: 'sqlite:g.db', provider: sqlit", "did you mean `sqlite`?"),
        ("type: sql, connectionString: 'postgres://h/db', provider: postgres", "`postgresql`"),
        ("type: sql, connectionString: 'postgres://h/db', provider: postgressql", "did you mean `postgresql`?"),
        ("type: sql, connectionString: 'postgres://h/db', writer: 2", "did you mean `writers`?"),
        ("type: sql, connectionString: 'mysql://h/db', provider: mariadb", "`mysql`, which stands for both"),
        ("type: sql, connectionString: 'mariadb://h/db', provider: mysq", "did you mean `mysql`?"),
        ("type: sql, connectionString: 'mysql://h/db', writer: 2", "did you mean `writers`?"),
    ] {
        let said = fault(keys);
        assert!(said.contains(suggested), "{keys}: {said}");
    }
    let text = "experimentFramework:\n  governence: { persistence: { type: inMemory } }\n";
    assert_found(
        &faults(text, Format::Yaml),
        &[(2, 3, "experimentFramework.governence", "did you mean `governance` here?")],
    );
}

#[test]
fn a_key_of_another_type_is_told_its_place() {
    for (keys, words) in [
        ("type: inMemory, connectionString: 'sqlite:g.db'", "`connectionString` belongs to `type: sql`"),
        ("type: inMemory, options: { migrate: never }", "`migrate` belongs to `type: sql`"),
        ("type: sql, connectionString: 'sqlite:g.db', keyPrefix: p", "`keyPrefix` belongs to `type: redis`"),
        ("type: sql, connectionString: 'sqlite:g.db', readReplicas: []", "readReplicas: is an option of PostgreSQL"),
        ("type: sql, connectionString: 'mysql://h/db', readReplicas: ['postgres://h/db']", "cannot follow"),
        (
            "type: sql, connectionString: 'mysql://h/db', readReplicas: ['mariadb://h']",
            "readReplicas: names no database",
        ),
        (
            "type: sql, connectionString: 'mysql://h/db', readReplicas: ['mysql://h/db?sslmode=required']",
            "readReplicas: has the unknown parameter | one of ssl-mode",
        ),
        ("type: sql, connectionString: 'postgres://h/db', readReplicas: ['sqlite:g.db']", "cannot follow"),
        ("type: sql, connectionString: 'postgres://h/db', readReplicas: ['postgres://h']", "names no database"),
        ("type: sql, connectionString: 'postgres://h/db', readReplicas: 'postgres://i/db'", "a list"),
    ] {
        let said = fault(keys);
        assert!(said.contains(words), "{keys}: {said}");
    }
}

#[test]
fn an_option_of_another_engine_is_refused_with_what_this_one_has() {
    for (url, option, words) in [
        (
            "postgres://h/db",
            "busyTimeout: 5s",
            "an option of SQLite, but the engine is PostgreSQL | `statementTimeout`",
        ),
        ("postgresql://h/db", "synchronous: full", "the server says when a commit is on the disk"),
        ("postgres://h/db", "maxFileSize: 1048576", "the disk is the server's"),
        ("mysql://h/db", "busyTimeout: 5s", "an option of SQLite, but the engine is MySQL | `statementTimeout`"),
        ("mariadb://h/db", "synchronous: full", "docs/mysql.md"),
        ("mariadb://h/db", "maxFileSize: 1048576", "the disk is the server's"),
        (
            "sqlite:g.db",
            "writers: 2",
            "an option of PostgreSQL and MySQL, but the engine is SQLite | it to be left out",
        ),
        ("sqlite:g.db", "statementTimeout: 5s", "`busyTimeout`"),
        ("sqlite:g.db", "idleTimeout: 5s", "connections to a file stay open"),
        ("sqlite:g.db", "maxLifetime: 5s", "connections to a file stay open"),
    ] {
        for option in [option.to_owned(), format!("options: {{ {option} }}")] {
            let said = fault(&format!("type: sql, connectionString: '{url}', {option}"));
            assert!(said.contains(words), "{url}, {option}: {said}");
        }
    }
    // Each at its own key; and by the provider, while there is no URL.
    let found = faults(
        &persistence("type: sql, connectionString: 'postgres://h/db', busyTimeout: 5s, options: { synchronous: full }"),
        Format::Yaml,
    );
    assert_found(
        &found,
        &[
            (2, 66, "governance.persistence.busyTimeout", "SQLite"),
            (2, 94, "governance.persistence.options.synchronous", "SQLite"),
        ],
    );
    let found = faults(&persistence("type: sql, provider: sqlite, writers: 2"), Format::Yaml);
    assert_found(
        &found,
        &[
            (2, 3, "governance.persistence", "`connectionString` is missing"),
            (2, 47, "governance.persistence.writers", "an option of PostgreSQL"),
        ],
    );
}

#[test]
fn the_provider_may_not_contradict_the_url() {
    let said = fault("type: sql, provider: postgresql, connectionString: 'sqlite:g.db'");
    assert!(said.contains("contradicts the connectionString, a URL of sqlite"), "{said}");
    let said = fault("type: sql, provider: sqlite, connectionString: 'postgres://h/db'");
    assert!(said.contains("a URL of postgresql | `postgresql`, or no provider"), "{said}");
    let said = fault("type: sql, provider: postgresql, connectionString: 'mariadb://h/db'");
    assert!(said.contains("a URL of mysql | `mysql`, or no provider"), "{said}");
    let found = faults(&persistence("type: sql, provider: sqlite, connectionString: 'mysql://h'"), Format::Yaml);
    assert_found(
        &found,
        &[
            (2, 39, "governance.persistence.provider", "contradicts"),
            (2, 65, "governance.persistence.connectionString", "names no database"),
        ],
    );
}

#[test]
fn strings_from_other_worlds_are_answered_with_what_to_write() {
    for (string, words) in [
        ("Server=localhost;Database=g;Trusted_Connection=True", "SQL Server is not supported"),
        ("Server=tcp:localhost,1433;Initial Catalog=g", "SQL Server is not supported"),
        ("Host=localhost;Database=g;Username=u", "postgres://user:password@host:5432/database"),
        ("Server=localhost;Uid=u;Pwd=p", "mysql://user:password@host:3306/database"),
        ("Data Source=g.db", "`sqlite:` and the file"),
        ("sqlserver://localhost/g", "SQL Server, which is not supported"),
        ("jdbc:sqlite:g.db", "without `jdbc:`"),
        ("jdbc:postgresql://localhost/g", "without `jdbc:`"),
        ("jdbc:mariadb://localhost/g", "without `jdbc:`, such as"),
        ("mongodb://localhost/g", "or `mysql://user:password@host:3306/database`"),
        ("g.db", "`sqlite:governance.db`, `postgres://user:password@host:5432/database` or `mysql://"),
        ("postgres://u:p@h", "names no database"),
        ("postgres://u:p@h:port/db", "is not a URL of PostgreSQL"),
        ("postgres://u:p@h/db?sslmod=require", "the unknown parameter \"sslmod\" | one of sslmode, sslrootcert"),
        ("postgres://h/db?statement_timeout=5", "unknown parameter"),
        ("mysql://u:p@h", "names no database"),
        ("mysql://u:p@h:port/db", "is not a URL of MySQL or MariaDB"),
        ("mysql:u:p@h/db", "has no // before the host"),
        ("mysql://u:p@h/db?sslmode=required", "the unknown parameter \"sslmode\" | one of ssl-mode, ssl-ca"),
        ("mariadb://u:p@h/db?ssl-mode=on", "has an unknown ssl-mode | disabled, preferred, required"),
        ("sqlite:", "names no file"),
        ("sqlite::memory:", "type: inMemory"),
        ("sqlite:g.db?mode=ro", "options"),
    ] {
        let said = fault(&format!("type: sql, connectionString: '{string}'"));
        assert!(said.contains(words), "{string}: {said}");
    }
    for provider in ["sqlserver", "SqlServer", "sql-server", "mssql"] {
        let said = fault(&format!("type: sql, provider: {provider}, connectionString: 'sqlite:g.db'"));
        assert!(said.contains("SQL Server, which is not supported") && said.contains("sqlite:governance.db"), "{said}");
    }
}

#[test]
fn values_out_of_range_or_of_another_type() {
    for (option, words) in [
        ("maxConnections: 0", "from 1 to 1000"),
        ("maxConnections: 1001", "`1001` is out of range"),
        ("maxConnections: 99999999999999999999", "whole number"),
        ("maxConnections: -1", "not a whole number"),
        ("maxConnections: 1.5", "not a whole number"),
        ("maxConnections: +5", "not a whole number"),
        ("maxConnections: true", "not a whole number"),
        ("maxConnections: ~", "has no value"),
        ("maxConnections: []", "is a list"),
        ("maxConnections: {}", "is a mapping"),
        ("maxConnections: ''", "not a whole number"),
        ("acquireTimeout: 0s", "more than zero"),
        ("acquireTimeout: 61m", "at most an hour"),
        ("busyTimeout: 01:00:01", "at most an hour"),
        ("busyTimeout: 5", "has no unit"),
        ("maxFileSize: 1048575", "from 1048576 on"),
        ("writers: 0", "from 1 to 64"),
        ("writers: 65", "`65` is out of range"),
        ("statementTimeout: 0s", "more than zero"),
        ("idleTimeout: 61m", "at most an hour"),
        ("maxLifetime: soon", "not a duration"),
        ("synchronous: ''", "unknown"),
        ("connectionString: x", "stands twice"),
        ("migrate: !!str never", "YAML tag"),
        ("optimisticConcurrency: maybe", "neither true nor false"),
        ("<<: { migrate: never }", "merge keys"),
        ("? [a] : b", "no text"),
    ] {
        let of_servers = ["writers", "statement", "idle", "maxLifetime"].iter().any(|name| option.starts_with(name));
        let url = if of_servers { "postgres://h/db" } else { "sqlite:g.db" };
        let said = fault(&format!("type: sql, connectionString: '{url}', {option}"));
        assert!(said.contains(words), "{option}: {said}");
    }
    for string in ["''", "' sqlite:g.db'", "\"sqlite:g\\n.db\"", "~", "[x]"] {
        fault(&format!("type: sql, connectionString: {string}"));
    }
}

#[test]
fn faulty_interpolation_names_the_variable() {
    for (value, words) in [
        ("sqlite:${NO_SUCH}", "the variable NO_SUCH is not set"),
        ("sqlite:${", "no closing"),
        ("sqlite:${}", "name of a variable"),
        ("sqlite:${A-b}", "name of a variable"),
        ("sqlite:${A:-${N}}", "another `${`"),
        ("postgres://h/db?${A:-x}=1", "connectionString: has the unknown parameter | one of sslmode"),
        ("postgres://h/${A:-?}", "connectionString: names no database"),
        ("mysql://h/db?${A:-x}=1", "connectionString: has the unknown parameter | one of ssl-mode"),
        ("mysql://h/${A:-?}", "connectionString: names no database"),
    ] {
        let said = fault(&format!("type: sql, connectionString: '{value}'"));
        assert!(said.contains(words), "{value}: {said}");
    }
}

#[test]
fn what_is_missing_is_pointed_out_where_it_should_be() {
    for (text, place) in [
        ("other: 1\n", (1, 1, "", "`governance` is missing")),
        ("experimentFramework:\n  settings: 1\n", (1, 1, "experimentFramework", "`governance` is missing")),
        ("a: 1\ngovernance: {}\n", (2, 1, "governance", "`persistence` is missing")),
        ("governance:\n", (1, 1, "governance", "has no value")),
        ("governance:\n  persistence:\n", (2, 3, "governance.persistence", "has no value")),
        ("governance:\n  persistence: {}\n", (2, 3, "governance.persistence", "`type` is missing")),
        ("governance:\n  persistence: sql\n", (2, 16, "governance.persistence", "is a single value")),
        ("governance: []\n", (1, 13, "governance", "is a list")),
        ("- a\n", (1, 1, "", "is a list")),
        ("governance: { persistence: { type: inMemory } }\ngovernance: 1", (2, 1, "governance", "stands twice")),
    ] {
        assert_found(&faults(text, Format::Yaml), &[place]);
    }
    let both = "governance: { persistence: { type: inMemory } }\nexperimentFramework:\n  governance: { persistence: { type: inMemory } }";
    assert_found(
        &faults(both, Format::Yaml),
        &[(3, 3, "experimentFramework.governance", "both at the top and inside")],
    );
}

#[test]
fn the_options_are_checked_even_when_the_rest_is_faulty() {
    let text = persistence("connectionString: nonsense, maxConnections: 0, busyTimeout: 2h, colour: red");
    assert_found(
        &faults(&text, Format::Yaml),
        &[
            (2, 3, "governance.persistence", "`type` is missing"),
            (2, 36, "governance.persistence.connectionString", "is not a URL"),
            (2, 62, "governance.persistence.maxConnections", "from 1 to 1000"),
            (2, 78, "governance.persistence.busyTimeout", "at most an hour"),
            (2, 82, "governance.persistence.colour", "unknown"),
        ],
    );
}
