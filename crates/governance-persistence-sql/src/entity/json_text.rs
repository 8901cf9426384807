//! JSON as the text that it is stored as. Nobody decodes it on the way.

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, StringLen, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, QueryResult, TryGetError, TryGetable, Value};

/// The text of a JSON column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonText(pub(crate) String);

impl From<JsonText> for Value {
    fn from(text: JsonText) -> Self {
        text.0.into()
    }
}

impl TryGetable for JsonText {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        #[cfg(feature = "postgres")]
        if let Some(row) = row.try_as_pg_row() {
            return of_postgres(row, index);
        }
        String::try_get_by(row, index).map(Self)
    }
}

/// The type `json` travels as its text, which the driver only hands out when it is not asked for the
/// type.
#[cfg(feature = "postgres")]
fn of_postgres<I: ColIdx>(row: &sqlx::postgres::PgRow, index: I) -> Result<JsonText, TryGetError> {
    use sqlx::Row;
    let text: Option<String> = row.try_get_unchecked(index.as_sqlx_postgres_index()).map_err(|error| {
        TryGetError::DbErr(sea_orm::DbErr::Query(sea_orm::RuntimeErr::SqlxError(std::sync::Arc::new(error))))
    })?;
    text.map(JsonText).ok_or_else(|| TryGetError::Null(format!("{index:?}")))
}

impl ValueType for JsonText {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <String as ValueType>::try_from(value).map(Self)
    }

    fn type_name() -> String {
        "JsonText".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::String(StringLen::None)
    }
}

impl Nullable for JsonText {
    fn null() -> Value {
        <String as Nullable>::null()
    }
}
