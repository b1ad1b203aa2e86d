//! Friday to Monday: each date is cut at its midnight, all are settled on Monday.

use super::{all_done, friday, pass, step, trade, withdrawable, world};
use dayend::{Step, StepState};

#[tokio::test]
async fn a_weekend_is_cut_day_by_day_and_settled_on_monday() {
    let world = world().await;
    let house = world.open().await;
    let merchant = house.merchant(&world, false).await;
    let (friday, saturday) = (friday(), friday().next());
    let (sunday, monday) = (saturday.next(), saturday.next().next());
    trade(&world, &house, merchant).await;
    pass(&world, &house, 12).await;
    assert_eq!(house.book.open_date(), saturday);
    house.end_channels_day(friday).await;
    trade(&world, &house, merchant).await;
    pass(&world, &house, 24).await;
    house.end_channels_day(saturday).await;
    pass(&world, &house, 24).await;
    house.end_channels_day(sunday).await;
    assert_eq!(house.book.open_date(), monday);
    let treated = step(&house, friday, Step::TreatBreaks, "card").await;
    assert_eq!(treated.state, StepState::Done);
    assert_eq!(withdrawable(&house, merchant), 0, "nothing is settled at a weekend");
    pass(&world, &house, 11).await;
    for date in [friday, saturday, sunday] {
        all_done(&house, date).await;
        let settled = step(&house, date, Step::SettleMerchants, "").await.finished_at;
        assert_eq!(settled.expect("done").to_string(), "2026-10-19T10:00:00.000+08:00");
        for run in house.recon.runs(Some(date), 0).await.expect("read") {
            assert_eq!(run.sheet.breaks(), 0, "{run:?}");
        }
    }
    assert_eq!(house.day_end.unfinished().await.expect("read"), [monday]);
    let got = withdrawable(&house, merchant);
    assert!((97_000..98_000).contains(&got), "98,000 fen less fees: {got}");
    house.prove().await;
    // Asked again, and opened again, nothing is left to do.
    let hash = house.book.state_hash();
    house.close().await;
    let house = world.open().await;
    pass(&world, &house, 1).await;
    assert_eq!(house.book.state_hash(), hash);
}
