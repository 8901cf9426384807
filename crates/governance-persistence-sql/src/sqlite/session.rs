//! The writer's connection, with its statements prepared once and for all.

use rusqlite::{Connection, Statement};

/// The writer's connection and its statements.
pub(super) struct Session<'c> {
    connection: &'c Connection,
    statements: Vec<(&'static str, Statement<'c>)>,
}

impl<'c> Session<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, statements: Vec::new() }
    }

    /// The connection, for what is asked seldom.
    pub(super) fn connection(&self) -> &'c Connection {
        self.connection
    }

    /// The statement of this text, prepared when it is first asked for. There are a few dozen, and
    /// they are told apart by where their texts are: to hash a text takes longer than to look.
    pub(super) fn statement(&mut self, sql: &'static str) -> rusqlite::Result<&mut Statement<'c>> {
        let index = match self.statements.iter().position(|(text, _)| std::ptr::eq(*text, sql)) {
            Some(index) => index,
            None => {
                self.statements.push((sql, self.connection.prepare(sql)?));
                self.statements.len() - 1
            }
        };
        Ok(&mut self.statements[index].1)
    }
}
