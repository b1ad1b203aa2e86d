//! The balance sheet of a run: ours, plus every class of difference, is theirs.

use serde::{Deserialize, Serialize};

use super::{Class, Flow, Pair, Side, Status};
use crate::{Error, Totals};

/// What a matching came to. Equal inputs give equal outcomes, whatever the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Pairs that agree.
    pub matched: u64,
    /// Trades without money that only one side lists.
    pub agreed_absent: u64,
    /// Our side.
    pub ours: Totals,
    /// Their side.
    pub theirs: Totals,
    /// The balance sheet.
    pub sheet: Sheet,
    /// The breaks, by class, flow, key and occurrence.
    pub pairs: Vec<Pair>,
}

/// One class of difference, as theirs minus ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetLine {
    /// The class.
    pub class: Class,
    /// How many breaks.
    pub count: u64,
    /// Difference of payments, in minor units.
    pub pay_minor: i64,
    /// Difference of refunds.
    pub refund_minor: i64,
    /// Difference of fees.
    pub fee_minor: i64,
    /// What it changes of what the channel pays: payments less refunds less fees.
    pub net_minor: i64,
}

/// Every class, in the order of precedence, also those without a break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// What the channel would pay by our orders, in minor units.
    pub ours_net_minor: i64,
    /// The differences.
    pub lines: Vec<SheetLine>,
    /// What it pays by its statement.
    pub theirs_net_minor: i64,
}

/// What a pair changes, as theirs minus ours, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Difference {
    pub pay: i64,
    pub refund: i64,
    pub fee: i64,
}

/// What a side moved: a trade that did not succeed moved nothing and cost nothing.
fn moved(side: Option<&Side>) -> (i64, i64) {
    match side {
        Some(side) if side.status == Status::Succeeded => (side.amount_minor, side.fee_minor),
        _ => (0, 0),
    }
}

fn overflow() -> Error {
    Error::Unbalanced { what: "a difference does not fit 64 bits".to_owned() }
}

impl Pair {
    /// What it changes.
    pub(crate) fn difference(&self) -> Result<Difference, Error> {
        let (our_amount, our_fee) = moved(self.ours.as_ref());
        let (their_amount, their_fee) = moved(self.theirs.as_ref());
        let amount = their_amount.checked_sub(our_amount).ok_or_else(overflow)?;
        let fee = their_fee.checked_sub(our_fee).ok_or_else(overflow)?;
        Ok(match self.flow {
            Flow::Pay => Difference { pay: amount, refund: 0, fee },
            Flow::Refund => Difference { pay: 0, refund: amount, fee },
        })
    }
}

impl Difference {
    /// What it changes of the channel's account: payments less refunds.
    pub fn receivable(self) -> Result<i64, Error> {
        self.pay.checked_sub(self.refund).ok_or_else(overflow)
    }

    fn net(self) -> Result<i64, Error> {
        self.receivable()?.checked_sub(self.fee).ok_or_else(overflow)
    }
}

impl SheetLine {
    fn empty(class: Class) -> Self {
        Self { class, count: 0, pay_minor: 0, refund_minor: 0, fee_minor: 0, net_minor: 0 }
    }

    fn add(&mut self, difference: Difference) -> Result<(), Error> {
        let add = |sum: &mut i64, value: i64| {
            *sum = sum.checked_add(value).ok_or_else(overflow)?;
            Ok::<_, Error>(())
        };
        self.count = self.count.saturating_add(1);
        add(&mut self.pay_minor, difference.pay)?;
        add(&mut self.refund_minor, difference.refund)?;
        add(&mut self.fee_minor, difference.fee)?;
        add(&mut self.net_minor, difference.net()?)
    }
}

impl Sheet {
    pub(crate) fn of(pairs: &[Pair], ours: Totals, theirs: Totals) -> Result<Self, Error> {
        let mut lines: Vec<SheetLine> = Class::ALL.into_iter().map(SheetLine::empty).collect();
        for pair in pairs {
            if let Some(line) = lines.iter_mut().find(|l| l.class == pair.class) {
                line.add(pair.difference()?)?;
            }
        }
        Ok(Self {
            ours_net_minor: ours.net_minor().ok_or_else(overflow)?,
            lines,
            theirs_net_minor: theirs.net_minor().ok_or_else(overflow)?,
        })
    }

    /// Asserts that ours plus the differences is theirs, to the fen.
    pub(crate) fn verify(&self) -> Result<(), Error> {
        let explained = self
            .lines
            .iter()
            .try_fold(self.ours_net_minor, |sum, line| sum.checked_add(line.net_minor))
            .ok_or_else(overflow)?;
        if explained == self.theirs_net_minor {
            return Ok(());
        }
        Err(Error::Unbalanced {
            what: format!(
                "ours and the differences make {explained}, theirs is {}",
                self.theirs_net_minor
            ),
        })
    }

    /// How many breaks of a class.
    pub fn count(&self, class: Class) -> u64 {
        self.lines.iter().find(|l| l.class == class).map_or(0, |l| l.count)
    }

    /// How many breaks in all.
    pub fn breaks(&self) -> u64 {
        self.lines.iter().map(|l| l.count).sum()
    }
}
