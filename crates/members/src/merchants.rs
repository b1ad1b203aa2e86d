//! Registering merchants, and who an API key belongs to.

use crate::error::Error;
use crate::members::{Members, to_the_end};
use crate::model::merchant::{Merchant, MerchantCredentials, NewMerchant};
use crate::model::people::CustomerKind;
use crate::model::uscc;
use crate::model::webhook::check_webhook_url;
use crate::store::customers::CustomerRow;
use crate::store::{customers, merchants, place};
use crate::wire::to_base64;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::{Command, Owner};
use money::CNY;
use records::audit;
use std::sync::Arc;
use types::{CustomerId, Masked, MerchantId, Text, Timestamp};

/// The longest name of a merchant, in characters.
const MOST_NAME: usize = 100;
/// Every API key has this length; a longer text is not hashed.
const KEY_LENGTH: usize = 46;

impl Members {
    /// Registers a merchant, with its legal person as a customer, and opens its two accounts.
    ///
    /// # Errors
    /// `uscc_invalid`, `merchant_name_invalid`, `fee_plan_invalid`, `webhook_url_invalid`;
    /// `merchant_exists` for an organisation that is registered.
    pub async fn register_merchant(
        &self,
        new: NewMerchant,
        now: Timestamp,
    ) -> Result<MerchantCredentials, Error> {
        check(&new)?;
        let identity = self.inner.secrets.blind_index("organisation", new.uscc.expose().as_bytes());
        let merchant = MerchantId::derive(now, &[&identity]);
        let customer = CustomerId::derive(now, &[&identity]);
        let row = self.organisation(&new, customer, identity, now);
        let view = Merchant {
            merchant,
            customer,
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
        let members = self.clone();
        to_the_end(async move { members.take_up(view, row, hash, now).await }).await?;
        let webhook_secret = self.secret_of(merchant);
        Ok(MerchantCredentials { merchant, api_key, webhook_secret, pending, settled })
    }

    async fn take_up(
        &self,
        view: Merchant,
        row: CustomerRow,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<(), Error> {
        let stored = view.clone();
        let _open = self.inner.gate.read().await;
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                if customers::by_identity(txn, &row.identity).await?.is_some() {
                    return Err(Error::Taken { field: "uscc", code: "merchant_exists" });
                }
                customers::insert(txn, row).await?;
                merchants::insert(txn, &stored, hash).await?;
                let subject = stored.merchant.to_string();
                let after = serde_json::json!({
                    "name": stored.name.en, "fee_plan": stored.fee_plan,
                    "cycle": stored.cycle, "advance_d0": stored.advance_d0,
                });
                let action = "merchant.register";
                audit::append(txn, "system", action, &subject, None, Some(&after), now).await?;
                Ok(())
            })
        });
        unit.await?;
        self.book(self.merchant_accounts(&view)).await?;
        self.inner.merchants.put(view, hash.to_vec());
        Ok(())
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

    /// The secret that signs a merchant's webhooks: derived, never stored.
    pub fn webhook_secret(&self, merchant: MerchantId) -> Option<Masked> {
        self.merchant(merchant).map(|m| self.secret_of(m.merchant))
    }

    /// Opens the accounts that a crash kept a merchant from.
    pub(crate) async fn reopen_merchants(&self) -> Result<(), Error> {
        let missing: Vec<Command> = self
            .merchants()
            .iter()
            .filter(|m| self.inner.bookkeeper.account(m.settled).is_none())
            .flat_map(|m| self.merchant_accounts(m))
            .collect();
        if missing.is_empty() { Ok(()) } else { self.book(missing).await }
    }

    fn merchant_accounts(&self, merchant: &Merchant) -> Vec<Command> {
        let leaves = &self.inner.leaves;
        [(merchant.pending, leaves.pending), (merchant.settled, leaves.settled)]
            .map(|(id, leaf)| self.new_account(id, leaf, CNY, Owner::Merchant(merchant.merchant)))
            .map(Command::OpenAccount)
            .to_vec()
    }

    fn organisation(
        &self,
        new: &NewMerchant,
        id: CustomerId,
        identity: [u8; 32],
        now: Timestamp,
    ) -> CustomerRow {
        let random = self.inner.random.as_ref();
        let seal = |column: &str, value: &Masked| {
            self.inner.secrets.seal_text(value, &place(column, &id), random)
        };
        CustomerRow {
            id,
            kind: CustomerKind::Organisation,
            identity: identity.to_vec(),
            name: seal("customer.name", &Masked::new(new.name.zh.clone())),
            id_type: "uscc".to_owned(),
            id_number: seal("customer.id_number", &new.uscc),
            class: None,
            created_at: now,
            split_from: None,
            document: Some(self.document_index("uscc", &new.uscc).to_vec()),
        }
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
    let plan = &new.fee_plan;
    let plan_holds = (1..=64).contains(&plan.len())
        && plan.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
    if !plan_holds {
        let en = "a fee plan is 1 to 64 of a-z 0-9 _ -";
        return Err(Error::invalid("fee_plan", "fee_plan_invalid", en, "费率方案名称不正确"));
    }
    new.webhook_url.as_deref().map_or(Ok(()), |url| check_webhook_url("webhook_url", url))
}
