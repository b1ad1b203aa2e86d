//! Rows of customers.

use super::users::{blob, class};
use crate::model::class::Class;
use crate::model::people::CustomerKind;
use records::Error;
use records::rows::{Row, execute, places, select};
use sea_orm::{ConnectionTrait, Value};
use types::{CustomerId, Timestamp};

const TABLE: &str = "member_customer";
pub(crate) const COLUMNS: &str = "id, kind, identity, name, id_type, id_number, class, created_at, \
    split_from, document_index";

/// A customer as stored.
#[derive(Debug, Clone)]
pub(crate) struct CustomerRow {
    pub(crate) id: CustomerId,
    pub(crate) kind: CustomerKind,
    /// Keyed hash of name, kind of document and number.
    pub(crate) identity: Vec<u8>,
    pub(crate) name: Vec<u8>,
    /// Code of the kind of document; `uscc` for organisations.
    pub(crate) id_type: String,
    pub(crate) id_number: Vec<u8>,
    pub(crate) class: Option<Class>,
    pub(crate) created_at: Timestamp,
    /// The customer it was split off, until its user's identity is established anew.
    pub(crate) split_from: Option<CustomerId>,
    /// Keyed hash of kind and number of the document alone; absent in rows older than it.
    pub(crate) document: Option<Vec<u8>>,
}

fn kind_code(kind: CustomerKind) -> &'static str {
    match kind {
        CustomerKind::Person => "person",
        CustomerKind::Organisation => "organisation",
    }
}

fn read(row: &Row<'_>) -> Result<CustomerRow, Error> {
    let kind = |word: &str| {
        [CustomerKind::Person, CustomerKind::Organisation]
            .into_iter()
            .find(|k| kind_code(*k) == word)
    };
    Ok(CustomerRow {
        id: row.parsed("id")?,
        kind: row.word("kind", kind)?,
        identity: blob(row, "identity")?,
        name: blob(row, "name")?,
        id_type: row.text("id_type")?,
        id_number: blob(row, "id_number")?,
        class: class(row, "class")?,
        created_at: row.moment("created_at")?,
        split_from: row.optional_parsed("split_from")?,
        document: row.optional("document_index")?,
    })
}

/// A row's values, as [`COLUMNS`] names them.
pub(crate) fn values(new: CustomerRow) -> [Value; 10] {
    [
        new.id.to_string().into(),
        kind_code(new.kind).into(),
        new.identity.into(),
        new.name.into(),
        new.id_type.into(),
        new.id_number.into(),
        new.class.map(|c| i64::from(c.number())).into(),
        new.created_at.as_micros().into(),
        new.split_from.map(|id| id.to_string()).into(),
        new.document.into(),
    ]
}

/// Stores a customer.
pub(crate) async fn insert(db: &impl ConnectionTrait, new: CustomerRow) -> Result<(), Error> {
    let values = values(new);
    let sql = format!("INSERT INTO member_customer ({COLUMNS}) VALUES {}", places(1, values.len()));
    execute(db, &sql, values.into()).await.map(drop)
}

/// The customer of this id.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    id: CustomerId,
) -> Result<Option<CustomerRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM member_customer WHERE id = $1");
    Ok(select(db, TABLE, &sql, vec![id.to_string().into()], read).await?.pop())
}

/// The customer of this identity.
pub(crate) async fn by_identity(
    db: &impl ConnectionTrait,
    identity: &[u8],
) -> Result<Option<CustomerRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM member_customer WHERE identity = $1");
    Ok(select(db, TABLE, &sql, vec![identity.to_vec().into()], read).await?.pop())
}

/// Raises a customer to a class; never lowers it. Whether it rose.
pub(crate) async fn raise(
    db: &impl ConnectionTrait,
    id: CustomerId,
    class: Class,
) -> Result<bool, Error> {
    let sql = "UPDATE member_customer SET class = $2 \
        WHERE id = $1 AND (class IS NULL OR class < $2)";
    let values = vec![id.to_string().into(), i64::from(class.number()).into()];
    Ok(execute(db, sql, values).await? == 1)
}

/// Gives a customer that was split off another the identity its user has proved.
pub(crate) async fn establish(
    db: &impl ConnectionTrait,
    id: CustomerId,
    as_one: CustomerRow,
) -> Result<(), Error> {
    let sql = "UPDATE member_customer SET identity = $2, name = $3, id_type = $4, id_number = $5, \
        class = $6, document_index = $7, split_from = NULL WHERE id = $1 AND split_from IS NOT NULL";
    let values = vec![
        id.to_string().into(),
        as_one.identity.into(),
        as_one.name.into(),
        as_one.id_type.into(),
        as_one.id_number.into(),
        as_one.class.map(|c| i64::from(c.number())).into(),
        as_one.document.into(),
    ];
    execute(db, sql, values).await.map(drop)
}
