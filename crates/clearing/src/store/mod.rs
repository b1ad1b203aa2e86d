//! The room's own tables.

mod advances;
mod channel_settlements;
mod days;
mod lines;
mod merchant_settlements;

pub use advances::{Advance, AdvanceState};
pub use channel_settlements::ChannelSettlement;
pub use merchant_settlements::MerchantSettlement;

pub(crate) use advances::{
    advances_of, find_advance, insert_advance, mark_advanced, outstanding, repay,
};
pub(crate) use channel_settlements::{
    channel_settlements_of, mark_channel_settled, settled_through, upsert_channel,
};
pub(crate) use days::{find_day, mark_cleared, put_day};
pub(crate) use lines::{StoredLine, put_lines, refunded_before};
pub(crate) use merchant_settlements::{
    carried, due_merchants, insert_settlement, mark_due, mark_settled, mark_settling,
    merchant_settlements_of,
};

use serde::{Deserialize, Serialize};

/// The tables' history.
pub const MIGRATIONS: records::Migrations = records::Migrations {
    room: "clearing",
    steps: &[("0001_init", include_str!("migrations/0001_init.sql"))],
};

/// How far a settlement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettlementState {
    /// Worked out, waiting for its day.
    Due,
    /// Decided and about to be posted: a retry posts the same.
    Settling,
    /// Posted.
    Settled,
}

impl SettlementState {
    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Settling => "settling",
            Self::Settled => "settled",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Due, Self::Settling, Self::Settled].into_iter().find(|state| state.word() == word)
    }
}
