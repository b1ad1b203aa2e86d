//! A book exported and read back.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Decimal128Type, Int64Type, UInt64Type};
use bookkeeper::{Bookkeeper, Config, IndexOptions, Storage};
use export::{Bound, Error, Exported, Range};
use ledger::{Action, Chart, Command, Posting, Transaction, house_account};
use money::{Amount, CNY};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::path::Path;
use std::sync::Arc;
use testkit::{MemoryDisk, TickingClock, moment};
use types::{AccountId, BusinessDate, OrderId, TransactionId};

fn date(text: &str) -> BusinessDate {
    text.parse().expect("a date")
}

fn sides() -> [AccountId; 2] {
    [house_account("reserve_bank", CNY), house_account("house_in_reserve", CNY)]
}

fn transfer(number: u64) -> Transaction {
    let [debit, credit] = sides();
    let amount = Amount::new(number + 1).expect("small");
    Transaction {
        id: TransactionId::of(&[&number.to_be_bytes()]),
        event: 7,
        order: number.is_multiple_of(2).then(|| OrderId::of(&[&number.to_be_bytes()])),
        reference: 0,
        date: None,
        action: Action::Post,
        postings: vec![Posting::exact(debit, credit, amount)],
        conditions: Vec::new(),
        corrects: None,
    }
}

/// Two dates with thirty transactions each; the second begins with the number given back.
fn book() -> (Bookkeeper, u64) {
    let text = include_str!("../../../../books/chart.toml");
    let chart = Chart::parse(text, "chart.toml").expect("the house's own chart");
    let index = IndexOptions { fresh_entries: 20, background: false, ..IndexOptions::new(0) };
    let storage = Storage { files: MemoryDisk::new().files(), index, ..Storage::default() };
    let storage = Storage { segment_bytes: 64 << 10, ..storage };
    let config = Config { dir: "/book".into(), open_date: date("2026-10-12") };
    let clock = Arc::new(TickingClock::new(moment("2026-10-12T08:00:00+08:00"), 1));
    let book = Bookkeeper::open_on(storage, config, chart, clock).expect("open");
    let post = |numbers: std::ops::Range<u64>| {
        for number in numbers {
            book.post_blocking(transfer(number)).expect("posted");
        }
    };
    post(0..30);
    let (closing, opening) = (date("2026-10-12"), date("2026-10-13"));
    let cut = Command::CutDay { closing, opening };
    let seq = book.submit_blocking(vec![cut]).expect("cut")[0].receipt().expect("cut").seq;
    post(30..60);
    (book, seq + 1)
}

fn read(path: &Path) -> Vec<RecordBatch> {
    let file = std::fs::File::open(path).expect("there");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    assert_eq!(reader.schema().fields(), export::schema().fields());
    reader.build().expect("reader").collect::<Result<_, _>>().expect("rows")
}

fn numbers(batches: &[RecordBatch]) -> Vec<u64> {
    let column = |b: &RecordBatch| b["seq"].as_primitive::<UInt64Type>().values().to_vec();
    batches.iter().flat_map(column).collect()
}

#[test]
fn every_posting_is_there_with_its_amount_and_balances() {
    let (book, second) = book();
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("all.parquet");
    let exported = export::ledger(&book, Range::default(), &path).expect("exported");
    assert_eq!(exported, Exported { transactions: 60, rows: 60 });
    let batches = read(&path);
    let views = book.transactions(None, 100).expect("read");
    assert_eq!(numbers(&batches), views.iter().map(|view| view.seq).collect::<Vec<_>>());
    let all = arrow::compute::concat_batches(&export::schema(), &batches).expect("one");
    let mut balance = 0;
    for (row, view) in views.iter().enumerate() {
        let amount = all["amount_minor"].as_primitive::<Int64Type>().value(row);
        assert_eq!(amount, i64::try_from(row).expect("small") + 1);
        balance += i128::from(amount);
        let decimal = |name: &str| all[name].as_primitive::<Decimal128Type>().value(row);
        assert_eq!(decimal("debit_balance_minor"), balance);
        assert_eq!(decimal("credit_balance_minor"), view.moves[0].credit_balance);
        let text = |name: &str| all[name].as_string::<i32>().value(row).to_owned();
        assert_eq!(text("transaction_id"), view.transaction.id.to_string());
        assert_eq!(text("debit_account_id"), sides()[0].to_string());
        assert_eq!(all["order_id"].is_null(row), row % 2 == 1);
        let day = all["date"].as_primitive::<Date32Type>().value(row);
        let expected = if view.seq < second { "2026-10-12" } else { "2026-10-13" };
        assert_eq!(day, date(expected).days());
    }
    assert_eq!(std::fs::read_dir(dir.path()).expect("there").count(), 1, "nothing is left over");
}

#[test]
fn a_range_is_what_it_says() {
    let (book, second) = book();
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("part.parquet");
    let (first, last) = (second - 31, book.seq());
    let (monday, tuesday) = (Bound::Date(date("2026-10-12")), Bound::Date(date("2026-10-13")));
    let cases: [(Option<Bound>, Option<Bound>, std::ops::RangeInclusive<u64>); 7] = [
        (None, Some(monday), first..=second - 2),
        (Some(monday), Some(monday), first..=second - 2),
        (Some(tuesday), None, second..=last),
        (Some(tuesday), Some(Bound::Date(date("2027-01-01"))), second..=last),
        (Some(Bound::Seq(second + 3)), Some(Bound::Seq(second + 5)), second + 3..=second + 5),
        (Some(tuesday), Some(Bound::Seq(second)), second..=second),
        (Some(Bound::Seq(last)), Some(Bound::Seq(u64::MAX)), last..=last),
    ];
    for (from, to, expected) in cases {
        let exported = export::ledger(&book, Range { from, to }, &path).expect("exported");
        let expected: Vec<u64> = expected.collect();
        assert_eq!(numbers(&read(&path)), expected, "{from:?} to {to:?}");
        assert_eq!(exported.rows, expected.len() as u64);
    }
    let later = Some(Bound::Date(date("2027-01-01")));
    let none = export::ledger(&book, Range { from: later, to: None }, &path).expect("exported");
    assert_eq!((none.rows, read(&path).len()), (0, 0), "a file without rows");
}

#[test]
fn a_range_that_ends_before_it_begins_and_a_place_that_is_none_are_refused() {
    let (book, _) = book();
    let dir = tempfile::tempdir().expect("a folder");
    let range = Range { from: Some(Bound::Seq(9)), to: Some(Bound::Seq(8)) };
    let path = dir.path().join("none.parquet");
    let error = export::ledger(&book, range, &path).expect_err("refused");
    assert_eq!(error.code(), "export_range_invalid");
    let nowhere = dir.path().join("no folder").join("file.parquet");
    let error = export::ledger(&book, Range::default(), &nowhere).expect_err("refused");
    assert!(matches!(error, Error::File { .. }), "{error}");
    assert!(std::fs::read_dir(dir.path()).expect("there").next().is_none());
}
