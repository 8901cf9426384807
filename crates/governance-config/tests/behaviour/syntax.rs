//! Given a text that is no YAML or no JSON, or a hostile one, when it is loaded, then it is a
//! fault with a place, soon.

use crate::given::{assert_found, faults, load, persistence};
use governance_config::{Format, Loader, Registry};
use governance_persistence::{Backplane, InMemoryBackplane, JsonObject};
use std::sync::Arc;

#[test]
fn json_is_strict() {
    for (text, line, column, words) in [
        ("{\n  // a comment\n}", 2, 3, "without comments"),
        ("{\"a\": 1,\n}", 1, 8, "no comma behind the last one"),
        ("{'a': 1}", 1, 2, "not JSON"),
        ("{a: 1}", 1, 2, "not JSON"),
        ("{\"é\": 01}", 1, 8, "not JSON"),
        ("{\"a\": 0x1}", 1, 7, "not JSON"),
        ("{\"a\": \"\u{1}\"}", 1, 7, "not JSON"),
        ("{\"a\": \"\\ud800\"}", 1, 8, "not JSON"),
        ("{\"a\": 1} {}", 1, 10, "not JSON"),
        ("{\"a\": [1, 2", 1, 7, "not JSON"),
        ("{\"a\": NaN}", 1, 7, "not JSON"),
        ("governance: {}", 1, 1, "not JSON"),
    ] {
        let found = faults(text, Format::Json);
        assert_found(&found, &[(line, column, "", words)]);
    }
}

#[test]
fn yaml_that_does_not_parse_says_where() {
    for (text, line, words) in [
        ("a: b: c\n", 1, "not YAML"),
        ("a:\n\tb: 1\n", 2, "not YAML"),
        ("a: [1, 2\n", 2, "not YAML"),
        ("a: \"b\n", 1, "not YAML"),
        ("a: *nowhere\n", 1, "not YAML"),
        ("a: 1\n---\nb: 1\n", 2, "one document a file"),
        ("governance: { a: ${N} }\n", 1, "in quotes"),
        ("a: &x [*x]\n", 1, "inside of what it repeats"),
    ] {
        let found = faults(text, Format::Yaml);
        let first = found.iter().last().unwrap();
        let said = format!("{} | {}", first.problem, first.expected);
        assert!(said.contains(words), "{text}: {said}");
        assert_eq!(first.line, Some(line), "{text}: {said}");
    }
}

#[test]
fn an_empty_text_is_called_empty() {
    for text in ["", " \n", "# only a comment\n", "---\n", "---\n...\n", "~", "\u{feff}"] {
        assert_found(&faults(text, Format::Yaml), &[(1, 1, "", "empty")]);
    }
    for text in ["", " \n\t", "\u{feff}"] {
        assert_found(&faults(text, Format::Json), &[(1, 1, "", "empty")]);
    }
}

#[test]
fn hostile_texts_are_refused() {
    let laughs: String = (1..10).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, i| {
        let again = format!("*a{}, ", i - 1).repeat(9);
        text + &format!("a{i}: &a{i} [{again}]\n")
    });
    let texts = [
        (laughs, "more than 50000 values"),
        ("[".repeat(500_000), "deeper than 64"),
        ("{a: ".repeat(200_000), "deeper than 64"),
        ("- ".repeat(400_000), "deeper than 64"),
        ("? ".repeat(400_000), "deeper than 64"),
        (format!("[{}]", "x,".repeat(400_000)), "more than 50000 values"),
        (format!("a: {}", "x".repeat(1 << 20)), "1 MiB"),
        (format!("{}governance: 1", "&a ".repeat(300_000)), "not YAML"),
        ("!".repeat(1_000_000), "not YAML"),
        ("\"".repeat(999_999), "not YAML"),
        ("%".repeat(1_000_000), "not YAML"),
        (format!("governance: {{ {} }}", "password: u://, ".repeat(20_000)), "more faults"),
        ("\u{0}".repeat(1_000), ""),
        ("a: \u{7}\u{1b}[31m".to_owned(), ""),
    ];
    for (text, words) in texts {
        let start: String = text.chars().take(20).collect();
        let found = faults(&text, Format::Yaml);
        let said: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|said| said.contains(words)), "{start}: {said:?}");
    }
    for (text, words) in [
        ("[".repeat(1_000_000), "deeper than 64"),
        ("{\"a\":".repeat(200_000), "deeper than 64"),
        (format!("{}{}", "[".repeat(100), "]".repeat(100)), "deeper than 64"),
        (format!("[{}1]", "1,".repeat(400_000)), "more than 50000 values"),
        ("\"".repeat(999_999), "not JSON"),
        ("\\".repeat(1_000_000), "not JSON"),
        ("\u{0}".repeat(1_000), "not JSON"),
    ] {
        let start: String = text.chars().take(20).collect();
        let found = faults(&text, Format::Json);
        let said: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|said| said.contains(words)), "{start}: {said:?}");
    }
}

