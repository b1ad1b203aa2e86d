//! Registering merchants, and who an API key belongs to.

use crate::error::Error;
use crate::members::{Members, to_the_end};
use crate::model::merchant::{Merchant, MerchantCredentials, NewMerchant};
use crate::model::organisation::{self, OrganisationRefusal, canonical_legal_name};
use crate::model::uscc;
use crate::model::webhook::check_webhook_url;
use crate::store::customers::CustomerRow;
use crate::store::merchants;
use crate::wire::to_base64;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::{Command, Owner};
use money::CNY;
use records::audit;
use sea_orm::DatabaseTransaction;
use std::sync::Arc;
use types::{CustomerId, Masked, MerchantId, Text, Timestamp};

/// The longest name of a merchant, in characters.
const MOST_NAME: usize = 100;
/// Every API key has this length; a longer text is not hashed.
const KEY_LENGTH: usize = 46;

/// A merchant to be written, and the organisation it is to belong to.
struct Registering {
    /// Its customer is that of `row` until the organisation is known.
    merchant: Merchant,
    row: CustomerRow,
    legal_name: Masked,
    api_key: [u8; 32],
}

impl Members {
    /// Registers a merchant and opens its two accounts. Its organisation is a customer, found by its
    /// credit code and made if it is not known; it may have several merchants.
    ///
    /// # Errors
    /// `uscc_invalid`, `merchant_name_invalid`, `legal_name_invalid`, `fee_plan_invalid`,
    /// `webhook_url_invalid`; `realname_mismatch` if the credit code is known under another legal
    /// name; `merchant_exists` if the organisation trades under this name already;
    /// `customer_merchants_exceeded`.
    pub async fn register_merchant(
        &self,
        new: NewMerchant,
        now: Timestamp,
    ) -> Result<MerchantCredentials, Error> {
        check(&new)?;
        let legal_name = new.legal_name.unwrap_or_else(|| Masked::new(new.name.zh.clone()));
        let row = self.organisation_row(&new.uscc, &legal_name, now);
        let merchant = MerchantId::derive(now, &[&row.identity, new.name.zh.as_bytes()]);
        let view = Merchant {
            merchant,
            customer: row.id,
            name: new.name,
            fee_plan: new.fee_plan,
            cycle: new.cycle,
            advance_d0: new.advance_d0,
            webhook_url: new.webhook_url,
            pending: merchants::pending(merchant),
            settled: merchants::settled(merchant),
            created_at: now,
        };
        let (api_key, hash) = self.new_api_key();
        let (pending, settled) = (view.pending, view.settled);
        let registering = Registering { merchant: view, row, legal_name, api_key: hash };
        let members = self.clone();
        to_the_end(async move { members.take_up(registering, now).await }).await?;
        let webhook_secret = self.secret_of(merchant);
        Ok(MerchantCredentials { merchant, api_key, webhook_secret, pending, settled })
    }

    async fn take_up(&self, registering: Registering, now: Timestamp) -> Result<(), Error> {
        // Its organisation is not frozen between the opening of the accounts and their barring.
        let _open = self.inner.gate.read().await;
        let hash = registering.api_key;
        let members = self.clone();
        let unit = self
            .inner
            .records
            .write(move |txn| Box::pin(async move { members.enrol(txn, registering, now).await }));
        let merchant = unit.await?;
        self.open_accounts(&merchant, now).await?;
        self.inner.merchants.put(merchant, hash.to_vec());
        Ok(())
    }

