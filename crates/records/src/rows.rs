//! Statements and rows as the rooms' stores use them: values in, typed columns out, each fault
//! naming its table and column.

use crate::Error;
use money::Amount;
use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable, Value};
use std::str::FromStr;
use types::{BusinessDate, Timestamp};

/// Runs a statement that returns no rows; how many rows it changed.
pub async fn execute(
    db: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
) -> Result<u64, Error> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// Runs a query and reads every row of it. The query bounds its own rows.
pub async fn select<T>(
    db: &impl ConnectionTrait,
    table: &'static str,
    sql: &str,
    values: Vec<Value>,
    read: impl Fn(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| read(&Row { table, row })).collect()
}

/// `($1, $2), ($3, $4)`: the places of the values of several rows.
pub fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let first = row.saturating_mul(columns);
        let places = (1..=columns).map(|column| format!("${}", first.saturating_add(column)));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// One row of a query on a table.
#[derive(Debug)]
pub struct Row<'r> {
    table: &'static str,
    row: &'r QueryResult,
}

impl Row<'_> {
    /// A stored value of another form than this program writes.
    pub fn corrupt(&self, column: &str, fault: &impl ToString) -> Error {
        Error::Corrupt { table: self.table, reason: format!("{column}: {}", fault.to_string()) }
    }

    /// A column as the database has it; `None` for NULL.
    pub fn optional<T: TryGetable>(&self, column: &str) -> Result<Option<T>, Error> {
        Ok(self.row.try_get("", column)?)
    }

    /// A text.
    pub fn text(&self, column: &str) -> Result<String, Error> {
        Ok(self.row.try_get("", column)?)
    }

    /// A whole number.
    pub fn number(&self, column: &str) -> Result<i64, Error> {
        Ok(self.row.try_get("", column)?)
    }

    /// Whether it is so: a comparison, an `EXISTS`, a BOOLEAN; `None` for NULL. The engines have
    /// different types for it.
    pub fn truth(&self, column: &str) -> Result<Option<bool>, Error> {
        self.optional(column)
    }

    /// An amount in minor units.
    pub fn amount(&self, column: &str) -> Result<Amount, Error> {
        Amount::try_from(self.number(column)?).map_err(|e| self.corrupt(column, &e))
    }

    /// A moment kept as microseconds.
    pub fn moment(&self, column: &str) -> Result<Timestamp, Error> {
        self.number(column).map(Timestamp::from_micros)
    }

    /// A date kept as days since 1970-01-01.
    pub fn date(&self, column: &str) -> Result<BusinessDate, Error> {
        i32::try_from(self.number(column)?)
            .map(BusinessDate::from_days)
            .map_err(|e| self.corrupt(column, &e))
    }

    /// An id, or anything else that is read from its text.
    pub fn parsed<T: FromStr<Err: ToString>>(&self, column: &str) -> Result<T, Error> {
        self.text(column)?.parse().map_err(|e: T::Err| self.corrupt(column, &e))
    }

    /// The same where the column may be NULL.
    pub fn optional_parsed<T: FromStr<Err: ToString>>(
        &self,
        column: &str,
    ) -> Result<Option<T>, Error> {
        let text: Option<String> = self.optional(column)?;
        text.map(|t| t.parse().map_err(|e: T::Err| self.corrupt(column, &e))).transpose()
    }

    /// One of a closed list of words.
    pub fn word<T>(&self, column: &str, of: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
        let word = self.text(column)?;
        of(&word).ok_or_else(|| self.corrupt(column, &word))
    }

    /// A value kept as JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, Error> {
        serde_json::from_str(&self.text(column)?).map_err(|e| self.corrupt(column, &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_on_over_the_rows() {
        assert_eq!(places(2, 2), "($1, $2), ($3, $4)");
    }
}
