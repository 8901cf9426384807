//! Rules for text that people write: names, labels, reasons.

use crate::Fault;
use crate::limits::{MAX_LABEL_CHARS, MAX_PROSE_CHARS};

/// What a text may hold.
#[derive(Clone, Copy)]
enum Lines {
    One,
    Many,
}

/// A name of one line, 1 to `max` characters.
pub(crate) fn check_name(field: &str, text: &str, max: usize) -> Result<(), Fault> {
    check(field, text, max, Lines::One)
}

/// The name of an actor, a gate or a policy.
pub(crate) fn check_label(field: &str, text: &str) -> Result<(), Fault> {
    check_name(field, text, MAX_LABEL_CHARS)
}

/// A reason or a description; it may span lines.
pub(crate) fn check_prose(field: &str, text: &str) -> Result<(), Fault> {
    check(field, text, MAX_PROSE_CHARS, Lines::Many)
}

fn check(field: &str, text: &str, max: usize, lines: Lines) -> Result<(), Fault> {
    let fault = |problem: String, expected: &str| Err(Fault::new(field, problem, expected));
    if text.is_empty() {
        return fault("is empty".into(), "some text, or nothing at all where it is optional");
    }
    // A character has at most 4 bytes, so most texts are never counted.
    if text.len() > max && text.chars().count() > max {
        let length = text.chars().count();
        let expected = format!("at most {max} characters");
        return fault(format!("has {length} characters"), &expected);
    }
    if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        return fault("has white space at an end".into(), "no leading or trailing white space");
    }
    let forbidden = |c: char| c.is_control() && !(matches!(lines, Lines::Many) && matches!(c, '\n' | '\r' | '\t'));
    if let Some(found) = text.chars().find(|c| forbidden(*c)) {
        let expected = match lines {
            Lines::One => "no control characters",
            Lines::Many => "no control characters but line breaks and tabs",
        };
        return fault(format!("holds the control character U+{:04X}", found as u32), expected);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_at_the_limit_is_taken_and_one_over_is_not() {
        assert!(check_name("name", &"ü".repeat(200), 200).is_ok());
        let fault = check_name("name", &"ü".repeat(201), 200).unwrap_err();
        assert_eq!(fault.to_string(), "name has 201 characters; expected at most 200 characters");
    }

    #[test]
    fn outer_white_space_and_control_characters_are_refused() {
        for bad in ["", " a", "a\u{a0}", "a\nb", "a\0b", "a\u{85}b"] {
            assert!(check_label("actor", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_reason_may_span_lines() {
        assert!(check_prose("reason", "first\r\n\tsecond").is_ok());
        assert!(check_prose("reason", "bell\u{7}").is_err());
    }
}
