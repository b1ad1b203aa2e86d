//! A day as a test tells it: trades on either side, written in whatever form is wanted.

use clearing::daybook::{DayBookKind, DayBookRow, DayBookStatus};
use money::Amount;
use std::path::{Path, PathBuf};
use types::{BusinessDate, OrderId};

/// Of which a test says whatever it is about and leaves the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    pub no: String,
    pub refund_of: Option<String>,
    pub amount: i64,
    pub fee: i64,
    pub status: &'static str,
}

pub fn date() -> BusinessDate {
    "2026-10-12".parse().expect("valid")
}

/// A payment that succeeded.
pub fn pay(no: &str, amount: i64, fee: i64) -> Trade {
    Trade { no: no.to_owned(), refund_of: None, amount, fee, status: "succeeded" }
}

/// A refund that succeeded and gave its fee back.
pub fn refund(no: &str, of: &str, amount: i64, fee: i64) -> Trade {
    Trade { refund_of: Some(of.to_owned()), ..pay(no, amount, fee.saturating_neg()) }
}

impl Trade {
    pub fn with_status(mut self, status: &'static str) -> Self {
        self.status = status;
        self
    }

    pub fn is_refund(&self) -> bool {
        self.refund_of.is_some()
    }

    pub fn channel_no(&self) -> String {
        format!("42{}", self.no.bytes().fold(0u64, |sum, b| sum * 31 + u64::from(b)))
    }

    fn daybook_row(&self) -> DayBookRow {
        DayBookRow {
            order: OrderId::of(&[self.no.as_bytes()]),
            kind: if self.is_refund() { DayBookKind::Refund } else { DayBookKind::Pay },
            our_no: self.no.clone(),
            channel_order_no: Some(self.channel_no()),
            refund_of: self.refund_of.clone(),
            amount: Amount::try_from(self.amount).expect("positive"),
            fee_minor: self.fee,
            status: match self.status {
                "failed" => DayBookStatus::Failed,
                "cancelled" => DayBookStatus::Cancelled,
                _ => DayBookStatus::Succeeded,
            },
            merchant: None,
            occurred_at: date().start().plus_seconds(60),
        }
    }
}

/// Writes our side below `root`.
pub fn daybook(root: &Path, channel: &str, trades: &[Trade]) -> PathBuf {
    let rows: Vec<DayBookRow> = trades.iter().map(Trade::daybook_row).collect();
    clearing::daybook::write(root, date(), channel, &rows).expect("written")
}
