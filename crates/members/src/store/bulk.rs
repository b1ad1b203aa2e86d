//! Many rows a statement, for measuring.

use super::customers::CustomerRow;
use super::users::NewRow;
use crate::model::class::Class;
use records::Error;
use records::rows::{execute, places};
use sea_orm::{ConnectionTrait, Value};
use types::{CustomerId, Timestamp};

/// Rows a statement: each has up to eight values, and SQLite takes 32,766 of them.
const ROWS: usize = 1_000;

/// Stores persons.
pub(crate) async fn customers(
    db: &impl ConnectionTrait,
    rows: Vec<CustomerRow>,
) -> Result<(), Error> {
    for chunk in rows.chunks(ROWS) {
        let sql = format!(
            "INSERT INTO member_customer (id, kind, identity, name, id_type, id_number, class, \
             created_at) VALUES {}",
            places(chunk.len(), 8)
        );
        let values = chunk.iter().flat_map(|row| -> [Value; 8] {
            [
                row.id.to_string().into(),
                "person".into(),
                row.identity.clone().into(),
                row.name.clone().into(),
                row.id_type.clone().into(),
                row.id_number.clone().into(),
                row.class.map(|c| i64::from(c.number())).into(),
                row.created_at.as_micros().into(),
            ]
        });
        execute(db, &sql, values.collect()).await?;
    }
    Ok(())
}

/// Stores verified users, each under its customer.
pub(crate) async fn users(
    db: &impl ConnectionTrait,
    rows: Vec<(NewRow, CustomerId)>,
    class: Class,
    now: Timestamp,
) -> Result<(), Error> {
    for chunk in rows.chunks(ROWS) {
        let sql = format!(
            "INSERT INTO member_user (id, customer, account_class, phone_index, phone, created_at, \
             verified_at) VALUES {}",
            places(chunk.len(), 7)
        );
        let values = chunk.iter().flat_map(|(row, customer)| -> [Value; 7] {
            [
                row.id.to_string().into(),
                customer.to_string().into(),
                i64::from(class.number()).into(),
                row.phone_index.to_vec().into(),
                row.phone.clone().into(),
                row.created_at.as_micros().into(),
                now.as_micros().into(),
            ]
        });
        execute(db, &sql, values.collect()).await?;
    }
    Ok(())
}
