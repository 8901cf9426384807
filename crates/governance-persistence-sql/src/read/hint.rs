//! Which index a query goes through, said to the one engine that has to be told. MariaDB would rather
//! read the half of a history and sort it than walk the index that has it in order.

use sea_orm::sea_query::extension::mysql::{IndexHintScope, MySqlSelectStatementExt};
use sea_orm::sea_query::{Alias, SelectStatement};
use sea_orm::{EntityTrait, IdenStatic, QueryTrait, Select};

/// Goes through the index by this column. Other engines than MySQL do not see it.
pub(super) fn by<E: EntityTrait>(mut select: Select<E>, column: &str) -> Select<E> {
    hint::<E>(QueryTrait::query(&mut select), column);
    select
}

/// As [`by`], through the index of the look-up by this column.
pub(super) fn by_column<E: EntityTrait>(select: Select<E>, column: E::Column) -> Select<E> {
    by(select, column.as_str())
}

fn hint<E: EntityTrait>(select: &mut SelectStatement, column: &str) {
    let index = format!("{}_by_{column}", E::default().table_name());
    select.force_index(Alias::new(index), IndexHintScope::All);
}
