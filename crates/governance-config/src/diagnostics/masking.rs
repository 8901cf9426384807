//! Hides secrets that stand literally in a file, before any of its text is shown.

use std::ops::Range;

/// Words that announce a secret: `Password=…`, `token: …`.
const ANNOUNCING: [&str; 10] =
    ["password", "passwd", "pass", "pwd", "psw", "secret", "token", "apikey", "api_key", "api-key"];
const MASK: char = '*';

/// Does this key announce a secret?
pub(crate) fn announces(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    ANNOUNCING.iter().any(|word| lower.contains(word))
}

/// The line with a mask over each character of a URL's password, and of what stands behind a word
/// such as `password`, and over these stretches of the line. Rather too much is hidden than too
/// little.
pub(super) fn mask(line: &str, known: impl Iterator<Item = Range<usize>>) -> String {
    let lower = line.to_ascii_lowercase();
    let mut secrets: Vec<_> = ANNOUNCING.iter().flat_map(|word| announced(line, &lower, word)).collect();
    secrets.extend(in_url(line));
    secrets.extend(known.filter(|secret| line.is_char_boundary(secret.start) && line.is_char_boundary(secret.end)));
    secrets.sort_by_key(|secret| secret.start);
    let mut masked = String::with_capacity(line.len());
    let mut done = 0;
    for secret in secrets {
        let start = secret.start.max(done);
        masked.push_str(&line[done..start]);
        done = secret.end.max(start);
        masked.extend(line[start..done].chars().map(|_| MASK));
    }
    masked.push_str(&line[done..]);
    masked
}

/// A value of the file's own text, as it may stand in a message: masked, on one line, and short.
pub(crate) fn shown(text: &str) -> String {
    const MAX: usize = 60;
    let masked = mask(text, std::iter::empty());
    let mut shown: String = masked.chars().take(MAX).flat_map(char::escape_debug).collect();
    if masked.chars().nth(MAX).is_some() {
        shown.push('…');
    }
    shown.replace("\\'", "'")
}

/// `scheme://user:password@host`: a password may itself have a colon, a slash or an at sign, so it
/// reaches to the last at sign there is.
fn in_url(line: &str) -> Option<Range<usize>> {
    let last_at = line.rfind('@')?;
    let authority = line.find("://")? + 3;
    let password = authority + line.get(authority..last_at)?.find(':')? + 1;
    Some(password..last_at)
}

/// What stands behind each `word` and an equals sign or a colon.
fn announced(line: &str, lower: &str, word: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = lower[from..].find(word) {
        from += at + word.len();
        let behind = line[from..].trim_start_matches(['"', '\'', ' ']);
        let Some(value) = behind.strip_prefix(['=', ':']) else { continue };
        let value = value.trim_start_matches(' ');
        let start = line.len() - value.len(); // what is trimmed so far was trimmed in front
        let end = match value.as_bytes().first() {
            Some(b'"') => closing_quote(&value[1..]).map(|end| end + 1),
            Some(b'\'') => value[1..].find('\'').map(|end| end + 1),
            // A value without quotes may hold whatever else there is.
            _ => value.find(';'),
        };
        let value = value.get(..end.unwrap_or(value.len())).unwrap_or(value);
        from = start + value.len();
        let value = value.trim_start_matches(['"', '\'']);
        if !is_variable(value) {
            found.push(from - value.len()..from);
        }
    }
    found
}

/// The first quote that no backslash escapes.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let found = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        found
    })
}

/// `${NAME}` says where the secret is, not what it is.
pub(crate) fn is_variable(value: &str) -> bool {
    let name = value.trim().strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden_and_places_kept() {
        for (line, masked) in [
            ("url: postgres://u:hunter2@host/db", "url: postgres://u:*******@host/db"),
            ("url: postgresql://u@host/db?password=hunter2", "url: postgresql://u@host/db?password=*******"),
            ("url: postgres://u:h@nt/r:2@host/db", "url: postgres://u:********@host/db"),
            ("Server=h;Password=h u n;Database=d", "Server=h;Password=*****;Database=d"),
            (r#"{"password": "é\u00e9", "b": 1}"#, r#"{"password": "*******", "b": 1}"#),
            ("api-token: hunter2", "api-token: *******"),
            (r#"{"a": "Server=h;Password=\"hunter2\""}"#, r#"{"a": "Server=h;Password=*************"#),
            (r#"{"password": "hun\"ter2", "b": 1}"#, r#"{"password": "*********", "b": 1}"#),
            ("Password=hun&ter2;b", "Password=********;b"),
            ("Username=u;PSW=hunter2", "Username=u;PSW=*******"),
            ("password: ${DB_PASSWORD}", "password: ${DB_PASSWORD}"),
            ("password: ${DB_PASSWORD:-hunter2}", "password: ***********************"),
            ("url: sqlite://a/b.db", "url: sqlite://a/b.db"),
        ] {
            assert_eq!(mask(line, std::iter::empty()), masked);
        }
    }

    #[test]
    fn a_shown_value_is_short_and_on_one_line() {
        assert_eq!(shown("a\nb\u{1b}"), r"a\nb\u{1b}");
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), 61);
    }
}
