//! The steps of a day's end: when each is due, and what must be done before it.

use crate::Config;
use clearing::model::calendar::Calendar;
use types::{BusinessDate, Timestamp};

/// A step of a day's end, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// D0 merchants are advanced (垫资).
    Advance,
    /// The date closes, the next one opens (日切).
    CutDay,
    /// Fees are worked out, and what each merchant is owed (清分).
    Clear,
    /// Our side of reconciliation is written, and the channels' cost booked.
    WriteDayBooks,
    /// A channel's statement is fetched and kept.
    FetchStatement,
    /// It is held against our day book (对账).
    Reconcile,
    /// What was found is posted (差错处理).
    TreatBreaks,
    /// A channel pays (渠道结算).
    SettleChannel,
    /// Merchants are paid (商户结算).
    SettleMerchants,
    /// What the house earned leaves the reserve.
    TransferFees,
    /// The four proofs (账务核对).
    Prove,
}

use Step::{
    Advance, Clear, CutDay, FetchStatement, Prove, Reconcile, SettleChannel, SettleMerchants,
    TransferFees, TreatBreaks, WriteDayBooks,
};

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 11] = [
        Advance,
        CutDay,
        Clear,
        WriteDayBooks,
        FetchStatement,
        Reconcile,
        TreatBreaks,
        SettleChannel,
        SettleMerchants,
        TransferFees,
        Prove,
    ];

    /// The word in records and API.
    pub const fn word(self) -> &'static str {
        match self {
            Advance => "advance",
            CutDay => "cut_day",
            Clear => "clear",
            WriteDayBooks => "write_day_books",
            FetchStatement => "fetch_statement",
            Reconcile => "reconcile",
            TreatBreaks => "treat_breaks",
            SettleChannel => "settle_channel",
            SettleMerchants => "settle_merchants",
            TransferFees => "transfer_fees",
            Prove => "prove",
        }
    }

    /// The step of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.word() == word)
    }

    /// Whether it is taken once for each channel.
    pub const fn by_channel(self) -> bool {
        matches!(self, FetchStatement | Reconcile | TreatBreaks | SettleChannel)
    }

    /// What must be done before it: of the same channel, where both are by channel.
    pub(crate) const fn after(self) -> &'static [Self] {
        match self {
            Advance | CutDay => &[],
            Clear | FetchStatement => &[CutDay],
            WriteDayBooks | SettleMerchants => &[Clear],
            Reconcile => &[WriteDayBooks, FetchStatement],
            TreatBreaks => &[Reconcile],
            // What a channel pays does not wait for what is found on its statement.
            SettleChannel => &[WriteDayBooks],
            TransferFees => &[SettleChannel, SettleMerchants],
            Prove => &[TreatBreaks, TransferFees],
        }
    }

    /// When it is due for this accounting date.
    pub fn due(self, date: BusinessDate, config: &Config, calendar: &Calendar) -> Timestamp {
        match self {
            Advance => config.advance.on(date),
            CutDay => config.cut.on(date.next()),
            Clear => config.clear.on(date.next()),
            WriteDayBooks => config.day_books.on(date.next()),
            FetchStatement | Reconcile | TreatBreaks => config.statements.on(date.next()),
            SettleChannel | SettleMerchants | TransferFees | Prove => {
                config.settlement.on(calendar.t_plus(date, 1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_before_a_step_stands_before_it() {
        for step in Step::ALL {
            assert_eq!(Step::from_word(step.word()), Some(step));
            assert!(step.after().iter().all(|before| *before < step), "{step:?}");
        }
    }

    #[test]
    fn a_friday_is_cut_at_midnight_and_settled_on_monday() {
        let (config, calendar) = (Config::default(), Calendar::default());
        let friday: BusinessDate = "2026-10-16".parse().expect("a date");
        let due = |step: Step| step.due(friday, &config, &calendar).to_string();
        assert_eq!(due(Step::Advance), "2026-10-16T23:30:00.000+08:00");
        assert_eq!(due(Step::CutDay), "2026-10-17T00:00:00.000+08:00");
        assert_eq!(due(Step::FetchStatement), "2026-10-17T09:00:00.000+08:00");
        assert_eq!(due(Step::SettleMerchants), "2026-10-19T10:00:00.000+08:00");
    }
}
