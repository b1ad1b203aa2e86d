//! Every planted difference is in the file, once, and the sums follow the file.

use crate::support::{bill, close, config, day, detail, fen, fill, minor, pay, play, refund};
use crate::support::{statement, succeeded};
use channels::Differences;
use simulators::SimulatorKind;
use std::collections::{BTreeMap, BTreeSet};

const ASKED: Differences = Differences {
    missing_at_us: 5,
    missing_at_channel: 4,
    amount: 3,
    fee: 6,
    status: 2,
    duplicate: 7,
};

/// One row as both layouts tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    status: String,
    amount: i64,
    fee: i64,
}

/// Rows by our number; refunds apart.
fn tell(kind: SimulatorKind, bytes: &[u8]) -> BTreeMap<String, Vec<Told>> {
    let mut told: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    let rows = match kind {
        SimulatorKind::Card => bill(bytes)
            .0
            .into_iter()
            .map(|row| {
                let told =
                    Told { status: row[9].clone(), amount: minor(&row[24]), fee: minor(&row[22]) };
                (row[6].clone(), told)
            })
            .collect::<Vec<_>>(),
        SimulatorKind::Wallet => detail(bytes)
            .0
            .into_iter()
            .map(|row| {
                let told =
                    Told { status: row[2].clone(), amount: minor(&row[11]), fee: -minor(&row[22]) };
                (row[1].clone(), told)
            })
            .collect(),
    };
    for (no, row) in rows {
        if row.status != "REFUND" && row.status != "退款" {
            told.entry(no).or_default().push(row);
        }
    }
    told
}

/// What a reader of the file finds, class by class, against what we know of the day.
fn find(kind: SimulatorKind, bytes: &[u8], ours: &BTreeMap<String, (i64, i64)>) -> Differences {
    let told = tell(kind, bytes);
    let mut found = Differences::default();
    for (no, (amount, fee)) in ours {
        match told.get(no).map(Vec::as_slice) {
            None => found.missing_at_channel += 1,
            Some([row]) if row.status == "REVOKED" || row.status == "关闭" => {
                assert_eq!((row.amount, row.fee), (*amount, 0));
                found.status += 1;
            }
            Some([row]) => {
                assert!(row.amount > 0 && row.fee >= 0);
                let (other_amount, other_fee) = (row.amount != *amount, row.fee != *fee);
                assert!(!(other_amount && other_fee), "one difference a trade: {no}");
                found.amount += u32::from(other_amount);
                found.fee += u32::from(other_fee);
            }
            Some(rows) => {
                assert!(rows.len() == 2 && rows[0] == rows[1], "{no}: {rows:?}");
                found.duplicate += 1;
            }
        }
    }
    let known: BTreeSet<_> = ours.keys().collect();
    let extra = told.keys().filter(|no| !known.contains(no));
    found.missing_at_us = u32::try_from(extra.count()).expect("few");
    found
}

#[tokio::test]
async fn what_is_planted_is_found_and_nothing_else() {
    for kind in [SimulatorKind::Card, SimulatorKind::Wallet] {
        let dir = tempfile::tempdir().expect("dir");
        let config = config(kind, dir.path());
        let cost = config.cost;
        let played = play(config).await;
        fill(&played.channel, 200).await;
        for n in 0..20 {
            let request = refund(&format!("R{n}"), &format!("P{n:04}"), 50, "20:00:00");
            succeeded(&played.channel.refund(&request).await);
        }
        let planted = close(&played.channel, ASKED).await;
        assert_eq!(planted, ASKED, "{kind:?}");
        let ours = (0..200u64)
            .map(|n| {
                let amount = fen(100 + n * 37);
                let fee = cost.fee(amount).expect("fee").signed();
                (format!("P{n:04}"), (amount.signed(), fee))
            })
            .collect();
        let bytes = statement(&played.channel).await;
        assert_eq!(find(kind, &bytes, &ours), ASKED, "{kind:?}");
        let refunded: Vec<String> = (0..20).map(|n| format!("P{n:04}")).collect();
        let told = tell(kind, &bytes);
        assert!(refunded.iter().all(|no| told[no].len() == 1), "refunded trades are left alone");
        assert_eq!(bytes, statement(&played.channel).await, "written once");
    }
}

