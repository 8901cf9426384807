//! Words of gates, policies and errors, as a record takes them.

use governance_persistence::limits::MAX_PROSE_CHARS;

/// The text without what a record's reason may not hold; nothing if nothing is left. A gate that
/// says too much is no reason not to record what it said.
pub(crate) fn prose(text: &str) -> Option<String> {
    let allowed = |c: char| if c.is_control() && !matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
    let text: String = text.trim().chars().take(MAX_PROSE_CHARS).map(allowed).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_record_does_not_take_is_left_out() {
        assert_eq!(prose(" a\0b\nc \u{7}").as_deref(), Some("a b\nc"));
        assert_eq!(prose(" \n"), None);
        assert_eq!(prose(&"ü".repeat(5_000)).map(|text| text.chars().count()), Some(4_000));
    }
}
