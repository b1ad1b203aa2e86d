//! Folding the joined pairs: sums of both sides, the breaks themselves.

use arrow::array::{Array, Int8Array, Int64Array, RecordBatch, StringArray, UInt64Array};

use super::sheet::{Outcome, Sheet};
use super::{Class, Flow, Pair, Side, Status};
use crate::{Error, Totals};

const MATCHED: i64 = 0;
const AGREED_ABSENT: i64 = 7;

impl Class {
    fn from_code(code: i64) -> Option<Self> {
        match code {
            1 => Some(Self::Duplicate),
            2 => Some(Self::MissingAtUs),
            3 => Some(Self::MissingAtChannel),
            4 => Some(Self::Status),
            5 => Some(Self::Amount),
            6 => Some(Self::Fee),
            _ => None,
        }
    }
}

/// What was folded so far.
pub(super) struct Fold {
    most: usize,
    matched: u64,
    agreed_absent: u64,
    ours: Totals,
    theirs: Totals,
    pairs: Vec<Pair>,
}

impl Fold {
    pub fn new(most: usize) -> Self {
        Self {
            most,
            matched: 0,
            agreed_absent: 0,
            ours: Totals::default(),
            theirs: Totals::default(),
            pairs: Vec::new(),
        }
    }

    pub fn take(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = Joined::of(batch).ok_or_else(|| Error::Matching {
            reason: "the plan gave other columns than it declares".to_owned(),
        })?;
        for row in 0..batch.num_rows() {
            let flow = columns.flow(row)?;
            self.ours = columns.ours.add(row, flow, self.ours)?;
            self.theirs = columns.theirs.add(row, flow, self.theirs)?;
            match columns.class.value(row) {
                MATCHED => self.matched = self.matched.saturating_add(1),
                AGREED_ABSENT => self.agreed_absent = self.agreed_absent.saturating_add(1),
                code => {
                    if self.pairs.len() >= self.most {
                        return Err(Error::TooManyBreaks { most: self.most });
                    }
                    self.pairs.push(columns.pair(row, code, flow)?);
                }
            }
        }
        Ok(())
    }

    /// Partitions end in any order; the pairs are put into one.
    pub fn finish(mut self) -> Result<Outcome, Error> {
        self.pairs.sort_unstable();
        let sheet = Sheet::of(&self.pairs, self.ours, self.theirs)?;
        Ok(Outcome {
            matched: self.matched,
            agreed_absent: self.agreed_absent,
            ours: self.ours,
            theirs: self.theirs,
            sheet,
            pairs: self.pairs,
        })
    }
}

/// The columns of the plan's result.
struct Joined<'b> {
    class: &'b Int64Array,
    flow: &'b Int8Array,
    key: &'b StringArray,
    n: &'b UInt64Array,
    ours: SideColumns<'b>,
    theirs: SideColumns<'b>,
}

struct SideColumns<'b> {
    line: &'b Int64Array,
    our_no: &'b StringArray,
    channel_no: &'b StringArray,
    refund_of: &'b StringArray,
    amount: &'b Int64Array,
    fee: &'b Int64Array,
    status: &'b Int8Array,
    at: &'b Int64Array,
    reference: &'b StringArray,
}

fn column<'b, T: 'static>(batch: &'b RecordBatch, name: &str) -> Option<&'b T> {
    batch.column_by_name(name)?.as_any().downcast_ref::<T>()
}

fn malformed() -> Error {
    Error::Matching { reason: "the plan gave a value outside of its column's range".to_owned() }
}

impl<'b> Joined<'b> {
    fn of(batch: &'b RecordBatch) -> Option<Self> {
        Some(Self {
            class: column(batch, "class")?,
            flow: column(batch, "flow")?,
            key: column(batch, "key")?,
            n: column(batch, "n")?,
            ours: SideColumns::of(batch, "o")?,
            theirs: SideColumns::of(batch, "t")?,
        })
    }

    fn flow(&self, row: usize) -> Result<Flow, Error> {
        Flow::from_code(self.flow.value(row)).ok_or_else(malformed)
    }

    fn pair(&self, row: usize, code: i64, flow: Flow) -> Result<Pair, Error> {
        Ok(Pair {
            class: Class::from_code(code).ok_or_else(malformed)?,
            flow,
            key: self.key.value(row).to_owned(),
            occurrence: u32::try_from(self.n.value(row)).map_err(|_| malformed())?,
            ours: self.ours.side(row)?,
            theirs: self.theirs.side(row)?,
        })
    }
}

impl<'b> SideColumns<'b> {
    fn of(batch: &'b RecordBatch, prefix: &str) -> Option<Self> {
        let name = |column: &str| format!("{prefix}_{column}");
        Some(Self {
            line: column(batch, &name("line"))?,
            our_no: column(batch, &name("our_no"))?,
            channel_no: column(batch, &name("channel_no"))?,
            refund_of: column(batch, &name("refund_of"))?,
            amount: column(batch, &name("amount"))?,
            fee: column(batch, &name("fee"))?,
            status: column(batch, &name("status"))?,
            at: column(batch, &name("at"))?,
            reference: column(batch, &name("reference"))?,
        })
    }

    fn status(&self, row: usize) -> Result<Status, Error> {
        Status::from_code(self.status.value(row)).ok_or_else(malformed)
    }

    fn add(&self, row: usize, flow: Flow, totals: Totals) -> Result<Totals, Error> {
        if self.line.is_null(row) {
            return Ok(totals);
        }
        let (amount, fee) = (self.amount.value(row), self.fee.value(row));
        totals.plus(flow, self.status(row)?, amount, fee).ok_or_else(malformed)
    }

    fn side(&self, row: usize) -> Result<Option<Side>, Error> {
        if self.line.is_null(row) {
            return Ok(None);
        }
        let text = |array: &StringArray| (!array.is_null(row)).then(|| array.value(row).to_owned());
        Ok(Some(Side {
            our_no: text(self.our_no),
            channel_no: text(self.channel_no),
            refund_of: text(self.refund_of),
            amount_minor: self.amount.value(row),
            fee_minor: self.fee.value(row),
            status: self.status(row)?,
            at_micros: self.at.value(row),
            reference: text(self.reference)
                .unwrap_or_else(|| format!("line {}", self.line.value(row))),
        }))
    }
}
