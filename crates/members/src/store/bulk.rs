//! Many rows a statement, for measuring.

use super::customers::{self, CustomerRow};
use super::users::NewRow;
use crate::model::class::Class;
use records::Error;
use records::rows::{execute, places};
use sea_orm::{ConnectionTrait, Value};
use types::{CustomerId, Timestamp};

/// Rows a statement. SQLite looks for each `$n` among all names of the statement, when it is
/// prepared and whenever it is bound: the cost of a row grows with the rows beside it, and a
/// thousand of them take longer to bind than to write.
const ROWS: usize = 50;

/// A user to be stored under the customer it was verified as.
#[derive(Debug)]
pub(crate) struct VerifiedUser {
    pub(crate) row: NewRow,
    pub(crate) customer: CustomerId,
}

/// Stores persons.
pub(crate) async fn customers(
    db: &impl ConnectionTrait,
    rows: Vec<CustomerRow>,
) -> Result<(), Error> {
    insert(db, "member_customer", customers::COLUMNS, rows.into_iter().map(customers::values)).await
}

/// Stores verified users.
pub(crate) async fn users(
    db: &impl ConnectionTrait,
    rows: Vec<VerifiedUser>,
    class: Class,
    now: Timestamp,
) -> Result<(), Error> {
    let columns = "id, customer, account_class, phone_index, phone, email_index, email, login_name, \
        created_at, verified_at";
    let values = |VerifiedUser { row, customer }: VerifiedUser| -> [Value; 10] {
        let (email_index, email) = row.email.map(|(index, email)| (index.to_vec(), email)).unzip();
        [
            row.id.to_string().into(),
            customer.to_string().into(),
            i64::from(class.number()).into(),
            row.phone_index.to_vec().into(),
            row.phone.into(),
            email_index.into(),
            email.into(),
            row.login_name.into(),
            row.created_at.as_micros().into(),
            now.as_micros().into(),
        ]
    };
    insert(db, "member_user", columns, rows.into_iter().map(values)).await
}

async fn insert<const N: usize>(
    db: &impl ConnectionTrait,
    table: &str,
    columns: &str,
    mut rows: impl Iterator<Item = [Value; N]> + Send,
) -> Result<(), Error> {
    let sql = |rows| format!("INSERT INTO {table} ({columns}) VALUES {}", places(rows, N));
    let full = sql(ROWS);
    loop {
        let values: Vec<Value> = rows.by_ref().take(ROWS).flatten().collect();
        match values.len() / N {
            0 => return Ok(()),
            ROWS => execute(db, &full, values).await.map(drop)?,
            fewer => execute(db, &sql(fewer), values).await.map(drop)?,
        }
    }
}
