//! Every column that keeps sealed values, read by pages and exchanged one by one: this room's, and
//! what a room above says of its own.

use records::Error;
use records::rows::{execute, select};
use sea_orm::{ConnectionTrait, Value};

/// A table with sealed columns.
#[derive(Debug)]
pub struct Sealed {
    /// The room it is of, which its places begin with.
    pub room: &'static str,
    /// Its name.
    pub table: &'static str,
    /// The columns of its key, texts.
    pub keys: &'static [&'static str],
    /// Which of them names the place a value is sealed for.
    pub place_key: usize,
    /// The sealed columns, each with the name of its place.
    pub columns: &'static [(&'static str, &'static str)],
}

/// All of them; what is sealed for a place that is not here would be lost with the old key, which
/// a test looks for.
pub(crate) const SEALED: [Sealed; 5] = [
    Sealed {
        room: "members",
        table: "member_customer",
        keys: &["id"],
        place_key: 0,
        columns: &[("name", "customer.name"), ("id_number", "customer.id_number")],
    },
    Sealed {
        room: "members",
        table: "member_user",
        keys: &["id"],
        place_key: 0,
        columns: &[("phone", "user.phone"), ("email", "user.email")],
    },
    Sealed {
        room: "members",
        table: "member_check",
        keys: &["provider", "request_no"],
        place_key: 1,
        columns: &[("evidence", "check.evidence")],
    },
    Sealed {
        room: "members",
        table: "member_keypad_key",
        keys: &["key_id"],
        place_key: 0,
        columns: &[("secret", "keypad_key.secret")],
    },
    Sealed {
        room: "members",
        table: "member_totp",
        keys: &["user_id"],
        place_key: 0,
        columns: &[("secret", "totp.secret")],
    },
];

impl Sealed {
    /// The place of one of its columns in the row of this id: moved elsewhere a value does not open.
    pub(crate) fn place(&self, column: &str, id: &str) -> Vec<u8> {
        format!("{}.{column}|{id}", self.room).into_bytes()
    }
}

/// A row: its key and what is sealed.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) keys: Vec<String>,
    /// In the order of the columns; `None` where nothing is kept.
    pub(crate) values: Vec<Option<Vec<u8>>>,
}

/// How many rows there are.
pub(crate) async fn count(db: &impl ConnectionTrait, sealed: &Sealed) -> Result<u64, Error> {
    let sql = format!("SELECT COUNT(*) AS n FROM {}", sealed.table);
    let found = select(db, sealed.table, &sql, Vec::new(), |row| row.number("n")).await?;
    Ok(found.first().map_or(0, |n| n.unsigned_abs()))
}

/// The rows behind a key, in the key's order.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    sealed: &Sealed,
    after: &[String],
    limit: u32,
) -> Result<Vec<Row>, Error> {
    let keys = sealed.keys.join(", ");
    let columns: Vec<&str> = sealed.columns.iter().map(|(column, _)| *column).collect();
    let places: Vec<String> = (1..=sealed.keys.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "SELECT {keys}, {} FROM {} WHERE ({keys}) > ({}) ORDER BY {keys} LIMIT {limit}",
        columns.join(", "),
        sealed.table,
        places.join(", "),
    );
    let values: Vec<Value> = after.iter().map(|key| key.clone().into()).collect();
    select(db, sealed.table, &sql, values, |row| {
        let keys = sealed.keys.iter().map(|key| row.text(key)).collect::<Result<_, _>>()?;
        let values = columns.iter().map(|column| row.optional(column)).collect::<Result<_, _>>()?;
        Ok(Row { keys, values })
    })
    .await
}

/// Puts a new value in the place of the old one; false if that is no longer there.
pub(crate) async fn exchange(
    db: &impl ConnectionTrait,
    sealed: &Sealed,
    keys: &[String],
    column: &str,
    old: Vec<u8>,
    new: Vec<u8>,
) -> Result<bool, Error> {
    let of: Vec<String> =
        (3..).zip(sealed.keys).map(|(place, key)| format!("{key} = ${place}")).collect();
    let sql = format!(
        "UPDATE {} SET {column} = $2 WHERE {column} = $1 AND {}",
        sealed.table,
        of.join(" AND ")
    );
    let mut values: Vec<Value> = vec![old.into(), new.into()];
    values.extend(keys.iter().map(|key| Value::from(key.clone())));
    Ok(execute(db, &sql, values).await? == 1)
}
