//! What holds an amount of one asset.

use crate::chart::{Fund, GlCode, Node};
use crate::general::Cell;
use crate::lots::LotRole;
use crate::outcome::{Receipt, TransactionState};
use money::AssetId;
use serde::{Deserialize, Serialize};
use types::{AccountId, BusinessDate, MerchantId, Timestamp, UserId};

/// One side of an entry, and the side on which an account normally stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// 借.
    Debit,
    /// 贷.
    Credit,
}

/// Whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "id", deny_unknown_fields)]
pub enum Owner {
    /// A user's.
    User(UserId),
    /// A merchant's.
    Merchant(MerchantId),
    /// What stands between us and a channel, by the channel's number.
    Channel(u32),
    /// Held at a bank, by the bank's number.
    Bank(u32),
    /// The institution's own.
    House,
}

/// What an account may never do, chosen when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flags {
    /// Posted and pending debits stay within posted credits: no overdraft of a credit-normal
    /// account.
    pub debits_must_not_exceed_credits: bool,
    /// Posted and pending credits stay within posted debits: no overdraft of a debit-normal
    /// account.
    pub credits_must_not_exceed_debits: bool,
    /// Its entries are kept with their running balance for the reader.
    pub history: bool,
}

/// What an account may not do for the time being, set through the book itself so that a freeze is
/// serialised with the postings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controls {
    /// Nothing may be taken (只进不出).
    pub debits_blocked: bool,
    /// Nothing may be received (只出不进).
    pub credits_blocked: bool,
    /// Closed (销户): neither, and only an empty account closes.
    pub closed: bool,
}

/// An account to be opened. Its normal side and fund come from its leaf of the chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAccount {
    /// Its id, chosen by the caller; the same id with the same content opens nothing twice.
    pub id: AccountId,
    /// What it counts.
    pub asset: AssetId,
    /// The leaf of the chart it hangs under.
    pub leaf: GlCode,
    /// Whose it is.
    pub owner: Owner,
    /// What it may never do.
    pub flags: Flags,
}

/// An account as it stands. All sums are minor units since it was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What it counts.
    pub asset: AssetId,
    /// The leaf of the chart it hangs under.
    pub leaf: GlCode,
    /// Whose it is.
    pub owner: Owner,
    /// The side its balance is shown on.
    pub normal: Side,
    /// What it may never do.
    pub flags: Flags,
    /// What it may not do for the time being.
    pub controls: Controls,
    /// Debits of holds that wait.
    pub debits_pending: u64,
    /// Debits posted.
    pub debits_posted: u64,
    /// Credits of holds that wait.
    pub credits_pending: u64,
    /// Credits posted.
    pub credits_posted: u64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The accounting date on which it was opened.
    pub opened_date: BusinessDate,
    /// The sequence number of its opening.
    pub opened_seq: u64,
    /// The fund of its leaf.
    pub fund: Fund,
    /// Where the general ledger counts it.
    #[serde(skip)]
    pub(crate) cell: Cell,
    /// What its leaf has to do with money in transit.
    #[serde(skip)]
    pub(crate) lot_role: Option<LotRole>,
    /// Whether some of its balance may be in transit.
    #[serde(skip)]
    pub(crate) has_lots: bool,
}

impl Account {
    /// A new account on `leaf`; `None` if that is no leaf.
    pub(crate) fn open(
        new: &NewAccount,
        leaf: &Node,
        cell: Cell,
        receipt: Receipt,
    ) -> Option<Self> {
        Some(Self {
            id: new.id,
            asset: new.asset,
            leaf: new.leaf,
            owner: new.owner,
            normal: leaf.normal,
            flags: new.flags,
            controls: Controls::default(),
            debits_pending: 0,
            debits_posted: 0,
            credits_pending: 0,
            credits_posted: 0,
            opened_at: receipt.at,
            opened_date: receipt.date,
            opened_seq: receipt.seq,
            fund: leaf.fund?,
            cell,
            lot_role: leaf.lots,
            has_lots: false,
        })
    }

    /// What it was opened as.
    pub const fn as_opened(&self) -> NewAccount {
        NewAccount {
            id: self.id,
            asset: self.asset,
            leaf: self.leaf,
            owner: self.owner,
            flags: self.flags,
        }
    }

    /// What could be debited before debits, posted and pending, pass the posted credits.
    pub(crate) fn debitable(&self) -> i128 {
        i128::from(self.credits_posted)
            .saturating_sub(i128::from(self.debits_posted))
            .saturating_sub(i128::from(self.debits_pending))
    }

    /// What could be credited before credits, posted and pending, pass the posted debits.
    pub(crate) fn creditable(&self) -> i128 {
        i128::from(self.debits_posted)
            .saturating_sub(i128::from(self.credits_posted))
            .saturating_sub(i128::from(self.credits_pending))
    }

    /// Balance (余额): what is posted, on the normal side; negative when overdrawn.
    pub fn balance(&self) -> i128 {
        let net = i128::from(self.credits_posted).saturating_sub(i128::from(self.debits_posted));
        match self.normal {
            Side::Credit => net,
            Side::Debit => net.saturating_neg(),
        }
    }

    /// Held (冻结): the part of the balance set aside by holds that would take it away.
    pub const fn held(&self) -> u64 {
        match self.normal {
            Side::Credit => self.debits_pending,
            Side::Debit => self.credits_pending,
        }
    }

    /// Available (可用): balance less held.
    pub fn available(&self) -> i128 {
        self.balance().saturating_sub(i128::from(self.held()))
    }

    /// Unconfirmed (未确认): incoming holds; beside the balance, never inside it.
    pub const fn unconfirmed(&self) -> u64 {
        match self.normal {
            Side::Credit => self.credits_pending,
            Side::Debit => self.debits_pending,
        }
    }

    /// Whether nothing stands on it and nothing waits on it.
    pub fn is_empty(&self) -> bool {
        self.balance() == 0 && self.debits_pending == 0 && self.credits_pending == 0
    }

    /// The receipt its opening was given.
    pub const fn opening_receipt(&self) -> Receipt {
        Receipt {
            seq: self.opened_seq,
            at: self.opened_at,
            date: self.opened_date,
            state: TransactionState::Applied,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bound the ledger's specification sets, beside the index.
    #[test]
    fn an_account_costs_at_most_128_bytes() {
        assert!(size_of::<Account>() <= 128, "{}", size_of::<Account>());
    }
}
