//! `/merchants`: every merchant with what it is owed.

use super::figures::money;
use super::frame::{Frame, Section, Visit};
use super::names::Names;
use super::{Page, page};
use crate::app::Site;
use askama::Template;
use axum::extract::State;
use ledger::Account;
use members::Merchant;
use std::sync::Arc;
use types::{AccountId, CustomerId, MerchantId};

struct MerchantRow {
    id: MerchantId,
    /// Its organisation.
    customer: CustomerId,
    name: String,
    fee_plan: String,
    cycle: &'static str,
    advance: bool,
    pending: AccountId,
    pending_balance: String,
    settled: AccountId,
    settled_balance: String,
}

/// The merchants.
#[derive(Template)]
#[template(path = "merchants.html")]
pub(super) struct Merchants {
    frame: Frame,
    rows: Vec<MerchantRow>,
}

pub(super) async fn show(State(site): State<Site>, visit: Visit) -> Page {
    let merchants = site.members.merchants();
    let balance = |id| site.book.account(id).map_or(0, |account: Account| account.balance());
    let names = Names::new(&site, visit.locale);
    let frame = Frame::new(&site, visit, Section::Merchants);
    page(&Merchants::new(frame, &merchants, balance, &names))
}

impl Merchants {
    fn new(
        frame: Frame,
        all: &[Arc<Merchant>],
        balance: impl Fn(AccountId) -> i128,
        names: &Names,
    ) -> Self {
        let l = frame.locale;
        let row = |merchant: &Arc<Merchant>| MerchantRow {
            id: merchant.merchant,
            customer: merchant.customer,
            name: merchant.name.get(l).to_owned(),
            fee_plan: names.plan(&merchant.fee_plan),
            cycle: merchant.cycle.code(),
            advance: merchant.advance_d0,
            pending: merchant.pending,
            pending_balance: money(balance(merchant.pending)),
            settled: merchant.settled,
            settled_balance: money(balance(merchant.settled)),
        };
        Self { rows: all.iter().map(row).collect(), frame }
    }
}

#[cfg(test)]
impl Merchants {
    pub(super) fn sample(locale: types::Locale) -> Self {
        let merchant = Merchant {
            merchant: MerchantId::of(&[b"m"]),
            customer: CustomerId::of(&[b"c"]),
            name: types::Text::new("Lotus Tea", "莲花茶铺"),
            fee_plan: "standard".to_owned(),
            cycle: members::Cycle::T1,
            advance_d0: true,
            webhook_url: None,
            pending: AccountId::of(&[b"p"]),
            settled: AccountId::of(&[b"s"]),
            created_at: types::Timestamp::from_micros(0),
        };
        let frame = Frame::sample(locale, Section::Merchants);
        Self::new(frame, &[Arc::new(merchant)], |_| 1_234_567, &Names::none(locale))
    }
}