#[test]
fn a_thousand_faults_are_counted_and_their_long_line_is_cut() {
    let keys: String = (0..1_000).map(|i| format!("é{i}: 1, ")).collect();
    let text = format!("governance: {{ {keys} persistence: {{ type: inMemory }} }}");
    let found = faults(&text, Format::Yaml);
    assert_eq!(found.len(), 101);
    assert!(found.iter().last().unwrap().problem.contains("900 more faults"));
    let mut rendered = String::new();
    let theme = miette::GraphicalTheme::unicode_nocolor();
    miette::GraphicalReportHandler::new_themed(theme).render_report(&mut rendered, &found).unwrap();
    assert!(rendered.contains("[g.yaml:1:15]"), "{rendered}");
    assert!(rendered.len() < 200_000, "{}", rendered.len());
}

#[test]
fn a_terminal_is_not_obeyed() {
    let found = faults("governance: { persistence: { type: \"\\e[31m\", colour: 1 } } # \u{1b}[31m", Format::Yaml);
    let mut rendered = String::new();
    let theme = miette::GraphicalTheme::unicode_nocolor();
    miette::GraphicalReportHandler::new_themed(theme).render_report(&mut rendered, &found).unwrap();
    assert!(!rendered.contains('\u{1b}'), "{rendered:?}");
}

#[test]
fn options_of_a_custom_type_are_bounded_as_json_is() {
    let registry = Registry::default()
        .register("own", |_: JsonObject| async { Ok(Arc::new(InMemoryBackplane::new()) as Arc<dyn Backplane>) })
        .unwrap();
    for (option, words) in [
        ("a: .inf", "JSON does not have"),
        ("a: -.NaN", "JSON does not have"),
        ("a: 18446744073709551616", "64 bits"),
        ("a: \"\\0\"", "NUL"),
        ("\"a\\0\": 1", "NUL"),
        ("a: !!binary x", "YAML tag"),
        ("a: { b: 1, b: 2 }", "stands twice"),
        ("a: [{ <<: { b: 1 } }]", "merge keys"),
        ("a: { [x]: 1 }", "no text"),
        ("a: 1, options: { a: 2 }", "stands twice"),
        (&format!("a: {}{}", "[".repeat(30), "]".repeat(30)), "nests too deep"),
    ] {
        let text = persistence(&format!("type: own, {option}"));
        let found = Loader::new().registry(&registry).load_str("g.yaml", &text, Format::Yaml).expect_err(option);
        let said: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(said.len() == 1 && said[0].contains(words), "{option}: {said:?}");
    }
    let deepest = persistence(&format!("type: own, a: {}{}", "[".repeat(29), "]".repeat(29)));
    assert!(Loader::new().registry(&registry).load_str("g.yaml", &deepest, Format::Yaml).is_ok());
}

#[test]
fn any_bytes_are_an_answer() {
    // Every text cut anywhere is still an answer, not a panic.
    let yaml = "experimentFramework:\n  governance: &g\n    persistence: { type: sql, 'connectionString': \"sqlite:ü\\n\" }\n    x: >-\n      a\n  y: *g\n";
    for (at, _) in yaml.char_indices() {
        let _ = load(&yaml[..at], Format::Yaml);
        let _ = load(&yaml[at..], Format::Yaml);
        let _ = load(&yaml[..at], Format::Json);
    }
    let json = r#"{"governance": {"persistence": {"type": "sql", "connectionString": "sqlite:ü\n", "a": [1.5e3, null, true]}}}"#;
    for (at, _) in json.char_indices() {
        let _ = load(&json[..at], Format::Json);
        let _ = load(&json[at..], Format::Json);
    }
}
