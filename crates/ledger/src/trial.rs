//! The trial balance of a date (试算平衡表).

use crate::account::Side;
use crate::chart::{Class, Fund, GlCode};
use money::AssetId;
use serde::Serialize;
use types::{BusinessDate, Text};

/// The trial balance of one accounting date. All sums are minor units of the row's asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialBalance {
    /// The accounting date.
    pub date: BusinessDate,
    /// By asset, then by code; parents carry the sums of their children.
    pub rows: Vec<TrialRow>,
    /// One an asset, over leaves.
    pub totals: Vec<TrialTotal>,
}

/// One GL account in one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialRow {
    /// The asset.
    pub asset: AssetId,
    /// The code.
    pub code: GlCode,
    /// The name.
    pub name: Text,
    /// The class.
    pub class: Class,
    /// The fund; leaves only.
    pub fund: Option<Fund>,
    /// The normal side.
    pub normal: Side,
    /// How far from the top, from 0.
    pub depth: u8,
    /// Whether accounts hang under it.
    pub leaf: bool,
    /// 期初借方余额.
    pub opening_debit: u128,
    /// 期初贷方余额.
    pub opening_credit: u128,
    /// 本期借方发生额.
    pub debit_turnover: u128,
    /// 本期贷方发生额.
    pub credit_turnover: u128,
    /// 期末借方余额.
    pub closing_debit: u128,
    /// 期末贷方余额.
    pub closing_credit: u128,
}

/// The foot of the trial balance in one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialTotal {
    /// The asset.
    pub asset: AssetId,
    /// 期初借方余额.
    pub opening_debit: u128,
    /// 期初贷方余额.
    pub opening_credit: u128,
    /// 本期借方发生额.
    pub debit_turnover: u128,
    /// 本期贷方发生额.
    pub credit_turnover: u128,
    /// 期末借方余额.
    pub closing_debit: u128,
    /// 期末贷方余额.
    pub closing_credit: u128,
}

impl TrialTotal {
    /// Whether each pair of columns agrees.
    pub const fn balanced(&self) -> bool {
        self.opening_debit == self.opening_credit
            && self.debit_turnover == self.credit_turnover
            && self.closing_debit == self.closing_credit
    }
}
