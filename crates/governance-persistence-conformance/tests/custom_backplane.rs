//! `docs/custom-backplane.md` quotes the example as it is, and names dependencies as the workspace has them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

const DOCUMENT: &str = include_str!("../../../docs/custom-backplane.md");
const WORKSPACE: &str = include_str!("../../../Cargo.toml");

/// The blocks of code in this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fences = DOCUMENT.split("```").skip(1).step_by(2);
    fences.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// The text without what sets its lines in: a quoted method stands further left than in its file.
fn flush(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.trim_start())).collect()
}

#[test]
fn given_a_quote_then_it_is_in_the_file_that_it_names() {
    let quotes = blocks("rust,ignore");
    assert!(quotes.len() >= 10, "the document quotes the example");
    for quote in quotes {
        let (file, quote) = quote.split_once('\n').unwrap();
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/json_lines").join(file.trim_start_matches("// "));
        let source = fs::read_to_string(&path).unwrap();
        assert!(flush(&source).contains(&flush(quote)), "{file} does not say\n{quote}");
    }
}

#[test]
fn given_a_dependency_then_the_workspace_has_it_in_that_version() {
    let lines = blocks("toml").into_iter().flat_map(str::lines);
    let dependencies: Vec<_> = lines.filter_map(|line| line.split_once(" = ")).collect();
    assert!(!dependencies.is_empty(), "the document says what to depend on");
    for (name, wanted) in dependencies {
        let line = WORKSPACE.lines().find(|line| line.starts_with(&format!("{name} = "))).unwrap();
        let version = wanted.split('"').nth(1).unwrap();
        let ours = version.contains('/') || line.contains(&format!("\"{version}."));
        assert!(ours, "{name} {version} is to be what the workspace has: {line}");
    }
}
