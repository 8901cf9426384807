//! Reading, in SeaORM, for every engine alike.

mod current;
mod ephemeral;
mod experiments;
mod hint;
mod history;
mod kind;
mod log;
mod look_up;
#[cfg(all(test, feature = "sqlite"))]
pub(crate) mod plans;
mod record;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod replica;
mod servers;

#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) use replica::Replica;
pub(crate) use servers::Servers;

use crate::codec::scope;
use crate::entity::experiment_state as head;
use crate::error::of_sea_orm;
use crate::pool::Connections;
#[cfg(feature = "sqlite")]
use crate::sqlite::FileIdentity;
use current::HeadQuery;
use governance_persistence::{Cursor, ExperimentKey, Page, PageSize, Result};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait};

/// The connections that read.
#[derive(Debug)]
pub(crate) struct Reader {
    db: Connections,
    head: HeadQuery,
    #[cfg(feature = "sqlite")]
    file: Option<FileIdentity>,
}

impl Reader {
    /// Reads from a server.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(crate) fn of_server(db: Connections) -> Self {
        Self {
            head: HeadQuery::new(db.get_database_backend()),
            db,
            #[cfg(feature = "sqlite")]
            file: None,
        }
    }

    /// Reads from a file.
    #[cfg(feature = "sqlite")]
    pub(crate) fn of_file(db: Connections, file: FileIdentity) -> Self {
        Self { head: HeadQuery::new(db.get_database_backend()), db, file: Some(file) }
    }

    /// The connections, if what they have open is still what is there.
    fn db(&self) -> Result<&Connections> {
        #[cfg(feature = "sqlite")]
        if let Some(file) = &self.file {
            file.check()?;
        }
        Ok(&self.db)
    }

    fn backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    pub(crate) async fn ping(&self) -> Result<()> {
        self.db()?.ping().await.map_err(|error| of_sea_orm("asking the database for an answer", error))
    }

    pub(crate) async fn close(&self) {
        self.db.close().await;
    }
}

/// A page of the first rows. The one row more that was asked for only tells that there is more:
/// should it not decode, that is for the next page to say.
fn page<R, T>(
    mut rows: Vec<R>,
    size: PageSize,
    decode: impl FnMut(R) -> Result<T>,
    cursor: impl FnOnce(&T) -> Cursor,
) -> Result<Page<T>> {
    let more = rows.len() > size.get();
    rows.truncate(size.get());
    let items = rows.into_iter().map(decode).collect::<Result<Vec<_>>>()?;
    let next = items.last().filter(|_| more).map(cursor);
    Ok(Page { items, next })
}

fn is_key(key: &ExperimentKey) -> Condition {
    is_place(scope(key.tenant()), scope(key.environment()), key.name())
}

/// The same by the columns of the key.
fn is_place(tenant: &str, environment: &str, name: &str) -> Condition {
    Condition::all()
        .add(head::Column::Tenant.eq(tenant))
        .add(head::Column::Environment.eq(environment))
        .add(head::Column::Name.eq(name))
}

/// Rows that belong to the experiment, by their column of its id. The subquery is scalar: of
/// `IN (…)` SQLite would think that it may give several ids, and sort what an index has in order.
fn belongs_to<E: EntityTrait>(column: E::Column, key: &ExperimentKey) -> Expr {
    let id = Query::select().column(head::Column::Id).from(head::Entity).cond_where(is_key(key)).take();
    Expr::col((E::default(), column)).eq(scalar(id))
}

fn scalar(select: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(select.into()))
}
