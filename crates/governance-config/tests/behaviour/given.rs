//! Givens that several tests share: texts, and what is found in them.

use governance_config::{Diagnostics, Format, GovernanceConfig, Loader};

/// Loads a text that has the variable `N`, 16, and no other.
pub(crate) fn load(text: &str, format: Format) -> Result<GovernanceConfig, Diagnostics> {
    let name = if format == Format::Yaml { "g.yaml" } else { "g.json" };
    Loader::new().variables(|name| (name == "N").then(|| "16".to_owned())).load_str(name, text, format)
}

/// The faults of a faulty text.
pub(crate) fn faults(text: &str, format: Format) -> Diagnostics {
    load(text, format).expect_err("the text is faulty")
}

/// YAML of a persistence section, in flow style.
pub(crate) fn persistence(keys: &str) -> String {
    format!("governance:\n  persistence: {{ {keys} }}\n")
}

/// The one fault of a persistence section: problem and what would be right.
pub(crate) fn fault(keys: &str) -> String {
    let found = faults(&persistence(keys), Format::Yaml);
    let said: Vec<_> = found.iter().map(|fault| format!("{fault} | {}", fault.expected)).collect();
    assert_eq!(said.len(), 1, "{keys}: {said:#?}");
    said.concat()
}

/// Line, column, path, and a part of the problem or of what would be right.
pub(crate) type Expected<'a> = (usize, usize, &'a str, &'a str);

pub(crate) fn assert_found(found: &Diagnostics, expected: &[Expected<'_>]) {
    let place = |line: Option<usize>| line.map_or_else(|| "?".to_owned(), |line| line.to_string());
    let listing: Vec<_> =
        found.iter().map(|fault| format!("{}:{} {fault}", place(fault.line), place(fault.column))).collect();
    assert_eq!(found.len(), expected.len(), "{listing:#?}");
    for (fault, (line, column, path, words)) in found.iter().zip(expected) {
        let place = (fault.line, fault.column, fault.path.as_str());
        assert_eq!(place, (Some(*line), Some(*column), *path), "{listing:#?}");
        let said = format!("{} | {}", fault.problem, fault.expected);
        assert!(said.contains(words), "{said}");
    }
}
