//! Rows of merchants.

use super::users::blob;
use crate::model::merchant::{Cycle, Merchant};
use records::Error;
use records::rows::{Row, execute, select};
use sea_orm::ConnectionTrait;
use types::{AccountId, CustomerId, MerchantId, Text};

const TABLE: &str = "member_merchant";

/// The account of what is paid and not yet settled.
pub(crate) fn pending(merchant: MerchantId) -> AccountId {
    AccountId::of(&[b"merchant_pending", merchant.to_string().as_bytes()])
}

/// The account of what is settled and withdrawable.
pub(crate) fn settled(merchant: MerchantId) -> AccountId {
    AccountId::of(&[b"merchant_settled", merchant.to_string().as_bytes()])
}

fn read(row: &Row<'_>) -> Result<(Merchant, Vec<u8>), Error> {
    let merchant: MerchantId = row.parsed("id")?;
    let view = Merchant {
        merchant,
        customer: row.parsed("customer")?,
        name: Text::new(row.text("name_en")?, row.text("name_zh")?),
        fee_plan: row.text("fee_plan")?,
        cycle: row.word("cycle", Cycle::from_code)?,
        advance_d0: row.number("advance_d0")? != 0,
        webhook_url: row.optional("webhook_url")?,
        pending: pending(merchant),
        settled: settled(merchant),
        created_at: row.moment("created_at")?,
    };
    Ok((view, blob(row, "api_key_hash")?))
}

/// Stores a merchant with the keyed hash of its API key.
pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    merchant: &Merchant,
    api_key_hash: [u8; 32],
) -> Result<(), Error> {
    let sql = "INSERT INTO member_merchant (id, customer, name_en, name_zh, fee_plan, cycle, \
        advance_d0, webhook_url, api_key_hash, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = vec![
        merchant.merchant.to_string().into(),
        merchant.customer.to_string().into(),
        merchant.name.en.clone().into(),
        merchant.name.zh.clone().into(),
        merchant.fee_plan.clone().into(),
        merchant.cycle.code().into(),
        i64::from(merchant.advance_d0).into(),
        merchant.webhook_url.clone().into(),
        api_key_hash.to_vec().into(),
        merchant.created_at.as_micros().into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// Gives a merchant another API key.
pub(crate) async fn rekey(
    db: &impl ConnectionTrait,
    merchant: MerchantId,
    api_key_hash: [u8; 32],
) -> Result<bool, Error> {
    let sql = "UPDATE member_merchant SET api_key_hash = $2 WHERE id = $1";
    let values = vec![merchant.to_string().into(), api_key_hash.to_vec().into()];
    Ok(execute(db, sql, values).await? == 1)
}

/// The names that the merchants of a customer trade under.
pub(crate) async fn names(
    db: &impl ConnectionTrait,
    customer: CustomerId,
) -> Result<Vec<Text>, Error> {
    let sql = "SELECT name_en, name_zh FROM member_merchant WHERE customer = $1";
    let read = |row: &Row<'_>| Ok(Text::new(row.text("name_en")?, row.text("name_zh")?));
    select(db, TABLE, sql, vec![customer.to_string().into()], read).await
}

/// Every merchant, oldest first, with the keyed hash of its API key.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<(Merchant, Vec<u8>)>, Error> {
    let sql = "SELECT id, customer, name_en, name_zh, fee_plan, cycle, advance_d0, webhook_url, \
        api_key_hash, created_at FROM member_merchant ORDER BY id";
    select(db, TABLE, sql, Vec::new(), read).await
}
