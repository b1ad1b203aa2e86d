//! After the treatment and the channel's payment nothing is left in transit, whatever the breaks.

use crate::day::{Trade, pay, refund};
use crate::house::{House, now};
use recon::{BreakState, Remedy};

/// What a case leaves on the house's accounts: (long suspense, claims, cost's correction).
type Left = (i128, i128);

/// Runs, treats, settles; asserts that the channel's account and its cost are closed and that the
/// book proves itself; returns what waits to be explained.
async fn close_the_day(ours: &[Trade], theirs: &[Trade]) -> (Left, Vec<Remedy>) {
    let house = House::new().await;
    house.book_orders(ours).await;
    let report = house.run(ours, theirs).await.expect("run");
    let treatment = house.recon.treat(report.run, now()).await.expect("treated");
    assert_eq!(treatment.treated, report.sheet.breaks());
    let again = house.recon.treat(report.run, now()).await.expect("treated");
    assert_eq!(again, treatment, "twice posts once");
    house.settle("first", &report).await;
    assert_eq!(house.balance(House::receivable()), 0, "receivable: {report:?}");
    assert_eq!(house.role("channel_cost_payable"), 0, "cost: {report:?}");
    let proofs = house.book.prove();
    assert!(proofs.hold(), "{:?}", proofs.findings);
    let breaks = house.breaks(&report).await;
    assert!(breaks.iter().all(|b| b.state == BreakState::Treated));
    let left = (house.role("recon_long"), house.role("channel_claim"));
    (left, breaks.into_iter().map(|b| b.remedy).collect())
}

