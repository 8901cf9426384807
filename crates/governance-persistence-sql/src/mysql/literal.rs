//! Values as SQL text.
//!
//! No text can end the literal that it stands in, whatever the server takes a backslash for: plain
//! ASCII is quoted, and all that holds anything else, a quote say, is written as the digits of its bytes.

use std::fmt::{self, Display, Formatter, Write};

/// A value that can be written as SQL.
pub(super) trait Literal {
    fn write(&self, sql: &mut String);
}

impl Literal for i64 {
    fn write(&self, sql: &mut String) {
        // Writing to a string does not fail.
        let _ = write!(sql, "{self}");
    }
}

impl Literal for bool {
    fn write(&self, sql: &mut String) {
        sql.push(if *self { '1' } else { '0' });
    }
}

impl Literal for str {
    fn write(&self, sql: &mut String) {
        let plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'\'' | b'\\');
        // All bytes are looked at, without a branch for each: most texts are plain.
        if self.bytes().fold(true, |all, byte| all & plain(byte)) {
            sql.push('\'');
            sql.push_str(self);
            sql.push('\'');
            return;
        }
        sql.push_str("_utf8mb4 x'");
        sql.reserve(self.len() * 2 + 1);
        for byte in self.bytes() {
            for digit in [byte >> 4, byte & 0xf] {
                sql.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
        }
        sql.push('\'');
    }
}

impl Literal for String {
    fn write(&self, sql: &mut String) {
        self.as_str().write(sql);
    }
}

impl<T: Literal + ?Sized> Literal for &T {
    fn write(&self, sql: &mut String) {
        (**self).write(sql);
    }
}

impl<T: Literal> Literal for Option<T> {
    fn write(&self, sql: &mut String) {
        match self {
            Some(value) => value.write(sql),
            None => sql.push_str("NULL"),
        }
    }
}

/// A number of the head that a commit belongs to: one that we know, or one that the session has in a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Known(i64),
    /// The head's id, for the job of this number in the batch.
    Head(usize),
    /// The sequence of what is written.
    Sequence(usize),
    /// When it was recorded.
    RecordedAt(usize),
}

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (variable, number) = match self {
            Self::Known(known) => return Display::fmt(known, f),
            Self::Head(number) => ("@governance_head_", number),
            Self::Sequence(number) => ("@governance_sequence_", number),
            Self::RecordedAt(number) => ("@governance_recorded_at_", number),
        };
        f.write_str(variable)?;
        Display::fmt(number, f)
    }
}

impl Literal for Number {
    fn write(&self, sql: &mut String) {
        let _ = write!(sql, "{self}");
    }
}

/// `column = value`, as a condition or an assignment.
pub(super) fn equals(sql: &mut String, column: &str, value: &dyn Literal) {
    sql.push_str(column);
    sql.push_str(" = ");
    value.write(sql);
}

/// Values with commas between them.
pub(super) fn list(sql: &mut String, values: &[&dyn Literal]) {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            sql.push_str(", ");
        }
        value.write(sql);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(value: &dyn Literal) -> String {
        let mut sql = String::new();
        value.write(&mut sql);
        sql
    }

    #[test]
    fn given_plain_text_then_it_is_quoted() {
        assert_eq!(literal(&"checkout / new-button \"v2\" ; -- #"), "'checkout / new-button \"v2\" ; -- #'");
        assert_eq!(literal(&""), "''");
    }

    #[test]
    fn given_text_that_could_end_a_literal_then_only_its_digits_are_written() {
        assert_eq!(literal(&"'; DROP"), "_utf8mb4 x'273b2044524f50'");
        assert_eq!(literal(&"\\"), "_utf8mb4 x'5c'");
        assert_eq!(literal(&"é\n"), "_utf8mb4 x'c3a90a'");
    }

    #[test]
    fn given_what_is_no_text_then_it_is_not_quoted() {
        assert_eq!(literal(&i64::MIN), "-9223372036854775808");
        assert_eq!(literal(&None::<&str>), "NULL");
        assert_eq!(literal(&Number::Head(3)), "@governance_head_3");
        let mut sql = String::new();
        list(&mut sql, &[&true, &1_i64, &"a"]);
        assert_eq!(sql, "1, 1, 'a'");
    }
}
