//! The head of one experiment. It is read more than anything else, so the text of its query is made once.
//!
//! A key is unique, so the query says no LIMIT: it would be one more parameter, and whenever that is bound SQLite
//! plans the query anew.

use super::{Reader, is_place};
use crate::codec::{self, scope};
use crate::entity::{Row, experiment_state as head};
use crate::error::of_sea_orm;
use governance_persistence::{ExperimentKey, Head, Result};
use sea_orm::{DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryTrait, Statement};

/// The query for the head of any experiment.
#[derive(Debug)]
pub(super) struct HeadQuery(Statement);

impl HeadQuery {
    pub(super) fn new(backend: DbBackend) -> Self {
        Self(head::Entity::find().filter(is_place("", "", "")).build(backend))
    }

    /// For this one. The parts of the key are its first values.
    fn of(&self, key: &ExperimentKey) -> Statement {
        let mut statement = self.0.clone();
        let values = statement.values.iter_mut().flat_map(|values| &mut values.0);
        for (value, part) in values.zip([scope(key.tenant()), scope(key.environment()), key.name()]) {
            *value = part.into();
        }
        statement
    }
}

impl Reader {
    pub(crate) async fn head(&self, key: &ExperimentKey) -> Result<Head> {
        let row = self.head_row(key).await?;
        row.map_or_else(|| Ok(Head::empty(key.clone())), |row| codec::head(key, &row))
    }

    pub(super) async fn head_row(&self, key: &ExperimentKey) -> Result<Option<head::Model>> {
        let row = Row::<head::Model>::find_by_statement(self.head.of(key)).one(self.db()?).await;
        Ok(row.map_err(|error| of_sea_orm("reading the head", error))?.map(|Row(row)| row))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::is_key;
    use super::*;

    #[test]
    fn given_any_key_then_the_query_is_the_one_that_would_be_made_for_it() {
        for backend in [DbBackend::MySql, DbBackend::Postgres, DbBackend::Sqlite] {
            let query = HeadQuery::new(backend);
            for (tenant, environment) in [(None, None), (Some("acme"), None), (None, Some("prod"))] {
                let key = ExperimentKey::from_parts(tenant, environment, "checkout").unwrap();
                let anew = head::Entity::find().filter(is_key(&key)).build(backend);
                assert_eq!(query.of(&key), anew);
            }
        }
    }
}