type Case = (&'static str, Vec<Trade>, Vec<Trade>, Left, Vec<Remedy>);

fn cases() -> Vec<Case> {
    use Remedy::{AdjustFee, ClaimFromChannel, CorrectRecord, RefundAgain, SupplementOrRefund};
    let p = || pay("P1", 1_000, 6);
    let r = || refund("R1", "P1", 400, 2);
    let failed = |t: Trade| t.with_status("failed");
    vec![
        ("agreement", vec![p(), r()], vec![p(), r()], (0, 0), vec![]),
        ("theirs only, payment", vec![], vec![p()], (1_000, 0), vec![SupplementOrRefund]),
        ("theirs only, refund", vec![p()], vec![p(), r()], (0, 400), vec![ClaimFromChannel]),
        ("ours only, payment", vec![p()], vec![], (0, 1_000), vec![ClaimFromChannel]),
        ("ours only, refund", vec![p(), r()], vec![p()], (400, 0), vec![RefundAgain]),
        ("more", vec![p()], vec![pay("P1", 1_003, 6)], (3, 0), vec![SupplementOrRefund]),
        ("less, and a fee", vec![p()], vec![pay("P1", 997, 9)], (0, 3), vec![ClaimFromChannel]),
        (
            "refunded more",
            vec![p(), r()],
            vec![p(), refund("R1", "P1", 405, 2)],
            (0, 5),
            vec![ClaimFromChannel],
        ),
        (
            "refunded less",
            vec![p(), r()],
            vec![p(), refund("R1", "P1", 395, 2)],
            (5, 0),
            vec![RefundAgain],
        ),
        ("dearer", vec![p()], vec![pay("P1", 1_000, 9)], (0, 0), vec![AdjustFee]),
        ("cheaper", vec![p()], vec![pay("P1", 1_000, 1)], (0, 0), vec![AdjustFee]),
        (
            "no fee given back",
            vec![p(), r()],
            vec![p(), refund("R1", "P1", 400, 0)],
            (0, 0),
            vec![AdjustFee],
        ),
        ("ours failed", vec![failed(p())], vec![p()], (1_000, 0), vec![SupplementOrRefund]),
        ("theirs failed", vec![p()], vec![failed(p())], (0, 1_000), vec![ClaimFromChannel]),
        ("twice", vec![p()], vec![p(), p()], (1_000, 0), vec![SupplementOrRefund]),
        ("refunded twice", vec![p(), r()], vec![p(), r(), r()], (0, 400), vec![ClaimFromChannel]),
        ("twice, never moved", vec![p()], vec![p(), failed(p())], (0, 0), vec![CorrectRecord]),
        ("only a refund of another day", vec![r()], vec![r()], (0, 0), vec![]),
    ]
}

#[tokio::test]
async fn every_class_closes_the_channels_account() {
    for (what, ours, theirs, left, remedies) in cases() {
        let found = close_the_day(&ours, &theirs).await;
        assert_eq!(found, (left, remedies), "{what}");
    }
}

#[tokio::test]
async fn all_of_them_on_one_day_do_too() {
    let rename = |trades: &[Trade], place: usize| -> Vec<Trade> {
        let name = |no: &String| format!("{no}-{place}");
        let named = |t: &Trade| Trade {
            no: name(&t.no),
            refund_of: t.refund_of.as_ref().map(name),
            ..t.clone()
        };
        trades.iter().map(named).collect()
    };
    let (mut ours, mut theirs, mut long, mut claims) = (vec![], vec![], 0, 0);
    for (place, case) in cases().into_iter().enumerate() {
        ours.extend(rename(&case.1, place));
        theirs.extend(rename(&case.2, place));
        long += case.3.0;
        claims += case.3.1;
    }
    assert_eq!(close_the_day(&ours, &theirs).await.0, (long, claims));
}

#[tokio::test]
async fn a_corrected_statement_undoes_what_the_wrong_one_posted() {
    let house = House::new().await;
    let ours = [pay("P1", 1_000, 6), pay("P2", 2_000, 12)];
    house.book_orders(&ours).await;
    let wrong = [pay("P1", 1_001, 9), pay("X1", 50, 0)];
    let first = house.run(&ours, &wrong).await.expect("run");
    house.recon.treat(first.run, now()).await.expect("treated");
    assert_eq!((house.role("recon_long"), house.role("channel_claim")), (51, 2_000));
    let second = house.run(&ours, &ours).await.expect("run");
    let treatment = house.recon.treat(second.run, now()).await.expect("treated");
    assert_eq!((treatment.treated, treatment.undone), (0, 3));
    let again = house.recon.treat(second.run, now()).await.expect("treated");
    assert_eq!(again.undone, 0, "twice undoes once");
    house.settle("second", &second).await;
    assert_eq!((house.role("recon_long"), house.role("channel_claim")), (0, 0));
    assert_eq!(house.balance(House::receivable()), 0);
    assert_eq!(house.role("channel_cost_payable"), 0);
    assert!(house.book.prove().hold());
    // The wrong file once more: its breaks are new ones, and are posted anew.
    let third = house.run(&ours, &wrong).await.expect("run");
    house.recon.treat(third.run, now()).await.expect("treated");
    assert_eq!((house.role("recon_long"), house.role("channel_claim")), (51, 2_000));
}

/// A crash between the posting and the note that it was made leaves breaks that look untreated.
async fn forget_the_treatment(house: &House) {
    let forget = "UPDATE recon_break SET state = 'found', treated_at = NULL";
    let unit = house.records.write::<u64, records::Error, _>(move |txn| {
        Box::pin(records::rows::execute(txn, forget, Vec::new()))
    });
    assert_eq!(unit.await.expect("written"), 1);
}

#[tokio::test]
async fn a_crash_behind_the_posting_neither_doubles_nor_loses_it() {
    let house = House::new().await;
    let ours = [pay("P1", 1_000, 6)];
    house.book_orders(&ours).await;
    let first = house.run(&ours, &[pay("P1", 1_010, 6)]).await.expect("run");
    house.recon.treat(first.run, now()).await.expect("treated");
    forget_the_treatment(&house).await;
    house.recon.treat(first.run, now()).await.expect("treated");
    assert_eq!(house.role("recon_long"), 10, "posted once");
    forget_the_treatment(&house).await;
    let second = house.run(&ours, &ours).await.expect("run");
    let treatment = house.recon.treat(second.run, now()).await.expect("treated");
    assert_eq!((treatment.undone, house.role("recon_long")), (1, 0), "undone by the book's word");
}