    /// Writes a merchant under its organisation. Units run one after another: of two registrations
    /// of one organisation at once, the second finds what the first has made.
    async fn enrol(
        &self,
        txn: &DatabaseTransaction,
        registering: Registering,
        now: Timestamp,
    ) -> Result<Merchant, Error> {
        let Registering { mut merchant, row, legal_name, api_key } = registering;
        merchant.customer = self.found_organisation(txn, row, &legal_name).await?;
        let others = merchants::names(txn, merchant.customer).await?;
        let name = &merchant.name;
        if others.iter().any(|other| other.en == name.en || other.zh == name.zh) {
            return Err(Error::Taken { field: "name", code: "merchant_exists" });
        }
        let most = self.inner.config.most_merchants;
        if others.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
            return Err(OrganisationRefusal::TooManyMerchants { most }.into());
        }
        merchants::insert(txn, &merchant, api_key).await?;
        let subject = merchant.merchant.to_string();
        let after = serde_json::json!({
            "customer": merchant.customer, "name": merchant.name.en,
            "fee_plan": merchant.fee_plan, "cycle": merchant.cycle,
            "advance_d0": merchant.advance_d0,
        });
        let action = "merchant.register";
        audit::append(txn, "system", action, &subject, None, Some(&after), now).await?;
        Ok(merchant)
    }

    /// Gives a merchant another API key; the old one is refused from now on.
    pub async fn rotate_api_key(
        &self,
        merchant: MerchantId,
        who: &str,
        now: Timestamp,
    ) -> Result<Masked, Error> {
        let view = self.merchant(merchant).ok_or(Error::NotFound { what: "merchant" })?;
        let (api_key, hash) = self.new_api_key();
        let (who, members) = (who.to_owned(), self.clone());
        let rekey = async move {
            let unit = members.inner.records.write(move |txn| {
                Box::pin(async move {
                    if !merchants::rekey(txn, merchant, hash).await? {
                        return Err(Error::NotFound { what: "merchant" });
                    }
                    let subject = merchant.to_string();
                    audit::append(txn, &who, "merchant.rekey", &subject, None, None, now).await?;
                    Ok(())
                })
            });
            unit.await?;
            members.inner.merchants.put(Merchant::clone(&view), hash.to_vec());
            Ok(())
        };
        to_the_end(rekey).await?;
        Ok(api_key)
    }

    /// The merchant whose API key this is; in memory.
    pub fn merchant_by_api_key(&self, key: &str) -> Option<Arc<Merchant>> {
        if key.len() != KEY_LENGTH {
            return None;
        }
        // Looked up by its keyed hash: how long that takes tells nothing of the key.
        self.inner.merchants.by_key(&self.api_key_hash(key))
    }

    /// A merchant; in memory.
    pub fn merchant(&self, merchant: MerchantId) -> Option<Arc<Merchant>> {
        self.inner.merchants.get(merchant)
    }

    /// Every merchant, oldest first; in memory.
    pub fn merchants(&self) -> Vec<Arc<Merchant>> {
        self.inner.merchants.all()
    }

    /// The merchants of an organisation, oldest first; in memory.
    pub fn merchants_of(&self, customer: CustomerId) -> Vec<Arc<Merchant>> {
        self.merchants().into_iter().filter(|merchant| merchant.customer == customer).collect()
    }

    /// The secret that signs a merchant's webhooks: derived, never stored.
    pub fn webhook_secret(&self, merchant: MerchantId) -> Option<Masked> {
        self.merchant(merchant).map(|m| self.secret_of(m.merchant))
    }

    /// Opens the accounts that a crash kept a merchant from, barred as the register says.
    pub(crate) async fn reopen_merchants(&self, now: Timestamp) -> Result<(), Error> {
        for merchant in self.merchants() {
            if self.inner.bookkeeper.account(merchant.settled).is_none() {
                self.open_accounts(&merchant, now).await?;
            }
        }
        Ok(())
    }

    /// Opens a merchant's accounts, barred as its organisation is.
    async fn open_accounts(&self, merchant: &Merchant, now: Timestamp) -> Result<(), Error> {
        self.book(self.merchant_accounts(merchant)).await?;
        for account in [merchant.pending, merchant.settled] {
            self.bar_under(account, Some(merchant.customer), now).await?;
        }
        Ok(())
    }

    fn merchant_accounts(&self, merchant: &Merchant) -> Vec<Command> {
        let leaves = &self.inner.leaves;
        [(merchant.pending, leaves.pending), (merchant.settled, leaves.settled)]
            .map(|(id, leaf)| self.new_account(id, leaf, CNY, Owner::Merchant(merchant.merchant)))
            .map(Command::OpenAccount)
            .to_vec()
    }

    fn new_api_key(&self) -> (Masked, [u8; 32]) {
        let key = format!("ck_{}", to_base64(&self.random_bytes::<32>()));
        let hash = self.api_key_hash(&key);
        (Masked::new(key), hash)
    }

    fn api_key_hash(&self, key: &str) -> [u8; 32] {
        self.inner.secrets.blind_index("merchant_api_key", key.as_bytes())
    }

    fn secret_of(&self, merchant: MerchantId) -> Masked {
        let key = self.inner.secrets.derive_key("webhook", merchant.to_string().as_bytes());
        // Standard Webhooks wants base64 as it was first defined, with padding.
        Masked::new(format!("whsec_{}", STANDARD.encode(key.as_slice())))
    }
}

fn check(new: &NewMerchant) -> Result<(), Error> {
    uscc::check_uscc(&new.uscc).map_err(|fault| {
        let en = format!("this is no unified social credit code: {fault}");
        Error::invalid("uscc", "uscc_invalid", en, "统一社会信用代码不正确")
    })?;
    let Text { en, zh } = &new.name;
    let named = |name: &String| {
        !name.trim().is_empty()
            && name.chars().count() <= MOST_NAME
            && !name.chars().any(char::is_control)
    };
    if !named(en) || !named(zh) {
        let reason = format!("a merchant's name is 1 to {MOST_NAME} characters in both languages");
        let zh = format!("商户中英文名称均须为 1 至 {MOST_NAME} 个字符");
        return Err(Error::invalid("name", "merchant_name_invalid", reason, zh));
    }
    if new.legal_name.as_ref().is_some_and(|name| canonical_legal_name(name.expose()).is_none()) {
        let reason =
            format!("a legal name is 1 to {} characters of one line", organisation::MOST_NAME);
        let zh = format!("机构法定名称须为一行 1 至 {} 个字符", organisation::MOST_NAME);
        return Err(Error::invalid("legal_name", "legal_name_invalid", reason, zh));
    }
    let plan = &new.fee_plan;
    let plan_holds = (1..=64).contains(&plan.len())
        && plan.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
    if !plan_holds {
        let en = "a fee plan is 1 to 64 of a-z 0-9 _ -";
        return Err(Error::invalid("fee_plan", "fee_plan_invalid", en, "费率方案名称不正确"));
    }
    new.webhook_url.as_deref().map_or(Ok(()), |url| check_webhook_url("webhook_url", url))
}
