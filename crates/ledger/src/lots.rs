//! Fund states (在途与已清算): which money has arrived, and which is still on its way.
//!
//! Money that enters through a channel is a claim on the channel until it pays. The book lets it
//! be used inside the house at once and not leave it, and so it keeps, beside an account's sums,
//! **lots**: how much of the balance entered through which source on which value date. The rest
//! is settled.
//!
//! - A leaf of the chart is a [`LotRole::Source`] (a channel's receivable), a [`LotRole::Follow`]
//!   (balances that money moves through), or neither (the bank: what is there has arrived).
//! - A posting from a source to an account that follows makes a lot of its amount; its value date
//!   is the accounting date of the posting.
//! - A posting from an account that follows takes settled money first, then lots, the oldest value
//!   date first and of one date the source that was opened first. What is taken goes on with the
//!   money to an account that follows; anywhere else it ends, having left the house. Going back to
//!   a source, that source's own lots go before others, the newest first: an entry that is reversed
//!   takes back what it brought.
//! - A hold takes its lots, in the same order, when it is made. Posted in part, it moves on in that
//!   order too; what is released, voided or run out goes back to where it came from, as it was.
//! - An overdraft is settled money owed: it has no lots, and is settled money once more when it is
//!   made good.
//! - [`crate::Command::Settle`] says that everything which entered through a source up to a value
//!   date has arrived. It sets one mark and looks at no account; lots behind the mark are settled
//!   money wherever they are, free or held, however many hands they passed, and are swept away
//!   when their account is next touched.
//! - A posting that takes [`crate::Posting::settled_only`] is refused (`not_settled`) as far as
//!   free settled money does not cover it.

use crate::account::Account;
use serde::{Deserialize, Serialize};
use types::{AccountId, BusinessDate};

/// What a leaf has to do with lots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LotRole {
    /// Money that comes from here is in transit until the source settles.
    Source,
    /// Money in transit may be here; lots follow it in and out.
    Follow,
}

/// An account's balance by fund state. Sums are minor units on its normal side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FundStates {
    /// Settled and free: what may leave the house. Negative as far as the account is overdrawn.
    pub settled_free: i128,
    /// Settled and held.
    pub settled_held: u64,
    /// In transit and free.
    pub transit_free: u64,
    /// In transit and held.
    pub transit_held: u64,
    /// What is in transit, the oldest value date first.
    pub lots: Vec<Lot>,
}

/// Money in transit of one source and value date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Lot {
    /// The account it entered through.
    pub source: AccountId,
    /// The accounting date on which it entered.
    pub date: BusinessDate,
    /// How much of it is free, minor units.
    pub free: u64,
    /// How much of it holds have set aside, minor units.
    pub held: u64,
}

/// An account, and which of its money has arrived; of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The account.
    pub account: Account,
    /// Its balance by fund state.
    pub funds: FundStates,
    /// Up to which value date what entered through it has arrived.
    pub settled_through: Option<BusinessDate>,
}
