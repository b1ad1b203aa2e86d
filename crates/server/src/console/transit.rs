//! Money in transit on an account's page: by the source through which it entered and its value date.

use super::names::{Names, leaf};
use super::party::Party;
use super::unit::Unit;
use bookkeeper::Bookkeeper;
use ledger::{Account, Chart, FundStates, Lot, Standing};
use std::collections::BTreeMap;
use types::{AccountId, BusinessDate};

/// Money in transit of one source and value date.
pub(super) struct LotRow {
    pub(super) source: AccountId,
    /// The source's leaf and owner.
    pub(super) leaf: String,
    pub(super) owner: String,
    pub(super) date: BusinessDate,
    pub(super) free: String,
    pub(super) held: String,
}

/// A balance by fund state.
pub(super) struct Transit {
    pub(super) settled_free: String,
    pub(super) settled_held: String,
    /// Of what is in transit.
    pub(super) free: String,
    pub(super) held: String,
    /// The oldest value date first.
    pub(super) lots: Vec<LotRow>,
}

/// The accounts through which what is in transit on an account entered.
pub(super) fn sources(book: &Bookkeeper, standing: &Standing) -> BTreeMap<AccountId, Account> {
    let ids: Vec<AccountId> = standing.funds.lots.iter().map(|lot| lot.source).collect();
    let found = book.accounts(&ids).into_iter().flatten();
    found.map(|account| (account.id, account)).collect()
}

impl Transit {
    /// `None` if everything has settled.
    pub(super) fn of(
        names: &Names,
        funds: &FundStates,
        sources: &BTreeMap<AccountId, Account>,
        chart: &Chart,
        unit: &Unit,
    ) -> Option<Self> {
        let l = names.locale();
        if funds.lots.is_empty() {
            return None;
        }
        let row = |lot: &Lot| {
            let source = sources.get(&lot.source);
            LotRow {
                source: lot.source,
                leaf: source.map(|of| leaf(chart, of.leaf, l)).unwrap_or_default(),
                owner: source.map(|of| Party::owner(of.owner, names).name).unwrap_or_default(),
                date: lot.date,
                free: unit.amount(lot.free),
                held: unit.amount(lot.held),
            }
        };
        Some(Self {
            settled_free: unit.amount(funds.settled_free),
            settled_held: unit.amount(funds.settled_held),
            free: unit.amount(funds.transit_free),
            held: unit.amount(funds.transit_held),
            lots: funds.lots.iter().map(row).collect(),
        })
    }
}

#[cfg(test)]
pub(super) fn sample(source: AccountId, date: BusinessDate) -> FundStates {
    let lots = vec![Lot { source, date, free: 40, held: 2 }];
    FundStates { settled_free: -3, settled_held: 1, transit_free: 40, transit_held: 2, lots }
}
