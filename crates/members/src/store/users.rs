//! Rows of users.

use crate::model::class::Class;
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::{ConnectionTrait, Value};
use types::{CustomerId, Timestamp, UserId};

const TABLE: &str = "member_user";
/// More users than any customer may have.
pub(crate) const MOST_READ: u32 = 1_000;
const COLUMNS: &str = "id, customer, account_class, phone, phone_index, login_name, created_at, \
    EXISTS (SELECT 1 FROM member_password p WHERE p.user_id = member_user.id) AS has_password";

/// A user as stored.
#[derive(Debug, Clone)]
pub(crate) struct UserRow {
    pub(crate) id: UserId,
    pub(crate) customer: Option<CustomerId>,
    /// The class of its cash account; the users of organisations have none.
    pub(crate) account_class: Option<Class>,
    pub(crate) phone: Vec<u8>,
    pub(crate) phone_index: Vec<u8>,
    pub(crate) login_name: Option<String>,
    pub(crate) has_password: bool,
    pub(crate) created_at: Timestamp,
}

impl UserRow {
    /// Whether it hangs under an organisation: verification gives a class, an authorisation none.
    pub(crate) const fn acts_for_organisation(&self) -> bool {
        self.customer.is_some() && self.account_class.is_none()
    }
}

/// A user to be stored.
#[derive(Debug, Clone)]
pub(crate) struct NewRow {
    pub(crate) id: UserId,
    pub(crate) phone_index: [u8; 32],
    pub(crate) phone: Vec<u8>,
    pub(crate) email: Option<([u8; 32], Vec<u8>)>,
    pub(crate) login_name: Option<String>,
    pub(crate) created_at: Timestamp,
}

fn read(row: &Row<'_>) -> Result<UserRow, Error> {
    Ok(UserRow {
        id: row.parsed("id")?,
        customer: row.optional_parsed("customer")?,
        account_class: class(row, "account_class")?,
        phone: blob(row, "phone")?,
        phone_index: blob(row, "phone_index")?,
        login_name: row.optional("login_name")?,
        has_password: row.truth("has_password")? == Some(true),
        created_at: row.moment("created_at")?,
    })
}

/// A class kept as its number.
pub(crate) fn class(row: &Row<'_>, column: &str) -> Result<Option<Class>, Error> {
    let number: Option<i64> = row.optional(column)?;
    number
        .map(|n| u8::try_from(n).ok().and_then(Class::from_number))
        .map(|c| c.ok_or_else(|| row.corrupt(column, &"no class")))
        .transpose()
}

/// Bytes that are there.
pub(crate) fn blob(row: &Row<'_>, column: &str) -> Result<Vec<u8>, Error> {
    row.optional(column)?.ok_or_else(|| row.corrupt(column, &"no value"))
}

/// Which of the values that must be unique is taken, if any: its column.
pub(crate) async fn taken(
    db: &impl ConnectionTrait,
    new: &NewRow,
) -> Result<Option<&'static str>, Error> {
    let sql = "SELECT phone_index = $1 AS phone, email_index = $2 AS email FROM member_user \
        WHERE phone_index = $1 OR email_index = $2 OR login_name = $3 LIMIT 1";
    let email = new.email.as_ref().map(|(index, _)| index.to_vec());
    let values = vec![new.phone_index.to_vec().into(), email.into(), new.login_name.clone().into()];
    let found = select(db, TABLE, sql, values, |row| {
        let is = |column| row.truth(column).map(|truth| truth == Some(true));
        Ok(match (is("phone")?, is("email")?) {
            (true, _) => "phone",
            (_, true) => "email",
            _ => "login_name",
        })
    });
    Ok(found.await?.pop())
}

