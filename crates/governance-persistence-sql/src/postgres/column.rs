//! A column of a batch: its name, its type and its value in each row, said once. The text of a
//! statement and its arguments are both made from it.

use sqlx::Arguments;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;

/// A column of rows that are made from `R`.
pub(super) struct Column<R> {
    pub(super) name: &'static str,
    sql_type: &'static str,
    pub(super) bind: fn(&mut PgArguments, &[R]) -> Result<(), BoxDynError>,
}

impl<R> Column<R> {
    pub(super) const fn new(
        name: &'static str,
        sql_type: &'static str,
        bind: fn(&mut PgArguments, &[R]) -> Result<(), BoxDynError>,
    ) -> Self {
        Self { name, sql_type, bind }
    }

    /// Without the values.
    pub(super) fn described(&self) -> Described {
        Described { name: self.name, sql_type: self.sql_type }
    }
}

/// A column's name and type.
#[derive(Clone, Copy)]
pub(super) struct Described {
    pub(super) name: &'static str,
    sql_type: &'static str,
}

impl Described {
    /// The type of the array that holds its values. JSON travels as text: it is the database that
    /// makes JSON of it, when it is written.
    pub(super) fn array(self) -> String {
        format!("{}[]", if self.is_json() { "text" } else { self.sql_type })
    }

    pub(super) fn is_json(self) -> bool {
        self.sql_type == "json"
    }
}

/// How many bytes an array takes besides its values, and about how many one of its values takes.
const ARRAY: usize = 24;
const VALUE: usize = 32;

/// Binds an array for each of the columns.
pub(super) fn bind<R>(arguments: &mut PgArguments, columns: &[Column<R>], rows: &[R]) -> Result<(), BoxDynError> {
    arguments.reserve(columns.len(), columns.len() * (ARRAY + rows.len() * VALUE));
    columns.iter().try_for_each(|column| (column.bind)(arguments, rows))
}

/// Columns as `name: type = value;`, the value from `row`.
macro_rules! columns {
    ($row:ident => $($name:ident: $sql_type:ident = $value:expr;)+) => {
        vec![$($crate::postgres::column::Column::new(
            stringify!($name),
            stringify!($sql_type),
            |arguments, rows| {
                let values = rows.iter().map(|$row| $value);
                sqlx::Arguments::add(arguments, sqlx::postgres::PgBindIterExt::bind_iter(values))
            },
        )),+]
    };
}
pub(super) use columns;
