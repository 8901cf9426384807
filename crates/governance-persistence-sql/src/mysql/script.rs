//! Several statements as one text, and what came of each.

use super::literal::{Literal, list};
use crate::error::class::Class;
use crate::error::mysql::classify;
use futures_util::TryStreamExt;
use sqlx::error::DatabaseError;
use sqlx::mysql::{MySqlDatabaseError, MySqlRow};
use sqlx::{AssertSqlSafe, Either, MySqlConnection};

/// The size of a text from which on another one is begun. A statement grows to half of it, before
/// its last row; a server takes 16 MiB at least.
const FULL: usize = 2 << 20;

/// The size of a text that most commits fit into.
const USUAL: usize = 2 << 10;

/// Statements that are sent together, as long as they are not too much for one packet.
#[derive(Debug)]
pub(super) struct Script {
    packets: Vec<Packet>,
    /// What the rows at the end belong to.
    insert: Option<Insert>,
    /// Where a row is written before it is known which text it goes to.
    row: String,
    as_one: bool,
}

#[derive(Debug)]
struct Packet {
    text: String,
    statements: usize,
}

impl Packet {
    fn new() -> Self {
        Self { text: String::with_capacity(USUAL), statements: 0 }
    }
}

#[derive(Debug)]
struct Insert {
    into: &'static str,
    size: usize,
}

impl Script {
    pub(super) fn new() -> Self {
        Self { packets: Vec::new(), insert: None, row: String::with_capacity(USUAL / 2), as_one: false }
    }

    /// Adds a statement.
    pub(super) fn push(&mut self, statement: &str) {
        self.statement().push_str(statement);
    }

    /// Where a statement is to be written.
    pub(super) fn statement(&mut self) -> &mut String {
        self.insert = None;
        self.begin()
    }

    /// Adds a row to a table, to the statement before if it inserts into the same one.
    pub(super) fn insert(&mut self, into: &'static str, columns: &'static str, values: &[&dyn Literal]) {
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        row.push('(');
        list(&mut row, values);
        row.push(')');
        match &mut self.insert {
            Some(insert) if insert.into == into && insert.size + row.len() < FULL / 2 => {
                insert.size += row.len();
                let text = &mut self.last().text;
                text.push_str(",\n");
                text.push_str(&row);
            }
            _ => {
                let text = self.begin();
                for part in ["INSERT INTO ", into, " (", columns, ") VALUES\n", &row] {
                    text.push_str(part);
                }
                self.insert = Some(Insert { into, size: row.len() });
            }
        }
        self.row = row;
    }

    /// Has MariaDB take it for one statement. By itself each has an answer, which is sent and read by itself; of this
    /// there is one for the row that the last statement but one gives, and one at the end. By that row a failure of the
    /// last statement is told from one before it. To MySQL the marks are comments. What is too large for a packet stays
    /// as it is.
    pub(super) fn into_one(mut self) -> Self {
        if let [packet] = &mut self.packets[..] {
            packet.text.insert_str(0, "/*M!100101 BEGIN NOT ATOMIC */ ");
            packet.text.push_str(" /*M!100101 ; END */");
            self.as_one = true;
        }
        self
    }

    /// The text, where a new statement goes.
    fn begin(&mut self) -> &mut String {
        if self.last().text.len() >= FULL / 2 {
            self.packets.push(Packet::new());
        }
        let last = self.last();
        last.statements += 1;
        if last.statements > 1 {
            last.text.push_str(";\n");
        }
        &mut last.text
    }

    fn last(&mut self) -> &mut Packet {
        if self.packets.is_empty() {
            self.packets.push(Packet::new());
        }
        let last = self.packets.len() - 1;
        &mut self.packets[last]
    }