/// Stores a user.
pub(crate) async fn insert(db: &impl ConnectionTrait, new: NewRow) -> Result<(), Error> {
    let sql = "INSERT INTO member_user \
        (id, phone_index, phone, email_index, email, login_name, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (email_index, email) = new.email.map(|(index, email)| (index.to_vec(), email)).unzip();
    let values = vec![
        new.id.to_string().into(),
        new.phone_index.to_vec().into(),
        new.phone.into(),
        email_index.into(),
        email.into(),
        new.login_name.into(),
        new.created_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// The user of this id.
pub(crate) async fn get(db: &impl ConnectionTrait, id: UserId) -> Result<Option<UserRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM member_user WHERE id = $1");
    Ok(select(db, TABLE, &sql, vec![id.to_string().into()], read).await?.pop())
}

/// The user with this phone.
pub(crate) async fn by_phone(
    db: &impl ConnectionTrait,
    index: [u8; 32],
) -> Result<Option<UserRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM member_user WHERE phone_index = $1");
    Ok(select(db, TABLE, &sql, vec![index.to_vec().into()], read).await?.pop())
}

/// The users of a customer, oldest first. Bounded by the most users a customer may have.
pub(crate) async fn of_customer(
    db: &impl ConnectionTrait,
    customer: CustomerId,
) -> Result<Vec<UserRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM member_user WHERE customer = $1 ORDER BY id LIMIT $2");
    let values = vec![customer.to_string().into(), i64::from(MOST_READ).into()];
    select(db, TABLE, &sql, values, read).await
}

/// Hangs a user that has no customer under one; whether it did.
pub(crate) async fn attach(
    db: &impl ConnectionTrait,
    user: UserId,
    customer: CustomerId,
    class: Class,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE member_user SET customer = $2, account_class = $3, verified_at = $4 \
        WHERE id = $1 AND customer IS NULL";
    let values: Vec<Value> = vec![
        user.to_string().into(),
        customer.to_string().into(),
        i64::from(class.number()).into(),
        now.as_micros().into(),
    ];
    Ok(execute(db, sql, values).await? == 1)
}

/// Hangs a user that has no customer under an organisation, without class and account; whether it
/// did.
pub(crate) async fn enlist(
    db: &impl ConnectionTrait,
    user: UserId,
    organisation: CustomerId,
) -> Result<bool, Error> {
    let sql = "UPDATE member_user SET customer = $2 WHERE id = $1 AND customer IS NULL";
    let values = vec![user.to_string().into(), organisation.to_string().into()];
    Ok(execute(db, sql, values).await? == 1)
}

/// Takes a user without account off its organisation; whether it did.
pub(crate) async fn discharge(
    db: &impl ConnectionTrait,
    user: UserId,
    organisation: CustomerId,
) -> Result<bool, Error> {
    let sql = "UPDATE member_user SET customer = NULL \
        WHERE id = $1 AND customer = $2 AND account_class IS NULL";
    let values = vec![user.to_string().into(), organisation.to_string().into()];
    Ok(execute(db, sql, values).await? == 1)
}

/// Hangs a user of one customer under another; whether it did.
pub(crate) async fn rehang(
    db: &impl ConnectionTrait,
    user: UserId,
    from: CustomerId,
    to: CustomerId,
) -> Result<bool, Error> {
    let sql = "UPDATE member_user SET customer = $3 WHERE id = $1 AND customer = $2";
    let values: Vec<Value> =
        vec![user.to_string().into(), from.to_string().into(), to.to_string().into()];
    Ok(execute(db, sql, values).await? == 1)
}

/// Raises the class of a user's account; never lowers it.
pub(crate) async fn raise(
    db: &impl ConnectionTrait,
    user: UserId,
    class: Class,
) -> Result<(), Error> {
    let sql = "UPDATE member_user SET account_class = $2 \
        WHERE id = $1 AND (account_class IS NULL OR account_class < $2)";
    let values = vec![user.to_string().into(), i64::from(class.number()).into()];
    execute(db, sql, values).await.map(drop)
}

/// Users before `before` (all if `None`), newest first.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    before: Option<UserId>,
    limit: u64,
) -> Result<Vec<UserRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM member_user WHERE id < $1 ORDER BY id DESC LIMIT $2");
    // Every id sorts before the bare prefix with a letter behind the alphabet.
    let before = before.map_or_else(|| "usr_~".to_owned(), |id| id.to_string());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    select(db, TABLE, &sql, vec![before.into(), limit.into()], read).await
}

/// How many users there are.
pub(crate) async fn count(db: &impl ConnectionTrait) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) AS n FROM member_user";
    let found = select(db, TABLE, sql, Vec::new(), |row| row.number("n")).await?;
    Ok(found.first().map_or(0, |n| n.unsigned_abs()))
}