#[tokio::test]
async fn trailers_and_settlements_follow_the_rows() {
    for kind in [SimulatorKind::Card, SimulatorKind::Wallet] {
        let dir = tempfile::tempdir().expect("dir");
        let played = play(config(kind, dir.path())).await;
        fill(&played.channel, 80).await;
        for n in 0..15 {
            let no = format!("R{n}");
            succeeded(
                &played.channel.refund(&refund(&no, &format!("P{n:04}"), 33, "20:00:00")).await,
            );
        }
        close(&played.channel, ASKED).await;
        let bytes = statement(&played.channel).await;
        let settlement = played.channel.settlement(day()).await.expect("settlement");
        let (gross, refunds, fees) = match kind {
            SimulatorKind::Card => bill_sums(&bytes),
            SimulatorKind::Wallet => detail_sums(&bytes),
        };
        assert_eq!(settlement.gross_minor.signed(), gross);
        assert_eq!(settlement.refunds_minor.signed(), refunds);
        assert_eq!(settlement.fee_minor, fees);
        assert_eq!(settlement.net_minor, gross - refunds - fees);
    }
}

/// Checks a bill's trailer; gives gross, refunds and fees.
fn bill_sums(bytes: &[u8]) -> (i64, i64, i64) {
    let (rows, trailer) = bill(bytes);
    let sum = |column: usize| rows.iter().map(|row| minor(&row[column])).sum::<i64>();
    assert_eq!(trailer[0], rows.len().to_string());
    for (place, column) in [(1, 12), (2, 16), (3, 17), (4, 22), (5, 24), (6, 25)] {
        assert_eq!(minor(&trailer[place]), sum(column), "trailer cell {place}");
    }
    assert!(rows.iter().all(|row| row[22].split_once('.').is_some_and(|(_, f)| f.len() == 5)));
    assert!(sum(24) > sum(12), "revoked orders keep their amount and settle nothing");
    (sum(12), sum(16), sum(22))
}

/// Checks a detail's closing lines; gives gross, refunds and fees.
fn detail_sums(bytes: &[u8]) -> (i64, i64, i64) {
    let (rows, closing) = detail(bytes);
    let of = |kind: &str| rows.iter().filter(|row| row[2] == kind).collect::<Vec<_>>();
    let sum = |rows: &[&Vec<String>], column: usize| {
        rows.iter().map(|row| minor(&row[column])).sum::<i64>()
    };
    let (paid, refunds) = (of("交易"), of("退款"));
    let text = money::format_minor(sum(&paid, 12), 2);
    assert_eq!(
        closing[0],
        format!("#交易合计：{}笔，商家实收共{text}元，商家优惠共0.00元", paid.len())
    );
    let text = money::format_minor(sum(&refunds, 12), 2);
    assert_eq!(
        closing[1],
        format!("#退款合计：{}笔，商家实收退款共{text}元，商家优惠退款共0.00元", refunds.len())
    );
    let fees: i64 = rows.iter().map(|row| -minor(&row[22])).sum();
    (sum(&paid, 12), -sum(&refunds, 12), fees)
}

#[tokio::test]
async fn the_order_of_arrival_changes_nothing() {
    let mut files = Vec::new();
    for backwards in [false, true] {
        let dir = tempfile::tempdir().expect("dir");
        let played = play(config(SimulatorKind::Card, dir.path())).await;
        let mut numbers: Vec<u64> = (0..60).collect();
        if backwards {
            numbers.reverse();
        }
        for n in numbers {
            // Many of one second.
            let time = format!("09:00:{:02}", n / 10);
            succeeded(&played.channel.pay(&pay(&format!("P{n:04}"), 100 + n, &time)).await);
        }
        close(&played.channel, ASKED).await;
        files.push(statement(&played.channel).await);
    }
    assert!(files[0] == files[1]);
}

#[tokio::test]
async fn a_small_day_gets_what_it_can_hold() {
    let dir = tempfile::tempdir().expect("dir");
    let played = play(config(SimulatorKind::Card, dir.path())).await;
    fill(&played.channel, 5).await;
    let planted = close(&played.channel, ASKED).await;
    let expected = Differences {
        missing_at_us: 5,
        missing_at_channel: 4,
        amount: 1,
        ..Differences::default()
    };
    assert_eq!(planted, expected);
}