    /// Runs all of it, up to the first statement that fails. Gives the rows of each.
    pub(super) async fn run(self, connection: &mut MySqlConnection) -> Result<Vec<Vec<MySqlRow>>, Stopped> {
        let mut done = Vec::new();
        let all: usize = self.packets.iter().map(|packet| packet.statements).sum();
        let mut sent = 0;
        for packet in self.packets {
            sent += packet.statements;
            let mut results = sqlx::raw_sql(AssertSqlSafe(packet.text)).fetch_many(&mut *connection);
            let mut rows = Vec::new();
            loop {
                match results.try_next().await {
                    Ok(Some(Either::Right(row))) => rows.push(row),
                    // A statement ends with this, whether it gave rows or not.
                    Ok(Some(Either::Left(_))) => done.push(std::mem::take(&mut rows)),
                    Ok(None) => break,
                    Err(error) => {
                        let told = matches!(error, sqlx::Error::Database(_));
                        let only_last_is_left = if self.as_one { gave_row(&done) } else { done.len() + 1 >= all };
                        let last_may_have_run = if told { only_last_is_left } else { sent >= all };
                        let null = error.as_database_error().is_some_and(is_null);
                        return Err(Stopped { last_may_have_run, null, class: classify("committing", error) });
                    }
                }
            }
        }
        Ok(done)
    }
}

/// A statement failed. When the server says so, those after it did not run. When it says nothing more,
/// all that was sent may have run.
#[derive(Debug)]
pub(super) struct Stopped {
    pub(super) last_may_have_run: bool,
    /// It was a NULL for a column that takes none.
    pub(super) null: bool,
    pub(super) class: Class,
}

/// Did the last statement that was done give a row?
fn gave_row(done: &[Vec<MySqlRow>]) -> bool {
    done.last().is_some_and(|rows| !rows.is_empty())
}

/// ER_BAD_NULL_ERROR
fn is_null(error: &dyn DatabaseError) -> bool {
    error.try_downcast_ref::<MySqlDatabaseError>().is_some_and(|error| error.number() == 1048)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_rows_of_one_table_then_they_share_a_statement_until_it_is_large() {
        let mut script = Script::new();
        for number in [1_i64, 2] {
            script.insert("t", "a, b", &[&number, &"x"]);
        }
        script.insert("u", "a", &[&3_i64]);
        assert_eq!(script.packets.len(), 1);
        assert_eq!(script.packets[0].statements, 2);
        assert_eq!(
            script.packets[0].text,
            "INSERT INTO t (a, b) VALUES\n(1, 'x'),\n(2, 'x');\nINSERT INTO u (a) VALUES\n(3)"
        );
    }

    #[test]
    fn given_a_script_as_one_then_it_is_marked_unless_it_is_sent_in_pieces() {
        let mut small = Script::new();
        small.push("SELECT 1");
        small.push("COMMIT");
        let text = "/*M!100101 BEGIN NOT ATOMIC */ SELECT 1;\nCOMMIT /*M!100101 ; END */";
        assert_eq!(small.into_one().packets[0].text, text);

        let mut large = Script::new();
        large.push(&"x".repeat(FULL));
        large.push("COMMIT");
        let large = large.into_one();
        assert!(!large.as_one);
        assert_eq!(large.packets[1].text, "COMMIT");
    }

    #[test]
    fn given_more_than_a_server_takes_at_once_then_it_is_sent_in_pieces() {
        let mut script = Script::new();
        let large = "x".repeat(FULL / 3);
        for number in 0_i64..12 {
            script.insert("t", "a, b", &[&number, &large]);
        }
        script.push("COMMIT");
        let largest = script.packets.iter().map(|packet| packet.text.len()).max();
        assert!(largest.is_some_and(|size| size < FULL + FULL / 2), "{largest:?}");
        let rows: usize = script.packets.iter().map(|packet| packet.text.matches("\n(").count()).sum();
        assert_eq!(rows, 12);
        assert!(script.packets.last().is_some_and(|packet| packet.text.ends_with("COMMIT")));
    }
}
