//! Transactions as columns.

use arrow::array::{
    ArrayRef, Date32Builder, Decimal128Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder, UInt16Builder, UInt32Builder, UInt64Builder,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use bookkeeper::{Bookkeeper, TransactionView};
use ledger::{Action, CorrectionKind, TransactionState};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use types::AccountId;

/// A balance is the difference of two sums of 64 bits: exact in 38 digits.
const DIGITS: u8 = 38;

static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    let field = |name: &str, kind, nullable| Field::new(name, kind, nullable);
    let text = |name: &str, nullable| field(name, DataType::Utf8, nullable);
    let at = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    Arc::new(Schema::new(vec![
        field("seq", DataType::UInt64, false),
        field("posting", DataType::UInt32, false),
        field("at", at, false),
        field("date", DataType::Date32, false),
        text("transaction_id", false),
        text("order_id", true),
        field("event", DataType::UInt16, false),
        text("action", false),
        text("state", false),
        text("hold_id", true),
        text("corrects_id", true),
        text("correction", true),
        text("debit_account_id", false),
        text("credit_account_id", false),
        field("asset", DataType::UInt32, true),
        field("amount_minor", DataType::Int64, false),
        field("debit_balance_minor", DataType::Decimal128(DIGITS, 0), false),
        field("credit_balance_minor", DataType::Decimal128(DIGITS, 0), false),
    ]))
});

/// The columns. Amounts and balances are minor units of the asset; `state` is where the
/// transaction stands when it is exported; only rows whose action is `post` or `post_hold` changed
/// balances. A transaction that moved nothing has no row.
pub fn schema() -> Arc<Schema> {
    Arc::clone(&SCHEMA)
}

/// Columns that are filled.
#[derive(Default)]
pub(crate) struct Batch {
    seq: UInt64Builder,
    posting: UInt32Builder,
    at: TimestampMicrosecondBuilder,
    date: Date32Builder,
    texts: [StringBuilder; TEXTS],
    event: UInt16Builder,
    asset: UInt32Builder,
    amount: Int64Builder,
    balances: [Decimal128Builder; 2],
    rows: usize,
}

/// transaction, order, action, state, hold, corrects, correction, debit, credit.
const TEXTS: usize = 9;

fn action(action: Action) -> (&'static str, Option<String>) {
    match action {
        Action::Post => ("post", None),
        Action::Hold { .. } => ("hold", None),
        Action::PostHold { hold } => ("post_hold", Some(hold.to_string())),
        Action::VoidHold { hold } => ("void_hold", Some(hold.to_string())),
    }
}

fn state(state: TransactionState) -> &'static str {
    match state {
        TransactionState::Posted => "posted",
        TransactionState::Pending => "pending",
        TransactionState::HoldPosted => "hold_posted",
        TransactionState::HoldVoided => "hold_voided",
        TransactionState::Expired => "expired",
        TransactionState::Applied => "applied",
    }
}

impl Batch {
    /// The rows of these transactions.
    pub(crate) fn of(book: &Bookkeeper, page: &[TransactionView]) -> Self {
        let mut debits: Vec<AccountId> =
            page.iter().flat_map(|view| view.moves.iter().map(|moved| moved.debit)).collect();
        debits.sort_unstable();
        debits.dedup();
        let accounts = book.accounts(&debits).into_iter().flatten();
        let assets: HashMap<AccountId, u32> = accounts.map(|a| (a.id, a.asset.0)).collect();
        let mut batch = Self::default();
        for view in page {
            batch.transaction(view, &assets);
        }
        batch
    }

    fn transaction(&mut self, view: &TransactionView, assets: &HashMap<AccountId, u32>) {
        let asked = &view.transaction;
        let (action, hold) = action(asked.action);
        let correction = asked.corrects.map(|correction| match correction.kind {
            CorrectionKind::Reversal => "reversal",
            CorrectionKind::Supplement => "supplement",
        });
        let (id, order) = (asked.id.to_string(), asked.order.map(|order| order.to_string()));
        let corrects = asked.corrects.map(|correction| correction.of.to_string());
        for (number, moved) in (0..).zip(&view.moves) {
            self.rows += 1;
            self.seq.append_value(view.seq);
            self.posting.append_value(number);
            self.at.append_value(view.at.as_micros());
            self.date.append_value(view.date.days());
            self.event.append_value(asked.event);
            let (debit, credit) = (moved.debit.to_string(), moved.credit.to_string());
            let values: [Option<&str>; TEXTS] = [
                Some(&id),
                order.as_deref(),
                Some(action),
                Some(state(view.state)),
                hold.as_deref(),
                corrects.as_deref(),
                correction,
                Some(&debit),
                Some(&credit),
            ];
            for (column, value) in self.texts.iter_mut().zip(values) {
                column.append_option(value);
            }
            self.asset.append_option(assets.get(&moved.debit).copied());
            self.amount.append_value(moved.amount.signed());
            let balances = [moved.debit_balance, moved.credit_balance];
            for (column, balance) in self.balances.iter_mut().zip(balances) {
                column.append_value(balance);
            }
        }
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// The rows, in columns.
    pub(crate) fn finish(mut self) -> Result<RecordBatch, arrow::error::ArrowError> {
        let [transaction, order, action, state, hold, corrects, correction, debit, credit] =
            self.texts.each_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
        let [debited, credited] = self.balances;
        let balance = |mut column: Decimal128Builder| {
            let column = column.finish().with_precision_and_scale(DIGITS, 0)?;
            Ok::<_, arrow::error::ArrowError>(Arc::new(column) as ArrayRef)
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.seq.finish()),
            Arc::new(self.posting.finish()),
            Arc::new(self.at.finish().with_timezone("UTC")),
            Arc::new(self.date.finish()),
            transaction,
            order,
            Arc::new(self.event.finish()),
            action,
            state,
            hold,
            corrects,
            correction,
            debit,
            credit,
            Arc::new(self.asset.finish()),
            Arc::new(self.amount.finish()),
            balance(debited)?,
            balance(credited)?,
        ];
        RecordBatch::try_new(schema(), columns)
    }
}
